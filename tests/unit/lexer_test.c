/* The tokens of .pg and .gq, literals, and messages that point into a source. */
#include "common/io.h"
#include "common/utf8.h"
#include "common/xalloc.h"
#include "lang/literal.h"
#include "lang/parser.h"
#include "lang/property_type.h"

/* cmocka wants these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct source source_of(const char *text)
{
    return (struct source){"t.pg", text, strlen(text), "graphs.g.schema"};
}

/* Reads one token of a text and checks that nothing but the end follows it. */
static struct token only_token(const struct source *src)
{
    struct lexer lexer;
    struct token token, end;
    lexer_init(&lexer, src);
    lexer_next(&lexer, &token);
    lexer_next(&lexer, &end);
    assert_int_equal(end.kind, TOKEN_END);
    return token;
}

/* The kinds of all tokens, one letter each. */
static char *kinds(const char *text)
{
    static const char letters[] = "E!nTa$w\"if{}()[],:.~?-^=#<l>g";
    struct source src = source_of(text);
    struct lexer lexer;
    struct token token;
    struct buf out = BUF_INIT;
    lexer_init(&lexer, &src);
    do {
        lexer_next(&lexer, &token);
        buf_putc(&out, letters[token.kind]);
    } while (token.kind != TOKEN_END);
    return buf_detach(&out);
}

static void expect_kinds(const char *text, const char *expected)
{
    char *found = kinds(text);
    assert_string_equal(found, expected);
    free(found);
}

static void tokens_are_maximal(void **state)
{
    (void)state;
    expect_kinds("nodePerson", "nE");
    expect_kinds("node Person", "nTE");
    expect_kinds("Person9_a", "TE");
    expect_kinds("_a $_ @_b", "n$aE");
    expect_kinds("@name(x)", "a(n)E");
    expect_kinds("a->b", "n^nE");
    expect_kinds("<=<>=>!==", "l<g>#=E");
    expect_kinds("{}()[],:.?-", "{}()[],:.?-E");
    expect_kinds("0..5", "i~iE");
    expect_kinds("1.5..2.5", "f~fE");
    expect_kinds("1.2.3", "f.iE");
    expect_kinds("1.", "i.E");
    expect_kinds("2nd", "inE");
    expect_kinds("...", "~.E");
    expect_kinds("--", "--E");
}

static void white_space_and_comments_separate_tokens(void **state)
{
    (void)state;
    expect_kinds("", "E");
    expect_kinds(" \t\r\n", "E");
    expect_kinds("a/**/b", "nnE");
    expect_kinds("a // b\nc", "nnE");
    expect_kinds("a // b", "nE");
    expect_kinds("/* /* */ a", "nE"); /* no nesting */
    expect_kinds("/* a */ */", "!!E");
    expect_kinds("/*/ a */ b", "nE");
    expect_kinds("a\fb", "n!nE");   /* no form feed */
    expect_kinds("\xc2\xa0", "!E"); /* nor a no-break space */
}

static void what_is_no_token_is_reported_and_passed_over(void **state)
{
    (void)state;
    expect_kinds("a ; b", "n!nE");
    expect_kinds("a ! b", "n!nE");
    expect_kinds("a / b", "n!nE");
    expect_kinds("@ a", "!nE");
    expect_kinds("@Key", "!TE");
    expect_kinds("$1", "!iE");
    expect_kinds("é", "!E");
    expect_kinds("\xff\xfe", "!!E");
}

static void an_open_comment_or_string_takes_its_line_and_then_the_file(void **state)
{
    (void)state;
    expect_kinds("/* a\nb", "!nE");
    expect_kinds("\"a\nb c", "!nnE");
    expect_kinds("/*\nb /*\nc", "!n!E");
    expect_kinds("\"a\n\\\"b\nc", "!!!E");
    expect_kinds("/*/", "!E");
}

static void integers_end_at_two_to_the_63(void **state)
{
    (void)state;
    struct source src = source_of("9223372036854775807");
    struct token token = only_token(&src);
    assert_int_equal(token.kind, TOKEN_INT);
    assert_true(token.integer == INT64_MAX);
    src = source_of("000012");
    token = only_token(&src);
    assert_int_equal(token.integer, 12);
    assert_true(token.number == 12.0);
    expect_kinds("9223372036854775808", "!E");
    expect_kinds("99999999999999999999999999", "!E");
}

static void floats_are_finite(void **state)
{
    (void)state;
    struct source src = source_of("2.50");
    struct token token = only_token(&src);
    assert_int_equal(token.kind, TOKEN_FLOAT);
    assert_true(token.number == 2.5);
    char *huge = xmalloc(403);
    memset(huge, '9', 400);
    memcpy(huge + 400, ".0", 3);
    expect_kinds(huge, "!E");
    free(huge);
}

