/* Numbers, times, values of properties: lib/graph/number, moment, cell, check. */
#include "graph/cell.h"
#include "graph/moment.h"
#include "graph/number.h"
#include "test.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void the_shortest_text_reads_back_as_the_same_double(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {{0.1, "0.1"},
                 {5, "5.0"},
                 {0, "0.0"},
                 {-1.5, "-1.5"},
                 {5e-324, "5e-324"},
                 {1e300, "1e+300"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {1.0 / 3, "0.3333333333333333"},
                 {1e15, "1e+15"},
                 {123456789012345680.0, "1.2345678901234568e+17"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(number_shortest(cases[i].number).text, cases[i].text);
        assert_true(strtod(cases[i].text, NULL) == cases[i].number);
    }
    static const double all[] = {DBL_MAX,     DBL_MIN, -DBL_MAX,
                                 DBL_EPSILON, 4.35,    2.2250738585072011e-308};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_true(strtod(number_shortest(all[i]).text, NULL) == all[i]);
}

static void the_shortest_text_of_a_float32_is_as_short_as_a_float32_needs(void **state)
{
    (void)state;
    assert_string_equal(number_shortest_f32(0.1f).text, "0.1");
    assert_string_equal(number_shortest_f32(16777216.0f).text, "16777216.0");
    assert_string_equal(number_shortest_f32(1e-45f).text, "1e-45");
    assert_string_equal(number_shortest_f32(FLT_MAX).text, "3.4028235e+38");
    uint32_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        float value;
        memcpy(&value, &seed, sizeof value);
        if (value - value != 0)
            continue; /* not finite */
        assert_true(strtof(number_shortest_f32(value).text, NULL) == value);
    }
}

static void only_days_that_exist_are_dates(void **state)
{
    (void)state;
    static const char *const good[] = {"2020-02-29", "0000-02-29", "2000-02-29", "9999-12-31",
                                       "1900-02-28"};
    static const char *const bad[] = {"2021-02-29",  "1900-02-29", "2020-13-01", "2020-00-01",
                                      "2020-01-00",  "2020-04-31", "20200101",   "2020-1-01",
                                      "2020-01-011", "",           "2020/01/01", "-020-01-01"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(moment_date_is_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(moment_date_is_valid(bad[i], strlen(bad[i])));
}

static void times_are_moved_to_utc_over_days_months_and_years(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000000Z"},
        {"2026-01-02t03:04:05.5z", "2026-01-02T03:04:05.500000000Z"},
        {"2020-01-01T00:30:00+01:00", "2019-12-31T23:30:00.000000000Z"},
        {"2020-02-28T23:30:00-01:00", "2020-02-29T00:30:00.000000000Z"},
        {"2019-02-28T23:30:00-01:00", "2019-03-01T00:30:00.000000000Z"},
        {"2020-03-01T00:00:00+23:59", "2020-02-29T00:01:00.000000000Z"},
        {"2020-12-31T23:59:59.999999999-00:01", "2021-01-01T00:00:59.999999999Z"},
        {"2020-06-30T12:00:00+00:00", "2020-06-30T12:00:00.000000000Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct moment moment;
        assert_true(moment_parse(cases[i][0], strlen(cases[i][0]), &moment));
        assert_string_equal(moment.text, cases[i][1]);
    }
}

static void what_is_no_time_of_ours_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "2020-01-01",
        "2020-01-01T00:00:00",
        "2020-01-01 00:00:00Z",
        "2020-01-01T24:00:00Z",
        "2020-01-01T00:60:00Z",
        "2020-01-01T23:59:60Z",
        "2020-01-01T00:00:00.Z",
        "2020-01-01T00:00:00.1234567890Z",
        "2020-01-01T00:00:00.123",
        "2020-01-01T00:00:00+0100",
        "2020-01-01T00:00:00+24:00",
        "2020-01-01T00:00:00+01:60",
        "2020-01-01T00:00:00+1:000",
        "2020-01-01T00:00:00ZZ",
        "2020-02-30T00:00:00Z",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2020-01-01Txx:00:00Z",
        "2020-01-01T00-00:00Z",
        "2020-01-01T00:00-00Z",
    };
    struct moment moment;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(moment_parse(bad[i], strlen(bad[i]), &moment));
}

