/* The parser of .gq: what is refused, where, and going on after it; bounds. */
#include "query_expect.h"

/* Has the text exactly the errors that are marked? Says what differs. */
static bool has_errors(const char *marked)
{
    struct gq_place places[GQ_MAX_PLACES];
    size_t count;
    struct diags diags;
    char *text = gq_unmark(marked, places, &count);
    struct query_file *file = parse(text, &diags);
    char *expected = gq_expected("- - - - - - - -", places, count), *found = gq_found(&diags);
    bool same = strcmp(expected, found) == 0 && file->errors == count;
    if (!same)
        print_error("%s\nexpected errors at\n%sfound\n%s\n", marked, expected, found);
    for (int i = 0; same && i < (int)count; i++) {
        jv diag = jv_array_get(jv_copy(diags.list), i);
        same = json_string_is(&diag, "code", "query_parse_error") &&
               json_string_is(&diag, "path", "graphs.g.queries");
        jv_free(diag);
    }
    query_file_free(file);
    diags_free(&diags);
    free(expected);
    free(found);
    free(text);
    return same;
}

static void expect_errors(const char *const *texts, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++)
        wrong += !has_errors(texts[i]);
    assert_int_equal(wrong, 0);
}

static void what_the_grammar_does_not_have_is_an_error_where_it_stands(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "^foo",
        "^insert Person { a: 1 }",
        "^@description(\"x\")",
        "query ^Foo() {}",
        "query ^() {}",
        "query q ^{ match { $p: Person } return { $p } }",
        QUERY("q(^a: String)"),
        QUERY("q($a ^String)"),
        QUERY("q($a: ^string)"),
        QUERY("q($a: ^Strng)"),
        QUERY("q($a: ^enum(a, b))"),
        QUERY("q($a: Vector(^0))"),
        QUERY("q($a: Vector(^2147483648))"),
        QUERY("q($a: [^Blob])"),
        QUERY("q($a: [^[String]])"),
        QUERY("q($a: String ^$b: String)"),
        QUERY("q($a: String, ^)"),
        QUERY("q(^$A: String)"),
        QUERY("q() @description ^\"x\""),
        QUERY("q() @description(^)"),
        QUERY("q() @description(\"x\" ^\"y\")"),
        QUERY("q() ^@embed(\"x\")"),
        QUERY("q() ^@key"),
        QUERY("q() ^x"),
        "query q() { ^}",
        "query q() { ^foo }",
        "query q() { match ^$p: Person return { $p } }",
        READ("^", "return { $p }"),
        READ("$p: Person", "^"),
        READ("$p: Person", "^order { n }"),
        READ("$p: Person", "return { ^}"),
        READ("$p: Person", "return ^$p"),
        READ("$p: Person", "return { $p } ^return { $p }"),
        READ("$p: Person", "return { $p } ^insert Person { a: 1 }"),
        /* clauses */
        CLAUSE("not { ^}"),
        CLAUSE("not ^$p knows $q"),
        CLAUSE("$q: ^person"),
        CLAUSE("$q: ^3"),
        CLAUSE("$q: Person { ^}"),
        CLAUSE("$q: Person { name ^= 1 }"),
        CLAUSE("$q: Person { name: ^name }"),
        CLAUSE("$q: Person { name: ^$p.name }"),
        CLAUSE("$q: Person { name: 1 ^age: 2 }"),
        CLAUSE("$q: Person { name: 1,^, }"),
        CLAUSE("$q: Person { ^Name: 1 }"),
        CLAUSE("$p ^Knows $q"),
        CLAUSE("$p <^Knows> $q"),
        CLAUSE("$p $w ^knows $q"),
        CLAUSE("$p $w: ^Knows $q"),
        CLAUSE("$p $w: <knows ^$q"),
        CLAUSE("$p $w: ^3"),
        CLAUSE("$p knows ^}"),
        CLAUSE("$p knows ^3"),
        CLAUSE("$p knows {^} $q"),
        CLAUSE("$p knows {1^} $q"),
        CLAUSE("$p knows {1,2^,} $q"),
        CLAUSE("$p knows {1,^a} $q"),
        CLAUSE("$p knows {^4294967296,1} $q"),
        CLAUSE("$p knows {1,^4294967296} $q"),
        CLAUSE("$tags contains $p^.name"),
        CLAUSE("$p.age ^"),
        CLAUSE("$p.age > ^"),
        CLAUSE("$p.age > ^-3"),
        CLAUSE("$p.age =^= 3"),
        CLAUSE("$p.^Age > 3"),
        CLAUSE("$p.^3 > 3"),
        CLAUSE("$p.age ^like 3"),
        CLAUSE("^Person"),
        CLAUSE("alias ^}"),
        CLAUSE("nearest($p.v, $q) ^"),
        /* expressions */
        RETURN("^foo($p)"),
        RETURN("^serach($p.bio, $q)"),
        RETURN("^a_function_whose_name_is_near_to_nothing_at_all()"),
        RETURN("now(^1)"),
        RETURN("nearest(^p, $v)"),
        RETURN("nearest($p^, $v)"),
        RETURN("nearest($p.v^)"),
        RETURN("nearest($p.v, $v^, 3)"),
        RETURN("search($p.bio^)"),
        RETURN("search($p.bio, $a^, $b)"),
        RETURN("search($p.bio ^$a)"),
        RETURN("bm25(^)"),
        RETURN("match_text($a, ^)"),
        RETURN("fuzzy($a, $b, 1^, 2)"),
        RETURN("rrf(bm25($a, $b)^)"),
        RETURN("rrf(^search($a, $b), bm25($a, $b))"),
        RETURN("rrf(bm25($a, $b), ^$x)"),
        RETURN("rrf(bm25($a, $b), bm25($a, $b), 1^, 1)"),
        RETURN("count(^)"),
        RETURN("count($a^, $b)"),
        RETURN("$p as ^Name"),
        RETURN("$p as ^$q"),
        RETURN("$p,^, $p"),
        RETURN("^, $p"),
        RETURN("[1 ^2]"),
        RETURN("[1, ^]"),
        RETURN("[^$p]"),
        RETURN("^*"),
        /* order and limit */
        ORDER("order { ^}"),
        ORDER("order { n ^$p.age }"),
        ORDER("order { n, ^}"),
        ORDER("order { n asc ^desc }"),
        ORDER("order { nearest($p.embedding, $v) ^desc } limit 5"),
        ORDER("order { nearest($p.embedding, $v) ^asc } limit 5"),
        ORDER("limit ^"),
        ORDER("limit ^1.5"),
        ORDER("limit ^$n"),
        ORDER("limit 5 ^order { n }"),
        ORDER("order { n } ^order { n }"),
        ORDER("limit ^9223372036854775808"),
        /* mutations */
        MUTATE("insert ^person { a: 1 }"),
        MUTATE("insert Person ^"),
        MUTATE("insert Person { ^}"),
        MUTATE("insert Person { a: 1,^, }"),
        MUTATE("insert Person { a ^1 }"),
        MUTATE("insert Person { a: ^b }"),
        MUTATE("insert Person { a: ^count($p) }"),
        MUTATE("insert Person { a: ^-1 }"),
        MUTATE("insert Person { a: 1 } ^where a = 1"),
        MUTATE("insert Person { a: 1 } ^match { $p: Person }"),
        MUTATE("update Person ^{ a: 1 } where a = 1"),
        MUTATE("update Person set { a: 1 } ^"),
        MUTATE("update Person set { a: 1 } where ^"),
        MUTATE("update Person set { a: 1 } where ^$p = 1"),
        MUTATE("update Person set { a: 1 } where a ^contains 1"),
        MUTATE("delete Person where a ^starts_with \"x\""),
        MUTATE("delete Person where a = ^b"),
        MUTATE("delete Person where a = ^$p.b"),
        MUTATE("delete Person where a = 1 ^and b = 2"),
        MUTATE("delete Person ^{ a: 1 }"),
        MUTATE("delete ^person where a = 1"),
    };
    expect_errors(texts, sizeof texts / sizeof *texts);
}

