/* What the parsers of both languages share: beginning, looking ahead, literals, types. */
#include "common/io.h"
#include "common/xalloc.h"
#include "lang/literal.h"
#include "lang/property_type.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static struct source source_of(const char *text)
{
    return (struct source){"t.pg", text, strlen(text), "graphs.g.schema"};
}

struct fixture {
    struct arena arena;
    struct diags diags;
    struct source src;
    struct parser p;
};

static bool begin(struct fixture *f, const char *text)
{
    f->arena = (struct arena)ARENA_INIT;
    diags_init(&f->diags);
    f->src = source_of(text);
    return parser_begin(&f->p, &f->src, &f->arena, &f->diags, "schema_parse_error");
}

static void end(struct fixture *f)
{
    arena_free(&f->arena);
    diags_free(&f->diags);
}

static void what_is_no_text_is_refused_at_once(void **state)
{
    (void)state;
    struct fixture f;
    assert_false(begin(&f, "\xef\xbb\xbfnode"));
    assert_int_equal(f.diags.errors, 1);
    end(&f);
    assert_false(begin(&f, "ab\né \xc0"));
    jv diag = jv_array_get(jv_copy(f.diags.list), 0);
    assert_ptr_not_equal(strstr(json_peek_string(&diag, "message"), "t.pg:2:3: "), NULL);
    jv_free(diag);
    end(&f);
    /* Too large: refused before a byte is looked at. */
    f.arena = (struct arena)ARENA_INIT;
    diags_init(&f.diags);
    char *large = xcalloc(1, (size_t)IO_MAX_SOURCE + 1);
    f.src = (struct source){"t.pg", large, (size_t)IO_MAX_SOURCE + 1, ""};
    assert_false(parser_begin(&f.p, &f.src, &f.arena, &f.diags, "c"));
    assert_int_equal(f.diags.errors, 1);
    free(large);
    end(&f);
}

static void looking_ahead_takes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    assert_true(begin(&f, "a B \"c\" 4"));
    assert_int_equal(parser_peek(&f.p, 0).kind, TOKEN_NAME);
    assert_int_equal(parser_peek(&f.p, 1).kind, TOKEN_TYPE);
    assert_int_equal(parser_peek(&f.p, 3).kind, TOKEN_INT);
    assert_int_equal(parser_peek(&f.p, 9).kind, TOKEN_END);
    assert_true(parser_accept_name(&f.p, "a"));
    assert_false(parser_accept_name(&f.p, "B"));
    assert_false(parser_accept(&f.p, TOKEN_INT));
    assert_true(parser_accept(&f.p, TOKEN_TYPE));
    assert_int_equal(f.diags.errors, 0);
    end(&f);
}

static bool reads_literal(const char *text, struct literal *out, struct fixture *f)
{
    assert_true(begin(f, text));
    return literal_parse(&f->p, out) && f->p.token.kind == TOKEN_END;
}

static void literals_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum literal_kind kind;
    } cases[] = {
        {"null", LITERAL_NULL},
        {"true", LITERAL_BOOL},
        {"false", LITERAL_BOOL},
        {"12", LITERAL_INT},
        {"1.5", LITERAL_FLOAT},
        {"\"x\"", LITERAL_STRING},
        {"date(\"2024-02-29\")", LITERAL_DATE},
        {"datetime(\"2026-01-02T03:04:05.5+02:00\")", LITERAL_DATETIME},
        {"[]", LITERAL_LIST},
        {"[1, [\"a\", null], date(\"2026-01-01\")]", LITERAL_LIST},
    };
    struct fixture f;
    struct literal value;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(reads_literal(cases[i].text, &value, &f));
        assert_int_equal(value.kind, cases[i].kind);
        assert_true(literal_equal(&value, &value));
        assert_int_equal(f.p.depth, 0);
        end(&f);
    }
    assert_true(reads_literal("[1, [true]]", &value, &f));
    assert_int_equal(value.count, 2);
    assert_int_equal(value.items[0].integer, 1);
    assert_true(value.items[1].items[0].boolean);
    end(&f);
}

static void what_is_no_literal_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "x",
        "-1",
        "date",
        "date(1)",
        "date(\"2026-02-30\")",
        "date(\"2026-2-03\")",
        "date(\"2026-01-01T\")",
        "date(\"2026-01-01\"",
        "datetime(\"2026-01-01\")",
        "datetime(\"now\")",
        "[1,]",
        "[1 2]",
        "[",
        "[;]",
        "date(\"2026x01-01\")",
        "date(\"2026-01-01Z\")",
        "date(\"2026-1-001\")",
        "\"\\x\"",
    };
    struct fixture f;
    struct literal value;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_false(reads_literal(cases[i], &value, &f));
        assert_int_equal(f.diags.errors, 1);
        end(&f);
    }
}