static void the_short_form_keeps_only_the_fraction_it_needs(void **state)
{
    (void)state;
    assert_int_equal(moment_short_len("2026-01-02T03:04:05.000000000Z", 30), 19);
    assert_int_equal(moment_short_len("2026-01-02T03:04:05.678000000Z", 30), 23);
    assert_int_equal(moment_short_len("2026-01-02T03:04:05.123456789Z", 30), 29);
    assert_int_equal(moment_short_len("2026-01-02T03:04:00Z", 20), 19);
    assert_int_equal(moment_short_len("", 0), 0);
}

/* One property x of a type; body: what follows "x: ". */
struct fixture {
    struct schema *schema;
    struct cell_rule rule;
    struct cell cell;
    struct buf why;
};

static void open_rule(struct fixture *f, const char *body)
{
    char text[512];
    int n = snprintf(text, sizeof text, "node A { x: %s }", body);
    assert_true(n > 0 && (size_t)n < sizeof text);
    struct source src = {"test", text, (size_t)n, "test"};
    struct diags diags;
    diags_init(&diags);
    *f = (struct fixture){0};
    f->schema = schema_compile(&src, &diags);
    diags_free(&diags);
    assert_non_null(f->schema);
    const struct schema_type *type = schema_find(f->schema, SCHEMA_NODE, "A");
    cell_rule_init(&f->rule, type, type->properties[0]);
}

static void close_rule(struct fixture *f)
{
    cell_rule_free(&f->rule);
    cell_free(&f->cell);
    buf_free(&f->why);
    schema_free(f->schema);
}

/* Feeds one JSON value. */
static bool take(struct fixture *f, const char *json)
{
    char line[1024];
    int n = snprintf(line, sizeof line, "{\"type\":\"A\",\"data\":{\"x\":%s}}", json);
    struct datum datum = {0};
    buf_clear(&f->why);
    assert_true(datum_parse(&datum, line, (size_t)n, &f->why));
    bool ok = cell_from_json(&f->rule, datum.tokens + datum.members[0].first,
                             datum.members[0].count, &f->cell, &f->why);
    /* The cell may point into the line. */
    if (ok && f->cell.kind == CELL_TEXT && f->cell.data != f->cell.own.data) {
        buf_clear(&f->cell.own);
        buf_append(&f->cell.own, f->cell.data, f->cell.len);
        f->cell.data = f->cell.own.data;
    }
    datum_free(&datum);
    assert_true(ok || f->why.len > 0);
    return ok;
}

