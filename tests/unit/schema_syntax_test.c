/* .pg schemas: the grammar, recovery after errors, hostile input. */
#include "schema_expect.h"

static const char all_types[] =
    "node A { a: String b: Blob c: Bool d: I32 e: I64 f: U32 g: U64 h: F32 i: F64 j: Date "
    "k: DateTime l: [String] m: [DateTime]? n: enum(x) o: enum(x, y-z, 2)? p: Vector(1) "
    "q: Vector(2147483647)? }";

static void every_production_compiles(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "// only a comment",
        "interface A {}",
        "node A {}",
        "node A {} edge B: A -> A",
        "edge B: A -> A {} node A {}",
        all_types,
        "node A { node: String edge: I32 interface: Bool implements: Date enum: I32 }",
        "interface I {} interface J {} node A implements I, J {}",
        "interface I {} node A @a @b(1) implements I @c(\"x\", y=2, z=[1, null]) @d(word) {}",
        "node A @a(true) @a(1.5) @a(date(\"2026-01-01\")) @a([]) {}",
        "node A {} edge B: A -> A @card(0..1) @x { since: Date? }",
        "node A {} edge B: A -> A @card(2..)",
        "node A {} edge B: A -> A @card(0..4294967295)",
        "node A { a: I32 @x @y(2) @description(\"d\") @z }",
        "node A { a: String b: String @key(a, b) @unique(a) @index(b, a) }",
        "node A { a: I32 @range(a, 0..) @range(a, ..5) @range(a, -5..-1) @range(a, -0.5..1) }",
        "node A { a: String @check(a, \"^x+$\") }",
        "interface I { a: String @key b: I32 @index @unique @x }",
        "node A { a: String @index @key @unique }",
        "node\nA\n{\na\n:\nString\n?\n}",
        "node A{a:String@key b:I32?}",
    };
    all_good(texts, COUNT(texts));
}

static void broken_syntax_is_a_parse_error(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"nod A {}", "parse 1:1"},
        {"A {}", "parse 1:1"},
        {"{}", "parse 1:1"},
        {"node", "parse 1:5"},
        {"node a {}", "parse 1:6"},
        {"nodeA {}", "parse 1:1"},
        {"node A", "parse 1:7"},
        {"node A {", "parse 1:9"},
        {"node A }", "parse 1:8"},
        {"node A implements {}", "parse 1:19"},
        {"interface I {} node A implements I, {}", "parse 1:37"},
        {"interface I {} node A implements i {}", "parse 1:34"},
        {"interface I @x {}", "parse 1:13"},
        {"interface I implements J {}", "parse 1:13"},
        {"interface I { a: String @key(a) }", "parse 1:25"},
        {"interface I { @index(a) a: String }", "parse 1:15"},
        {"node A { a String }", "parse 1:12"},
        {"node A { a: }", "parse 1:13"},
        {"node A { A: String }", "parse 1:10"},
        {"node A { a: string }", "parse 1:13"},
        {"node A { a: Strin }", "parse 1:13"},
        {"node A { a: String?? }", "parse 1:20"},
        {"node A { a: [String }", "parse 1:21"},
        {"node A { a: [[String]] }", "parse 1:14"},
        {"node A { a: [Vector(2)] }", "parse 1:14"},
        {"node A { a: [enum(x)] }", "parse 1:14"},
        {"node A { a: Vector }", "parse 1:20"},
        {"node A { a: Vector(x) }", "parse 1:20"},
        {"node A { a: Vector(1.5) }", "parse 1:20"},
        {"node A { a: Vector(1 }", "parse 1:22"},
        {"node A { a: enum }", "parse 1:18"},
        {"node A { a: enum(x }", "parse 1:20"},
        {"node A { a: String, b: String }", "parse 1:19"},
        {"node A { a: String @ }", "parse 1:20"},
        {"node A { a: String @x( }", "parse 1:24"},
        {"node A { a: String @x() }", "parse 1:23"},
        {"node A { a: String @x(1 }", "parse 1:25"},
        {"node A { a: String @x(1, 2) }", "parse 1:26"},
        {"node A { a: String @x(1, b) }", "parse 1:27"},
        {"node A { a: String @x(1, b=c) }", "parse 1:28"},
        {"node A { a: String @x(-1) }", "parse 1:23"},
        {"node A { a: String @x(Type) }", "parse 1:23"},
        {"node A { @x }", "parse 1:10"},
        {"node A { a: String @key( }", "parse 1:26"},
        {"node A { a: String @key() }", "parse 1:25"},
        {"node A { a: String @key(a,) }", "parse 1:27"},
        {"node A { a: String @key(a }", "parse 1:27"},
        {"node A { a: I32 @range(a) }", "parse 1:25"},
        {"node A { a: I32 @range(a, ) }", "parse 1:27"},
        {"node A { a: I32 @range(a, ..) }", "parse 1:29"},
        {"node A { a: I32 @range(a, 1) }", "parse 1:28"},
        {"node A { a: I32 @range(a, 1 2) }", "parse 1:29"},
        {"node A { a: I32 @range(a, -..1) }", "parse 1:28"},
        {"node A { a: I32 @range(a, 1..x) }", "parse 1:30"},
        {"node A { a: I32 @range(a, b, 1..2) }", "parse 1:27"},
        {"node A { a: String @check(a) }", "parse 1:28"},
        {"node A { a: String @check(a, b) }", "parse 1:30"},
        {"edge B A -> A", "parse 1:8"},
        {"edge B: a -> A", "parse 1:9"},
        {"edge B: A A", "parse 1:11"},
        {"edge B: A - > A", "parse 1:11"},
        {"edge B: A ->", "parse 1:13"},
        {"node A {} edge B: A -> A; node C {}", "parse 1:25"},
        {"node A /* {}", "parse 1:8"},
        {"node A { a: String @description(\"x }", "parse 1:33"},
        {"node A { a: String @description(\"\\x\") }", "parse 1:34"},
        {"node A @x(9223372036854775808) {}", "parse 1:11"},
        {"\xef\xbb\xbfnode A {}", "parse 1:1"},
        {"node A {}\xff", "parse 1:10"},
    };
    all_bad(cases, COUNT(cases));
}

