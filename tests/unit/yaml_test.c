/* YAML as it is read: scalars, places, keys, tags, aliases, and what is malformed. */
#include "common/printable.h"
#include "common/xalloc.h"
#include "common/yaml.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static struct yaml *parse(const char *text)
{
    return yaml_parse(text, strlen(text));
}

/* The tree's one problem: its fault and place. */
static void expect_problem(const char *text, size_t len, enum yaml_fault fault, size_t line,
                           size_t column, bool tree)
{
    struct yaml *yaml = yaml_parse(text, len);
    if (yaml->n_problems != 1)
        print_error("%zu problems in: %.60s\n", yaml->n_problems, text);
    assert_int_equal(yaml->n_problems, 1);
    const struct yaml_problem *problem = &yaml->problems[0];
    if (problem->line != line || problem->column != column)
        print_error("%zu:%zu %s in: %.60s\n", problem->line, problem->column, problem->message,
                    text);
    assert_int_equal(problem->fault, fault);
    assert_int_equal(problem->line, line);
    assert_int_equal(problem->column, column);
    assert_true(strlen(problem->message) > 0);
    assert_int_equal(yaml->root != NULL, tree);
    yaml_drop(yaml);
}

static void plain_scalars_follow_the_core_schema(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        enum yaml_kind kind;
        int64_t integer;
    } cases[] = {
        {"", YAML_NULL, 0},        {"~", YAML_NULL, 0},
        {"null", YAML_NULL, 0},    {"Null", YAML_NULL, 0},
        {"NULL", YAML_NULL, 0},    {"nULL", YAML_STRING, 0},
        {"true", YAML_BOOL, 1},    {"True", YAML_BOOL, 1},
        {"TRUE", YAML_BOOL, 1},    {"false", YAML_BOOL, 0},
        {"False", YAML_BOOL, 0},   {"FALSE", YAML_BOOL, 0},
        {"yes", YAML_STRING, 0},   {"no", YAML_STRING, 0},
        {"on", YAML_STRING, 0},    {"y", YAML_STRING, 0},
        {"tRue", YAML_STRING, 0},  {"0", YAML_INT, 0},
        {"1", YAML_INT, 1},        {"-12", YAML_INT, -12},
        {"+7", YAML_INT, 7},       {"007", YAML_INT, 7},
        {"0o17", YAML_INT, 15},    {"0x1F", YAML_INT, 31},
        {"0o8", YAML_STRING, 0},   {"0x", YAML_STRING, 0},
        {"0o", YAML_STRING, 0},    {"0b1", YAML_STRING, 0},
        {"1_000", YAML_STRING, 0}, {"9223372036854775807", YAML_INT, INT64_MAX},
        {"1:30", YAML_STRING, 0},  {"9999999999999999999999", YAML_INT, INT64_MAX},
        {"1.0", YAML_FLOAT, 0},    {"-9999999999999999999999", YAML_INT, INT64_MIN},
        {".5", YAML_FLOAT, 0},     {"1.", YAML_FLOAT, 0},
        {"1e3", YAML_FLOAT, 0},    {"+1.5E-7", YAML_FLOAT, 0},
        {"1e", YAML_STRING, 0},    {".", YAML_STRING, 0},
        {"-", YAML_LIST, 0},       {"+", YAML_STRING, 0},
        {".inf", YAML_FLOAT, 0},   {"-.INF", YAML_FLOAT, 0},
        {".nan", YAML_FLOAT, 0},   {"+.nan", YAML_STRING, 0},
        {".e3", YAML_STRING, 0},   {"1.5x", YAML_STRING, 0},
        {"\"1\"", YAML_STRING, 0}, {"'true'", YAML_STRING, 0},
        {"|\n 1", YAML_STRING, 0}, {"''", YAML_STRING, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct yaml *yaml = parse(cases[i].text);
        assert_int_equal(yaml->n_problems, 0);
        assert_non_null(yaml->root);
        if (yaml->root->kind != cases[i].kind)
            print_error("%s is %s\n", cases[i].text, yaml_kind_name(yaml->root->kind));
        assert_int_equal(yaml->root->kind, cases[i].kind);
        if (cases[i].kind == YAML_INT)
            assert_true(yaml->root->integer == cases[i].integer);
        if (cases[i].kind == YAML_BOOL)
            assert_int_equal(yaml->root->boolean, cases[i].integer);
        yaml_drop(yaml);
    }
}

static void every_node_and_key_knows_its_line_and_column(void **unused)
{
    (void)unused;
    struct yaml *yaml = parse("# head\r\n"
                              "käse: [a, {b: \"x\"}]\n"
                              "second:\n"
                              "  - one\n"
                              "  - \"two\"\n");
    assert_int_equal(yaml->n_problems, 0);
    const struct yaml_pair *pair = yaml_find(yaml->root, "käse");
    assert_int_equal(pair->line, 2);
    assert_int_equal(pair->column, 1);
    assert_int_equal(pair->value->column, 7);
    const struct yaml_node *inner = yaml_get(pair->value->items[1], "b");
    assert_int_equal(inner->line, 2);
    assert_int_equal(inner->column, 15);
    const struct yaml_node *list = yaml_get(yaml->root, "second");
    assert_int_equal(list->n, 2);
    assert_int_equal(list->items[1]->line, 5);
    assert_int_equal(list->items[1]->column, 5);
    assert_string_equal(list->items[1]->text, "two");
    yaml_drop(yaml);
}

