/* The tokens of .pg and .gq, and messages that point into a source. */
#include "common/utf8.h"
#include "common/xalloc.h"
#include "lang/lexer.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

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
        cmocka_unit_test(an_arena_serves_every_size),
    };
    return RUN(tests);
}