static void integers_are_exact_to_their_last_digit(void **state)
{
    (void)state;
    struct fixture f;
    open_rule(&f, "I64?");
    assert_true(take(&f, "9223372036854775807"));
    assert_true(f.cell.integer == INT64_MAX);
    assert_true(take(&f, "-9223372036854775808"));
    assert_true(f.cell.integer == INT64_MIN);
    assert_true(take(&f, "9007199254740993"));
    assert_true(f.cell.integer == 9007199254740993);
    assert_true(take(&f, "5.0") && f.cell.integer == 5);
    assert_true(take(&f, "-1e3") && f.cell.integer == -1000);
    assert_true(take(&f, "1e17") && f.cell.integer == 100000000000000000);
    assert_true(take(&f, "50e-1") && f.cell.integer == 5);
    assert_true(take(&f, "0.5e1") && f.cell.integer == 5);
    assert_true(take(&f, "-0.0e99999999999999999999") && f.cell.integer == 0);
    assert_true(take(&f, "9007199254740993.0") && f.cell.integer == 9007199254740993);
    assert_true(take(&f, "-9.223372036854775808E+18") && f.cell.integer == INT64_MIN);
    assert_true(take(&f, "null") && f.cell.kind == CELL_NULL);
    static const char *const bad[] = {"9223372036854775808",
                                      "-9223372036854775809",
                                      "9.223372036854775808e18",
                                      "1.5",
                                      "5.00000000000000000001",
                                      "9007199254740991.4",
                                      "1e-1",
                                      "1e-99999999999999999999",
                                      "1e99999999999999999999",
                                      "1e300",
                                      "\"1\"",
                                      "true",
                                      "[1]",
                                      "{}",
                                      "99999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(take(&f, bad[i]));
    close_rule(&f);
}

static void each_integer_type_has_its_range(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        /* type, least, greatest, beyond */
        {"I32", "-2147483648", "2147483647", "2147483648"},
        {"I32", "-2147483648", "2147483647", "-2147483649"},
        {"U32", "0", "4294967295", "4294967296"},
        {"U32", "0", "4294967295", "-1"},
        {"U64", "0", "9223372036854775807", "9223372036854775808"},
        {"U64", "0", "9223372036854775807", "-1"},
        {"U64", "0", "9223372036854775807", "-9223372036854775809"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        open_rule(&f, cases[i][0]);
        assert_true(take(&f, cases[i][1]));
        assert_true(take(&f, cases[i][2]));
        assert_false(take(&f, cases[i][3]));
        assert_false(take(&f, "null"));
        close_rule(&f);
    }
}

static void a_range_compares_integers_as_integers(void **state)
{
    (void)state;
    struct fixture f;
    open_rule(&f, "I64 @range(x, -9007199254740993..9007199254740993)");
    assert_true(take(&f, "9007199254740993"));
    assert_false(take(&f, "9007199254740994"));
    assert_true(take(&f, "-9007199254740993"));
    assert_false(take(&f, "-9007199254740994"));
    close_rule(&f);
    open_rule(&f, "F64? @range(x, -0.5..) @range(x, ..2)");
    assert_true(take(&f, "2") && take(&f, "-0.5") && take(&f, "null"));
    assert_false(take(&f, "2.0000001"));
    assert_false(take(&f, "-0.51"));
    close_rule(&f);
    open_rule(&f, "I32 @range(x, 0.5..2.5)");
    assert_true(take(&f, "1") && take(&f, "2"));
    assert_false(take(&f, "0"));
    assert_false(take(&f, "3"));
    close_rule(&f);
}

static void a_check_is_searched_for_unless_it_is_anchored(void **state)
{
    (void)state;
    struct fixture f;
    open_rule(&f, "String? @check(x, \"b+\") @check(x, \"^.{2,3}$\")");
    assert_true(take(&f, "\"abb\"") && take(&f, "\"\\u00e9b\"") && take(&f, "null"));
    assert_false(take(&f, "\"aaa\""));
    assert_false(take(&f, "\"abbb\""));
    close_rule(&f);
}

static void a_check_that_would_run_for_ever_counts_as_failed(void **state)
{
    (void)state;
    struct fixture f;
    open_rule(&f, "String @check(x, \"^(a?){40}(a*)*(a*)*b$\")");
    assert_false(take(&f, "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""));
    close_rule(&f);
}

static void enum_words_are_taken_exactly(void **state)
{
    (void)state;
    struct fixture f;
    open_rule(&f, "enum(b, a, bc, x-1)?");
    assert_true(take(&f, "\"a\"") && take(&f, "\"b\"") && take(&f, "\"bc\"") &&
                take(&f, "\"x-1\""));
    static const char *const bad[] = {"\"\"",  "\"B\"",        "\"bcd\"", "\"c\"",
                                      "\"x\"", "\"a\\u0000\"", "1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(take(&f, bad[i]));
    close_rule(&f);
}

static void blobs_are_strict_base64(void **state)
{
    (void)state;
    struct fixture f;
    open_rule(&f, "Blob");
    assert_true(take(&f, "\"AP/+\""));
    assert_int_equal(f.cell.len, 3);
    assert_memory_equal(f.cell.data, "\x00\xff\xfe", 3);
    assert_true(take(&f, "\"\"") && f.cell.len == 0);
    assert_true(take(&f, "\"YQ==\"") && f.cell.len == 1);
    assert_true(take(&f, "\"YWE=\"") && f.cell.len == 2);
    static const char *const bad[] = {
        "\"YQ\"",    "\"YQ=\"",  "\"Y===\"", "\"====\"", "\"YQ==YQ==\"",
        "\" YQ==\"", "\"Y-_=\"", "\"YQ=a\"", "1",        "[]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(take(&f, bad[i]));
    close_rule(&f);
}

static void vectors_are_little_endian_float32_of_one_length(void **state)
{
    (void)state;
    struct fixture f;
    open_rule(&f, "Vector(2)");
    assert_true(take(&f, "[1, -2.5]"));
    assert_int_equal(f.cell.len, 8);
    assert_memory_equal(f.cell.data, "\x00\x00\x80\x3f\x00\x00\x20\xc0", 8);
    static const char *const bad[] = {"[]",      "[1]",       "[1,2,3]",  "[1,null]",
                                      "[1,[2]]", "[1,\"2\"]", "[1,1e39]", "1",
                                      "\"x\"",   "{}",        "null"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(take(&f, bad[i]));
    close_rule(&f);
}

static void a_list_is_stored_as_canonical_items(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"[I32]", "[ 1 , 2.0 ]", "[1,2]"},
        {"[Bool]", "[true,false]", "[true,false]"},
        {"[F32]", "[0.10000000149]", "[0.1]"},
        {"[F64]", "[1, 1e2, 0.1]", "[1.0,100.0,0.1]"},
        {"[String]", "[\"\\u0041\\n\", \"\"]", "[\"A\\n\",\"\"]"},
        {"[DateTime]", "[\"2020-01-01T01:00:00.50+01:00\"]", "[\"2020-01-01T00:00:00.5Z\"]"},
        {"[Date]", "[]", "[]"},
        {"[U64]", "[9223372036854775807]", "[9223372036854775807]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        open_rule(&f, cases[i][0]);
        assert_true(take(&f, cases[i][1]));
        assert_int_equal(f.cell.len, strlen(cases[i][2]));
        assert_memory_equal(f.cell.data, cases[i][2], f.cell.len);
        assert_false(take(&f, "[null]"));
        assert_false(take(&f, "[[]]"));
        assert_false(take(&f, "[{}]"));
        assert_false(take(&f, "1"));
        close_rule(&f);
    }
}

static void an_absent_value_is_allowed_only_where_null_is(void **state)
{
    (void)state;
    struct fixture f;
    open_rule(&f, "String");
    assert_false(cell_check_absent(&f.rule, &f.why));
    close_rule(&f);
    open_rule(&f, "String?");
    assert_true(cell_check_absent(&f.rule, &f.why));
    close_rule(&f);
}

/* A column that another program has filled with nonsense. */
static void a_stored_value_that_cannot_be_its_own_is_an_error(void **state)
{
    (void)state;
    struct fixture f;
    sqlite3 *db;
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT x'00', x'0000c07f', CAST(x'ff' AS TEXT)", -1, &stmt, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    yajl_gen gen = yajl_gen_alloc(NULL);
    (void)yajl_gen_config(gen, yajl_gen_validate_utf8, 1);
    open_rule(&f, "Vector(1)");
    assert_false(cell_column_to_json(&f.rule.property->type, stmt, 0, gen, &f.why));
    assert_false(cell_column_to_json(&f.rule.property->type, stmt, 1, gen, &f.why));
    close_rule(&f);
    open_rule(&f, "String");
    assert_false(cell_column_to_json(&f.rule.property->type, stmt, 2, gen, &f.why));
    close_rule(&f);
    yajl_gen_free(gen);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shortest_text_reads_back_as_the_same_double),
        cmocka_unit_test(the_shortest_text_of_a_float32_is_as_short_as_a_float32_needs),
        cmocka_unit_test(only_days_that_exist_are_dates),
        cmocka_unit_test(times_are_moved_to_utc_over_days_months_and_years),
        cmocka_unit_test(what_is_no_time_of_ours_is_refused),
        cmocka_unit_test(the_short_form_keeps_only_the_fraction_it_needs),
        cmocka_unit_test(integers_are_exact_to_their_last_digit),
        cmocka_unit_test(each_integer_type_has_its_range),
        cmocka_unit_test(a_range_compares_integers_as_integers),
        cmocka_unit_test(a_check_is_searched_for_unless_it_is_anchored),
        cmocka_unit_test(a_check_that_would_run_for_ever_counts_as_failed),
        cmocka_unit_test(enum_words_are_taken_exactly),
        cmocka_unit_test(blobs_are_strict_base64),
        cmocka_unit_test(vectors_are_little_endian_float32_of_one_length),
        cmocka_unit_test(a_list_is_stored_as_canonical_items),
        cmocka_unit_test(an_absent_value_is_allowed_only_where_null_is),
        cmocka_unit_test(a_stored_value_that_cannot_be_its_own_is_an_error),
    };
    return RUN(tests);
}