static void rules_beyond_the_grammar_are_kept(void **state)
{
    (void)state;
    static const char *const texts[] = {
        MUTATE("insert Person { a: 1 } ^delete Person where a = 1"),
        MUTATE("update Person set { a: 1 } where b = 1 ^delete Person where a = 1"),
        MUTATE("delete Person where a = 1 delete Person where a = 1 ^insert Person { a: 1 }"),
        QUERY("q() @description(\"a\") @instruction(\"b\") ^@description(\"a\")"),
        QUERY("q() @instruction(\"a\") ^@instruction(\"b\")"),
        QUERY("q($a: String, $b: String, ^$a: I32)"),
        QUERY("q(^$__nanograph_now: DateTime)"),
        RETURN("date(^\"2026-02-30\")"),
        RETURN("date(^\"2026-1-1\")"),
        RETURN("date(^\"2026-01-02T03:04:05Z\")"),
        RETURN("datetime(^\"2026-01-02\")"),
        RETURN("datetime(^\"2026-01-02T25:00:00Z\")"),
        RETURN("datetime(^3)"),
        RETURN("\"^\\q\""),
    };
    expect_errors(texts, sizeof texts / sizeof *texts);
}

static void every_broken_declaration_is_reported_and_the_others_are_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        /* a body that is broken, one that is not closed, a head */
        "query a() { match { $p: ^person } return { $p } }\n"
        "query b() { match { $p: Person } return { $p } \n"
        "^query c() { match { $p: Person } return { $p } }\n"
        "query d($x: String) { match { ^} return { $p } }\n"
        "query ^E() {}\n",
        /* all on one line; too many braces closed */
        "query a() { match { 3 ^} } } query b() { ^foo } query c($x: ^x) { } query d() { ^}",
        /* names that look like a declaration */
        "query a() { match { ^} return { $p.query count($p) $q.x as query now() } } query b() {^}",
        "query a() { match { ^} return { $p.query\n $p as query count($x) } }",
        "query a() { match { ^} return { $p.query now() } }\nquery b() {^}",
        "query a() { match { ^} return { query count($p.x) } }\nquery b() {^}",
        /* inside braces that are never closed */
        "query a() { match { $p: Person } return { ^{{ query b($x: I32) { ^foo }",
        "query a() { match { ^( } query b() { ^foo }",
        "query a() { ^{ {\nquery ^{ } query b() { ^foo }",
        /* no declaration at all */
        "^node Person { name: String }\nquery a() { ^foo }",
        "^query_a() query b() { ^foo }",
        "query query ^query q() { }",
    };
    expect_errors(texts, sizeof texts / sizeof *texts);
}