static void strings_are_decoded(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT;
    struct source src = source_of("\"a\\\"b\\\\c\\nd\\re\\tf\ng é\"");
    struct token token = only_token(&src);
    assert_int_equal(token.kind, TOKEN_STRING);
    assert_string_equal(token_text(&token, &arena), "a\"b\\c\nd\re\tf\ng é");
    src = source_of("\"\"");
    token = only_token(&src);
    assert_string_equal(token_text(&token, &arena), "");
    src = source_of("\"\\\\\""); /* a backslash alone, and the end */
    token = only_token(&src);
    assert_string_equal(token_text(&token, &arena), "\\");
    arena_free(&arena);
}

static void a_wrong_string_is_one_bad_token_that_says_where(void **state)
{
    (void)state;
    struct source src = source_of("\"ab\\q\\z c\"");
    struct token token = only_token(&src);
    assert_int_equal(token.kind, TOKEN_BAD);
    assert_int_equal(token.failed.column, 4);
    assert_int_equal(token.at.column, 1);
    src = (struct source){"t.pg", "\"a\0b\"", 5, ""};
    token = only_token(&src);
    assert_int_equal(token.kind, TOKEN_BAD);
    assert_int_equal(token.failed.column, 3);
    src = (struct source){"t.pg", "\"a\\", 3, ""};
    token = only_token(&src);
    assert_int_equal(token.kind, TOKEN_BAD);
}

static void positions_count_characters_and_lines(void **state)
{
    (void)state;
    struct source src = source_of("é /* ü\n日 */ \"本\n語\" x");
    struct lexer lexer;
    struct token token;
    lexer_init(&lexer, &src);
    lexer_next(&lexer, &token); /* é */
    assert_int_equal(token.at.line, 1);
    assert_int_equal(token.at.column, 1);
    lexer_next(&lexer, &token); /* the string */
    assert_int_equal(token.at.line, 2);
    assert_int_equal(token.at.column, 6);
    lexer_next(&lexer, &token); /* x */
    assert_int_equal(token.at.line, 3);
    assert_int_equal(token.at.column, 4);
    assert_int_equal(src.text[token.at.offset], 'x');
}

static void a_word_is_read_where_other_tokens_stood(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word;
        enum token_kind next;
    } cases[] = {
        {"in-progress,", "in-progress", TOKEN_COMMA},
        {"-x)", "-x", TOKEN_RPAREN},
        {"2nd-3", "2nd-3", TOKEN_END},
        {"99999999999999999999", "99999999999999999999", TOKEN_END},
        {"a->b", "a-", TOKEN_GT},
        {"Upper_", "Upper_", TOKEN_END},
        {"1.5", "1", TOKEN_DOT},
    };
    struct arena arena = ARENA_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct source src = source_of(cases[i].text);
        struct lexer lexer;
        struct token token;
        lexer_init(&lexer, &src);
        lexer_next(&lexer, &token);
        lexer_word(&lexer, &token);
        assert_int_equal(token.kind, TOKEN_WORD);
        assert_string_equal(token_text(&token, &arena), cases[i].word);
        lexer_next(&lexer, &token);
        assert_int_equal(token.kind, cases[i].next);
    }
    struct source src = source_of("(a");
    struct lexer lexer;
    struct token token;
    lexer_init(&lexer, &src);
    lexer_next(&lexer, &token);
    lexer_word(&lexer, &token);
    assert_int_equal(token.kind, TOKEN_LPAREN);
    lexer_next(&lexer, &token);
    assert_int_equal(token.kind, TOKEN_NAME);
    arena_free(&arena);
}

static void tokens_compare_and_describe_themselves(void **state)
{
    (void)state;
    static const struct {
        const char *text, *described;
    } cases[] = {
        {"", "the end of the file"},
        {"node", "\"node\""},
        {"@key", "\"@key\""},
        {"$p", "\"$p\""},
        {"\"s\"", "the string \"s\""},
        {"->", "\"->\""},
        {"12", "\"12\""},
        {";", "\";\""},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct source src = source_of(cases[i].text);
        struct buf out = BUF_INIT;
        struct token token = only_token(&src);
        token_describe(&token, &out);
        assert_string_equal(buf_text(&out), cases[i].described);
        buf_free(&out);
    }
    struct source src = source_of("node");
    struct token token = only_token(&src);
    assert_true(token_is(&token, TOKEN_NAME, "node"));
    assert_false(token_is(&token, TOKEN_NAME, "nod"));
    assert_false(token_is(&token, TOKEN_NAME, "nodes"));
    assert_false(token_is(&token, TOKEN_TYPE, "node"));
}

/* --- messages --- */