static void pairs_keep_the_files_order(void **unused)
{
    (void)unused;
    struct yaml *yaml = parse("z: 1\na: 2\nm: 3\n");
    assert_int_equal(yaml->root->n, 3);
    assert_string_equal(yaml->root->pairs[0]->key, "z");
    assert_string_equal(yaml->root->pairs[2]->key, "m");
    assert_string_equal(yaml->root->by_key[0]->key, "a");
    assert_null(yaml_find(yaml->root, "b"));
    assert_null(yaml_get(yaml->root->pairs[0]->value, "z"));
    assert_null(yaml_get(NULL, "z"));
    yaml_drop(yaml);
}

static void an_empty_document_is_null(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"", "# only a comment\n", "---\n...\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct yaml *yaml = parse(texts[i]);
        assert_int_equal(yaml->n_problems, 0);
        assert_int_equal(yaml->root->kind, YAML_NULL);
        yaml_drop(yaml);
    }
}

static void a_byte_order_mark_is_skipped(void **unused)
{
    (void)unused;
    struct yaml *yaml = parse("\xef\xbb\xbfversion: 1\n");
    assert_int_equal(yaml->n_problems, 0);
    assert_int_equal(yaml_get(yaml->root, "version")->integer, 1);
    yaml_drop(yaml);
}