static void literals_differ_by_kind_and_value(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "null",
        "true",
        "false",
        "1",
        "2",
        "1.0",
        "\"1\"",
        "\"2\"",
        "date(\"2026-01-01\")",
        "datetime(\"2026-01-01T00:00:00Z\")",
        "[]",
        "[1]",
        "[2]",
        "[1, 1]",
    };
    enum { N = sizeof cases / sizeof cases[0] };
    struct fixture f[N];
    struct literal values[N];
    for (size_t i = 0; i < N; i++)
        assert_true(reads_literal(cases[i], &values[i], &f[i]));
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            assert_int_equal(literal_equal(&values[i], &values[j]), i == j);
    for (size_t i = 0; i < N; i++)
        end(&f[i]);
}

/* n brackets around nothing */
static char *brackets(size_t n)
{
    char *text = xmalloc(2 * n + 1);
    memset(text, '[', n);
    memset(text + n, ']', n);
    text[2 * n] = '\0';
    return text;
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    struct fixture f;
    struct literal value;
    char *text = brackets(PARSER_MAX_DEPTH);
    assert_true(reads_literal(text, &value, &f));
    end(&f);
    free(text);
    text = brackets(PARSER_MAX_DEPTH + 1);
    assert_false(reads_literal(text, &value, &f));
    assert_int_equal(f.diags.errors, 1);
    end(&f);
    free(text);
    struct buf call = BUF_INIT;
    for (int i = 0; i < PARSER_MAX_DEPTH; i++)
        buf_putc(&call, '[');
    buf_puts(&call, "date(\"2026-01-01\")");
    text = buf_detach(&call);
    assert_false(reads_literal(text, &value, &f)); /* a call counts one too */
    assert_int_equal(f.diags.errors, 1);
    end(&f);
    free(text);
    text = brackets(100000);
    assert_false(reads_literal(text, &value, &f));
    assert_int_equal(f.diags.errors, 1);
    end(&f);
    free(text);
}

static void types_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"String",
         "{\"enum_values\":null,\"list\":false,\"nullable\":false,\"scalar\":\"String\"}"},
        {"DateTime?",
         "{\"enum_values\":null,\"list\":false,\"nullable\":true,\"scalar\":\"DateTime\"}"},
        {"[U64]?", "{\"enum_values\":null,\"list\":true,\"nullable\":true,\"scalar\":\"U64\"}"},
        {"Vector(2147483647)", "{\"enum_values\":null,\"list\":false,\"nullable\":false,"
                               "\"scalar\":{\"Vector\":2147483647}}"},
        {"enum(to-do, 2nd, Done)", "{\"enum_values\":[\"2nd\",\"Done\",\"to-do\"],\"list\":false,"
                                   "\"nullable\":false,\"scalar\":\"String\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;
        struct property_type type;
        struct buf json = BUF_INIT;
        assert_true(begin(&f, cases[i].text));
        assert_true(property_type_parse(&f.p, true, &type));
        assert_int_equal(f.p.token.kind, TOKEN_END);
        char *text = property_type_text(&type);
        assert_string_equal(text, cases[i].text);
        free(text);
        jv value = property_type_json(&type);
        json_write_canonical(&value, &json);
        assert_string_equal(buf_text(&json), cases[i].json);
        jv_free(value);
        buf_free(&json);
        end(&f);
    }
}

static void a_parameter_has_no_enum(void **state)
{
    (void)state;
    struct fixture f;
    struct property_type type;
    assert_true(begin(&f, "enum(a)"));
    assert_false(property_type_parse(&f.p, false, &type));
    assert_int_equal(f.diags.errors, 1);
    end(&f);
}

static void enum_words_are_found(void **state)
{
    (void)state;
    struct fixture f;
    struct property_type type;
    assert_true(begin(&f, "enum(b, a, c-d)"));
    assert_true(property_type_parse(&f.p, true, &type));
    assert_true(property_type_has_word(&type, "a"));
    assert_true(property_type_has_word(&type, "c-d"));
    assert_false(property_type_has_word(&type, "c"));
    assert_string_equal(type.words[0], "b");
    end(&f);
    assert_true(begin(&f, "String"));
    assert_true(property_type_parse(&f.p, true, &type));
    assert_false(property_type_has_word(&type, "a"));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_text_is_refused_at_once),
        cmocka_unit_test(looking_ahead_takes_nothing),
        cmocka_unit_test(literals_are_read),
        cmocka_unit_test(what_is_no_literal_is_refused),
        cmocka_unit_test(literals_differ_by_kind_and_value),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(types_are_read_and_written),
        cmocka_unit_test(a_parameter_has_no_enum),
        cmocka_unit_test(enum_words_are_found),
    };
    return RUN(tests);
}