static void a_source_that_cannot_be_read_is_one_error(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "^\xef\xbb\xbf" QUERY("a()"),
        "// ok\n  ^\xff" QUERY("a()"),
    };
    expect_errors(texts, sizeof texts / sizeof *texts);
}

/* open, `levels` times; middle; close, as often. */
static char *nested(const char *head, const char *open, const char *middle, const char *close,
                    const char *tail, unsigned levels)
{
    struct buf out = BUF_INIT;
    buf_puts(&out, head);
    for (unsigned i = 0; i < levels; i++)
        buf_puts(&out, open);
    buf_puts(&out, middle);
    for (unsigned i = 0; i < levels; i++)
        buf_puts(&out, close);
    buf_puts(&out, tail);
    return buf_detach(&out);
}

/* The body counts one, so 199 levels are left. */
static void nesting_is_bounded_at_200(void **state)
{
    (void)state;
    static const struct {
        const char *head, *open, *middle, *close, *tail;
    } cases[] = {
        {"query q() { match { ", "not { ", "$p knows $q", "}", "} return { $p } }"},
        {"query q() { match { $p: P } return { ", "count(", "$p", ")", "} }"},
        {"query q() { match { $p: P } return { ", "[", "", "]", "} }"},
        {"query q() { insert P { a: ", "[", "", "]", "} }"},
        {"query q() { match { $p: P { a: ", "[", "", "]", "} } return { $p } }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (unsigned levels = 199; levels <= 200; levels++) {
            struct diags diags;
            char *text = nested(cases[i].head, cases[i].open, cases[i].middle, cases[i].close,
                                cases[i].tail, levels);
            struct query_file *file = parse(text, &diags);
            assert_int_equal(file->errors, levels == 200);
            assert_int_equal(file->count, levels != 200);
            query_file_free(file);
            diags_free(&diags);
            free(text);
        }
    }
}

static void a_hundred_thousand_brackets_are_one_error(void **state)
{
    (void)state;
    static const char *const opens[] = {"[", "(", "{", "not {", "count(", "search(", "<"};
    for (size_t i = 0; i < sizeof opens / sizeof *opens; i++) {
        struct diags diags;
        char *text = nested("query q() { match { $p: P } return { ", opens[i], "", "",
                            "\nquery b() { match { $p: P } return { $p } }", 100000);
        struct query_file *file = parse(text, &diags);
        assert_int_equal(file->errors, 1);
        assert_int_equal(file->count, 1); /* the one after it */
        query_file_free(file);
        diags_free(&diags);
        free(text);
    }
}

static void a_parameter_twice_among_many_and_every_broken_query_of_many_are_found(void **state)
{
    (void)state;
    struct buf text = BUF_INIT;
    struct diags diags;
    buf_puts(&text, "query q($a: I32");
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, ", $p%d: I32", i);
    buf_puts(&text, ", $p7: I32) {}\n");
    for (int i = 0; i < 5000; i++)
        buf_printf(&text, "query q%d() { match { ( } return { $p } \n", i); /* not closed */
    struct query_file *file = parse(buf_text(&text), &diags);
    assert_int_equal(file->errors, 5001);
    assert_true(diags.errors <= 1001);
    query_file_free(file);
    diags_free(&diags);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_grammar_does_not_have_is_an_error_where_it_stands),
        cmocka_unit_test(rules_beyond_the_grammar_are_kept),
        cmocka_unit_test(every_broken_declaration_is_reported_and_the_others_are_read),
        cmocka_unit_test(a_source_that_cannot_be_read_is_one_error),
        cmocka_unit_test(nesting_is_bounded_at_200),
        cmocka_unit_test(a_hundred_thousand_brackets_are_one_error),
        cmocka_unit_test(a_parameter_twice_among_many_and_every_broken_query_of_many_are_found),
    };
    return RUN(tests);
}