static void a_key_given_twice_is_reported_with_both_lines_and_the_first_wins(void **unused)
{
    (void)unused;
    struct yaml *yaml = parse("a: 1\nb: 2\na: 3\nc: {x: 1, x: 2}\na: 4\n");
    assert_int_equal(yaml->n_problems, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(yaml->problems[i].fault, YAML_DUPLICATE_KEY);
    assert_int_equal(yaml->problems[0].line, 4); /* the inner mapping closes first */
    assert_int_equal(yaml->problems[1].line, 3);
    assert_non_null(strstr(yaml->problems[1].message, "line 1"));
    assert_non_null(strstr(yaml->problems[1].message, "line 3"));
    assert_int_equal(yaml->problems[2].line, 5);
    assert_int_equal(yaml->root->n, 3);
    assert_int_equal(yaml_get(yaml->root, "a")->integer, 1);
    assert_string_equal(yaml->root->pairs[2]->key, "c");
    yaml_drop(yaml);
}

static void a_key_that_is_no_string_is_reported_and_left_out(void **unused)
{
    (void)unused;
    static const char *const texts[] = {
        "1: x\nb: 2\n",          "null: x\nb: 2\n",   "true: x\nb: 2\n", "1.5: x\nb: 2\n",
        "? [p, q]\n: x\nb: 2\n", "? {}\n: x\nb: 2\n", "~: x\nb: 2\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct yaml *yaml = parse(texts[i]);
        assert_int_equal(yaml->n_problems, 1);
        assert_int_equal(yaml->problems[0].fault, YAML_MALFORMED);
        assert_int_equal(yaml->problems[0].line, 1);
        assert_int_equal(yaml->root->n, 1);
        assert_int_equal(yaml_get(yaml->root, "b")->integer, 2);
        yaml_drop(yaml);
    }
}

static void a_quoted_key_is_a_string(void **unused)
{
    (void)unused;
    struct yaml *yaml = parse("'1': x\n\"true\": y\n");
    assert_int_equal(yaml->n_problems, 0);
    assert_string_equal(yaml_get(yaml->root, "1")->text, "x");
    assert_string_equal(yaml_get(yaml->root, "true")->text, "y");
    yaml_drop(yaml);
}

static void tags_are_refused_wherever_they_stand(void **unused)
{
    (void)unused;
    expect_problem("a: !!str 1\n", 11, YAML_MALFORMED, 1, 4, true);
    expect_problem("a: ! 1\n", 7, YAML_MALFORMED, 1, 4, true);
    expect_problem("a: &x !foo [b]\n", 15, YAML_MALFORMED, 1, 7, true);
    expect_problem("!!map {a: 1}\n", 13, YAML_MALFORMED, 1, 1, true);
    expect_problem("%TAG ! tag:x,2000:\n---\na: 1\n", 28, YAML_MALFORMED, 1, 1, true);
    struct yaml *yaml = parse("a: \"!!str\" # !tag\nb: wow!\n");
    assert_int_equal(yaml->n_problems, 0);
    yaml_drop(yaml);
}

static void malformed_text_gives_one_problem_with_its_place(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        size_t line, column;
    } cases[] = {
        {"a: [1, 2\n", 2, 1},
        {"a: b: c\n", 1, 5},
        {"a:\n\t- b\n", 2, 1},
        {"a: 'open\n", 2, 1},
        {"a: 1\n---\nb: 2\n", 2, 1},
        {"a: *nowhere\n", 1, 4},
        {"a: &x [1, *x]\n", 1, 11},
        {"a: &x {b: {c: *x}}\n", 1, 15},
        {"a: \"x\\0y\"\n", 1, 4},
        {"a: \"\\q\"\n", 1, 5},
        {"a: x\x01y\n", 1, 5},
        {"a: x\x7fy\n", 1, 5},
        {"# \xe2\x80\xa8hidden: 1\n", 1, 3},
        {"a: \xc2\x85\n", 1, 4},
        {"a: 1\n \xef\xbb\xbf\n", 2, 2},
        {"@\n", 1, 1},
        {"%YAML 3.0\n---\na: 1\n", 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_problem(cases[i].text, strlen(cases[i].text), YAML_MALFORMED, cases[i].line,
                       cases[i].column, false);
}

static void a_nul_byte_is_refused(void **unused)
{
    (void)unused;
    expect_problem("ab: 1\ncd\0: 2\n", 13, YAML_MALFORMED, 2, 3, false);
}

static void what_is_not_utf8_is_told_apart(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"a: 1\nb: \xff\n", "a: 1\nb: \xc0\xaf\n",
                                        "a: 1\nb: \xed\xa0\x80\n", "a: 1\nb: \xe4\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_problem(texts[i], strlen(texts[i]), YAML_NOT_UTF8, 2, 4, false);
    expect_problem("\xff\xfe"
                   "a\0:\0",
                   6, YAML_NOT_UTF8, 1, 1, false); /* UTF-16 */
}

static void aliases_repeat_what_their_anchor_names(void **unused)
{
    (void)unused;
    struct yaml *yaml = parse("base: &b [x, &n name]\n"
                              "again: *b\n"
                              "map: {*n : 1}\n"
                              "n: &b other\n"
                              "last: *b\n");
    assert_int_equal(yaml->n_problems, 0);
    const struct yaml_node *again = yaml_get(yaml->root, "again");
    assert_int_equal(again->kind, YAML_LIST);
    assert_int_equal(again->line, 2);
    assert_int_equal(again->column, 8);
    assert_string_equal(again->items[0]->text, "x");
    assert_int_equal(yaml_get(yaml_get(yaml->root, "map"), "name")->integer, 1);
    assert_string_equal(yaml_get(yaml->root, "last")->text, "other");
    yaml_drop(yaml);
}

static void a_merge_key_is_a_key_like_any_other(void **unused)
{
    (void)unused;
    struct yaml *yaml = parse("base: &b {x: 1}\nuse: {<<: *b}\n");
    assert_int_equal(yaml->n_problems, 0);
    const struct yaml_node *use = yaml_get(yaml->root, "use");
    assert_int_equal(use->n, 1);
    assert_string_equal(use->pairs[0]->key, "<<");
    yaml_drop(yaml);
}

static void an_unknown_key_is_answered_with_the_nearest_and_the_allowed(void **unused)
{
    (void)unused;
    static const char *const allowed[] = {"schema", "queries", NULL};
    char *text = yaml_unknown_key("shema", allowed);
    assert_non_null(strstr(text, "'shema'"));
    assert_non_null(strstr(text, "did you mean 'schema'"));
    assert_non_null(strstr(text, "schema, queries"));
    free(text);
    text = yaml_unknown_key("zzz", allowed);
    assert_null(strstr(text, "did you mean"));
    free(text);
}

static void printable_text_has_no_control_characters_and_an_end(void **unused)
{
    (void)unused;
    char *text = printable("a\nb\tc\rd\x1b[0m\x7f\xff\xc2\x9bü");
    assert_string_equal(text, "a\\nb\\tc\\rd\\x1b[0m\\x7f\\xff\\xc2\\x9bü");
    free(text);
    char *long_text = xmalloc(10001);
    memset(long_text, 'x', 10000);
    long_text[10000] = '\0';
    text = printable(long_text);
    assert_true(strlen(text) < 200);
    free(text);
    free(long_text);
    text = printable("");
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_scalars_follow_the_core_schema),
        cmocka_unit_test(every_node_and_key_knows_its_line_and_column),
        cmocka_unit_test(pairs_keep_the_files_order),
        cmocka_unit_test(an_empty_document_is_null),
        cmocka_unit_test(a_byte_order_mark_is_skipped),
        cmocka_unit_test(a_key_given_twice_is_reported_with_both_lines_and_the_first_wins),
        cmocka_unit_test(a_key_that_is_no_string_is_reported_and_left_out),
        cmocka_unit_test(a_quoted_key_is_a_string),
        cmocka_unit_test(tags_are_refused_wherever_they_stand),
        cmocka_unit_test(malformed_text_gives_one_problem_with_its_place),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(what_is_not_utf8_is_told_apart),
        cmocka_unit_test(aliases_repeat_what_their_anchor_names),
        cmocka_unit_test(a_merge_key_is_a_key_like_any_other),
        cmocka_unit_test(an_unknown_key_is_answered_with_the_nearest_and_the_allowed),
        cmocka_unit_test(printable_text_has_no_control_characters_and_an_end),
    };
    return RUN(tests);
}