static void expect_excerpt(const char *text, struct position at, const char *expected)
{
    struct source src = source_of(text);
    struct buf out = BUF_INIT;
    source_excerpt(&src, at, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_free(&out);
}

static void a_message_shows_the_line_with_a_caret(void **state)
{
    (void)state;
    expect_excerpt("ab\ncd ef\ngh", (struct position){2, 4, 6}, "\n    cd ef\n       ^");
    expect_excerpt("\tx y\r\nz", (struct position){1, 4, 3}, "\n    \tx y\n    \t  ^");
    expect_excerpt("日本 x", (struct position){1, 4, 7}, "\n    日本 x\n       ^");
    expect_excerpt("a\x1b[31mb", (struct position){1, 1, 0}, "\n    a?[31mb\n    ^");
    expect_excerpt("a\n", (struct position){2, 1, 2}, "\n    \n    ^");
    expect_excerpt("", (struct position){1, 1, 0}, "\n    \n    ^");
}

static void a_long_line_is_cut_to_a_window(void **state)
{
    (void)state;
    char *text = xmalloc(3001);
    for (size_t i = 0; i < 3000; i += 3)
        memcpy(text + i, "日", 3);
    text[3000] = '\0';
    struct source src = source_of(text);
    struct buf out = BUF_INIT;
    source_excerpt(&src, (struct position){1, 501, 1500}, &out);
    assert_true(out.len < 700);
    assert_true(strncmp(buf_text(&out), "\n    …日", 11) == 0);
    const char *caret_line = strrchr(buf_text(&out), '\n') + 1;
    assert_int_equal(strlen(caret_line), 4 + 1 + 100 + 1);
    assert_true(utf8_is_valid(buf_text(&out), out.len));
    buf_free(&out);
    free(text);
}

static void a_message_reads_file_line_column(void **state)
{
    (void)state;
    struct source src = source_of("a\n  b%s");
    struct diags diags;
    diags_init(&diags);
    source_error(&src, &diags, "schema_parse_error", (struct position){2, 3, 4}, "no %s", "good");
    jv diag = jv_array_get(jv_copy(diags.list), 0);
    assert_string_equal(json_peek_string(&diag, "message"),
                        "t.pg:2:3: no good\n      b%s\n      ^");
    assert_string_equal(json_peek_string(&diag, "code"), "schema_parse_error");
    assert_string_equal(json_peek_string(&diag, "path"), "graphs.g.schema");
    assert_string_equal(json_peek_string(&diag, "severity"), "error");
    assert_int_equal(diags.errors, 1);
    jv_free(diag);
    diags_free(&diags);
}

static void a_flood_of_errors_is_cut_off(void **state)
{
    (void)state;
    struct source src = source_of("x");
    struct diags diags;
    diags_init(&diags);
    struct reporter r = {&src, &diags, 0};
    for (int i = 0; i < 5000; i++)
        assert_false(report(&r, "c", (struct position){1, 1, 0}, "wrong"));
    assert_int_equal(r.errors, 5000);
    assert_int_equal(diags.errors, REPORT_MAX);
    diags_free(&diags);
}

/* --- the parser's beginning, literals --- */

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
    f.src = (struct source){"t.pg", "", (size_t)IO_MAX_SOURCE + 1, ""};
    f.src.text = xcalloc(1, f.src.len);
    assert_false(parser_begin(&f.p, &f.src, &f.arena, &f.diags, "c"));
    assert_int_equal(f.diags.errors, 1);
    free((void *)(uintptr_t)f.src.text);
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

static void an_arena_serves_every_size(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT;
    char *big = arena_alloc(&arena, 100000);
    char *first = arena_strndup(&arena, "abc", 3);
    for (size_t size = 0; size < 9000; size += 7) {
        unsigned char *block = arena_alloc(&arena, size);
        assert_int_equal((uintptr_t)block % sizeof(void *), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(block[i], 0);
        memset(block, 0xee, size);
    }
    assert_string_equal(first, "abc");
    assert_int_equal(big[99999], 0);
    assert_null(arena_copy(&arena, NULL, 0, 8));
    arena_free(&arena);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_maximal),
        cmocka_unit_test(white_space_and_comments_separate_tokens),
        cmocka_unit_test(what_is_no_token_is_reported_and_passed_over),
        cmocka_unit_test(an_open_comment_or_string_takes_its_line_and_then_the_file),
        cmocka_unit_test(integers_end_at_two_to_the_63),
        cmocka_unit_test(floats_are_finite),
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(a_wrong_string_is_one_bad_token_that_says_where),
        cmocka_unit_test(positions_count_characters_and_lines),
        cmocka_unit_test(a_word_is_read_where_other_tokens_stood),
        cmocka_unit_test(tokens_compare_and_describe_themselves),
        cmocka_unit_test(a_message_shows_the_line_with_a_caret),
        cmocka_unit_test(a_long_line_is_cut_to_a_window),
        cmocka_unit_test(a_message_reads_file_line_column),
        cmocka_unit_test(a_flood_of_errors_is_cut_off),
        cmocka_unit_test(what_is_no_text_is_refused_at_once),
        cmocka_unit_test(looking_ahead_takes_nothing),
        cmocka_unit_test(literals_are_read),
        cmocka_unit_test(what_is_no_literal_is_refused),
        cmocka_unit_test(literals_differ_by_kind_and_value),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(types_are_read_and_written),
        cmocka_unit_test(a_parameter_has_no_enum),
        cmocka_unit_test(enum_words_are_found),
        cmocka_unit_test(an_arena_serves_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