static void each_broken_declaration_is_reported_once(void **state)
{
    (void)state;
    bad("node A { a: Strin b: Nope }\n"
        "node B { c: String }\n"
        "edge C: B -> \n"
        "interface D { x }\n"
        "what is this\n"
        "node E implements D { x: I32 }\n"
        "edge F: A -> E @card(x)\n"
        "node G { node: I32 edge: Nope }\n",
        "parse 1:13, parse 4:1, parse 4:17, parse 7:22, parse 8:26");
}

static void a_broken_declaration_is_not_reported_as_missing(void **state)
{
    (void)state;
    bad("node A { a: Nope }\nedge B: A -> A\ninterface I { a: Nope }\n"
        "node C implements I { @index(a) }",
        "parse 1:13, parse 3:18");
}

static void deep_nesting_is_an_error(void **state)
{
    (void)state;
    struct buf text = BUF_INIT;
    buf_puts(&text, "node A @x(");
    for (int i = 0; i < 100000; i++)
        buf_putc(&text, '[');
    bad(buf_text(&text), "parse 1:210"); /* the call counts one */
    buf_free(&text);
}

static void a_truncated_schema_never_crashes(void **state)
{
    (void)state;
    static const char text[] =
        "/* c */ interface I { a: enum(x, y-z)? @key @description(\"d\\n\") } // e\n"
        "node A @x([1, \"s\"], y=date(\"2026-01-01\")) implements I {\n"
        " b: Vector(3) @embed(t, model=\"m\") t: [String]? @range(b, -1.5..2) @check(t, \"x\") }\n"
        "edge E: A -> A @card(0..1) { c: I32 @unique(src, c) }\n";
    for (size_t len = 0; len < sizeof text; len++) {
        struct diags diags;
        char *copy = xstrndup(text, len); /* so that reading past the end is seen */
        struct source src = {"t.pg", copy, len, "p"};
        diags_init(&diags);
        struct schema *schema = schema_compile(&src, &diags);
        assert_int_equal(schema == NULL, diags.errors > 0);
        schema_free(schema);
        diags_free(&diags);
        free(copy);
    }
}

static void a_schema_with_many_declarations_stays_fast(void **state)
{
    (void)state;
    /* Quadratic work would take minutes here. */
    enum { N = 60000 };
    struct buf text = BUF_INIT;
    buf_puts(&text, "node A {\n");
    for (int i = 0; i < N; i++)
        buf_printf(&text, "p%d: I32? @index\n", i);
    buf_puts(&text, "}\n");
    for (int i = 0; i < N; i++)
        buf_printf(&text, "node N%d {}\nedge E%d: N%d -> A\n", i, i, i);
    struct schema *schema = good(buf_text(&text));
    size_t count;
    schema_types(schema, SCHEMA_EDGE, &count);
    assert_int_equal(count, N);
    schema_free(schema);
    buf_free(&text);
}

static void a_flood_of_errors_stays_small(void **state)
{
    (void)state;
    struct buf text = BUF_INIT;
    struct diags diags;
    for (int i = 0; i < 50000; i++)
        buf_puts(&text, "edge E: A -> B { a: I32 @key @index(zz) } ");
    assert_null(compile(buf_text(&text), &diags));
    assert_int_equal(diags.errors, REPORT_MAX);
    diags_free(&diags);
    buf_free(&text);
}

static void inheritance_that_multiplies_is_bounded(void **state)
{
    (void)state;
    struct buf text = BUF_INIT;
    struct diags diags;
    buf_puts(&text, "interface I {");
    for (int i = 0; i < 2000; i++)
        buf_printf(&text, " p%d: I32?", i);
    buf_puts(&text, "}\n");
    for (int i = 0; i < 2000; i++)
        buf_printf(&text, "node N%d implements I {}\n", i);
    assert_null(compile(buf_text(&text), &diags));
    char *found = summary(&diags);
    assert_true(strncmp(found, "catalog 502:6", 13) == 0);
    free(found);
    diags_free(&diags);
    buf_clear(&text);
    /* Annotations that must be merged count as well. */
    for (int i = 0; i < 2; i++) {
        buf_printf(&text, "interface I%d { a: I32", i);
        for (int k = 0; k < 1000; k++)
            buf_puts(&text, " @x");
        buf_puts(&text, "}\n");
    }
    for (int i = 0; i < 1000; i++)
        buf_printf(&text, "node N%d implements I0, I1 {}\n", i);
    assert_null(compile(buf_text(&text), &diags));
    found = summary(&diags);
    assert_true(strncmp(found, "catalog 502:6", 13) == 0);
    free(found);
    diags_free(&diags);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_production_compiles),
        cmocka_unit_test(broken_syntax_is_a_parse_error),
        cmocka_unit_test(each_broken_declaration_is_reported_once),
        cmocka_unit_test(a_broken_declaration_is_not_reported_as_missing),
        cmocka_unit_test(deep_nesting_is_an_error),
        cmocka_unit_test(a_truncated_schema_never_crashes),
        cmocka_unit_test(a_schema_with_many_declarations_stays_fast),
        cmocka_unit_test(a_flood_of_errors_stays_small),
        cmocka_unit_test(inheritance_that_multiplies_is_bounded),
    };
    return RUN(tests);
}
