/* .pg schemas: the grammar, every rule of a declaration and of the catalog, inheritance. */
#include "common/xalloc.h"
#include "lang/schema.h"

/* cmocka wants these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct schema *compile(const char *text, struct diags *diags)
{
    struct source src = {"t.pg", text, strlen(text), "graphs.g.schema"};
    diags_init(diags);
    return schema_compile(&src, diags);
}

/* "parse 1:18, catalog 2:3": what was reported and where. */
static char *summary(const struct diags *diags)
{
    struct buf out = BUF_INIT;
    jv_array_foreach (diags->list, i, diag) {
        const char *code = json_peek_string(&diag, "code");
        const char *message = json_peek_string(&diag, "message");
        assert_true(strncmp(message, "t.pg:", 5) == 0);
        assert_string_equal(json_peek_string(&diag, "path"), "graphs.g.schema");
        size_t place = strcspn(message + 5, " ") - 1;
        const char *kind = strcmp(code, "schema_parse_error") == 0     ? "parse"
                           : strcmp(code, "schema_catalog_error") == 0 ? "catalog"
                                                                       : code;
        buf_printf(&out, "%s%s %.*s", i ? ", " : "", kind, (int)place, message + 5);
        jv_free(diag);
    }
    return buf_detach(&out);
}

static struct schema *good(const char *text)
{
    struct diags diags;
    struct schema *schema = compile(text, &diags);
    char *found = summary(&diags);
    if (*found)
        print_message("%s\n", text);
    assert_string_equal(found, "");
    assert_non_null(schema);
    diags_free(&diags);
    free(found);
    return schema;
}

static void bad(const char *text, const char *expected)
{
    struct diags diags;
    struct schema *schema = compile(text, &diags);
    char *found = summary(&diags);
    if (strcmp(found, expected) != 0)
        print_message("%s\n", text);
    assert_string_equal(found, expected);
    assert_null(schema);
    diags_free(&diags);
    free(found);
}

struct failing {
    const char *text, *errors;
};

static void all_good(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        schema_free(good(texts[i]));
}

static void all_bad(const struct failing *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bad(cases[i].text, cases[i].errors);
}

/* --- grammar --- */

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
        "node A { a: String b: Blob c: Bool d: I32 e: I64 f: U32 g: U64 h: F32 i: F64 j: Date "
        "k: DateTime l: [String] m: [DateTime]? n: enum(x) o: enum(x, y-z, 2)? p: Vector(1) "
        "q: Vector(2147483647)? }",
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

/* --- rules inside one declaration --- */

static void a_property_is_declared_once(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A { a: I32 b: I32 a: String }", "parse 1:24"},
        {"interface A { a: I32 a: I32 }", "parse 1:22"},
        {"node A {} edge B: A -> A { a: I32 a: I32 }", "parse 1:35"},
        {"node A { a: I32 a: I32 a: I32 }", "parse 1:17, parse 1:24"},
    };
    all_bad(cases, COUNT(cases));
}

static void enum_words_are_distinct_and_not_empty(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A { a: enum() }", "parse 1:18"},
        {"node A { a: enum(a,,b) }", "parse 1:20"},
        {"node A { a: enum(a,) }", "parse 1:20"},
        {"node A { a: enum(\"a\") }", "parse 1:18"},
        {"node A { a: enum(a, b, a) }", "parse 1:24"},
        {"node A { a: enum(x\xc3\xa9) }", "parse 1:19"},
    };
    static const char *const texts[] = {"node A { a: enum(a, A, a-, -a, 1, 01, _) }"};
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

static void vectors_have_a_length_and_lists_no_blobs(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A { a: Vector(0) }", "parse 1:20"},
        {"node A { a: Vector(2147483648) }", "parse 1:20"},
        {"node A { a: Vector(9223372036854775808) }", "parse 1:20"},
        {"node A { a: Vector(-1) }", "parse 1:20"},
        {"node A { a: [Blob] }", "parse 1:14"},
    };
    all_bad(cases, COUNT(cases));
}

static void cardinality_has_one_form_and_one_place(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A {} edge B: A -> A @card(2..1)", "parse 1:26"},
        {"node A {} edge B: A -> A @card(0..4294967296)", "parse 1:35"},
        {"node A {} edge B: A -> A @card(4294967296..)", "parse 1:32"},
        {"node A {} edge B: A -> A @card(-1..)", "parse 1:32"},
        {"node A {} edge B: A -> A @card", "parse 1:31"},
        {"node A {} edge B: A -> A @card()", "parse 1:32"},
        {"node A {} edge B: A -> A @card(1)", "parse 1:33"},
        {"node A {} edge B: A -> A @card(..1)", "parse 1:32"},
        {"node A {} edge B: A -> A @card(0..1.5)", "parse 1:35"},
        {"node A {} edge B: A -> A @card(0..1) @card(0..1)", "parse 1:38"},
        {"node A {} edge B: A -> A @x @card(0..1)", "parse 1:29"},
        {"node A {} edge B: A -> A { a: I32 @card(0..1) }", "parse 1:35"},
        {"node A {} edge B: A -> A { @card(0..1) }", "parse 1:28"},
        {"node A @card(0..1) {}", "parse 1:8"},
        {"node A @card {}", "parse 1:8"},
        {"node A { a: I32 @card }", "parse 1:17"},
    };
    all_bad(cases, COUNT(cases));
}

static void there_is_one_key_on_what_can_be_one(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A { a: I32 @key b: I32 @key }", "parse 1:29"},
        {"node A { a: I32 @key @key(a) }", "parse 1:22"},
        {"node A { a: I32 @key(a) @key(a) }", "parse 1:25"},
        {"interface A { a: I32 @key b: I32 @key }", "parse 1:34"},
        {"node A { a: I32? @key }", "parse 1:18"},
        {"node A { a: [I32] @key }", "parse 1:19"},
        {"node A { a: Vector(2) @key }", "parse 1:23"},
        {"node A { a: Blob @key }", "parse 1:18"},
        {"node A { a: I32? b: I32 @key(b, a) }", "parse 1:25"},
        {"interface A { a: I32? @key }", "parse 1:23"},
        {"node A {} edge B: A -> A { a: I32 @key }", "parse 1:35"},
        {"node A {} edge B: A -> A { a: I32 @key(a) }", "parse 1:35"},
    };
    static const char *const texts[] = {
        "node A { a: enum(x) @key }",
        "node A { a: F64 b: Bool c: DateTime @key(a, b, c) }",
    };
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

static void unique_and_index_fit_their_properties(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A { a: [I32] @unique }", "parse 1:19"},
        {"node A { a: Vector(2) @unique }", "parse 1:23"},
        {"node A { a: Blob @unique(a) }", "parse 1:18"},
        {"node A { a: [I32] @index }", "parse 1:19"},
        {"node A { a: [I32] @index(a) }", "parse 1:19"},
        {"node A { a: Blob @index }", "parse 1:18"},
        {"node A { a: Blob @index(a) }", "parse 1:18"},
        {"interface A { a: Blob? @index }", "parse 1:24"},
        {"node A {} edge B: A -> A { a: Blob @unique }", "parse 1:36"},
    };
    static const char *const texts[] = {
        "node A { a: I32? @unique @index b: Vector(2)? @index }",
        "node A {} edge B: A -> A { a: I32? @unique @index @unique(src, a) @index(dst) }",
        "node A { src: I32 @unique(src) }",
    };
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

static void a_constraint_names_declared_properties_once(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A { a: I32 @index(b) }", "parse 1:17"},
        {"node A { a: I32 @index(a, a) }", "parse 1:17"},
        {"node A { a: I32 @unique(a, a, a) }", "parse 1:17"},
        {"node A { a: I32 @key(a, b) }", "parse 1:17"},
        {"node A { a: I32 @range(b, 0..) }", "parse 1:17"},
        {"node A { a: I32 @check(b, \"x\") }", "parse 1:17"},
        {"node A { a: I32 @unique(src) }", "parse 1:17"},
        {"node A {} edge B: A -> A { @unique(from) }", "parse 1:28"},
        {"node A {} edge B: A -> A { @unique(src, src) }", "parse 1:28"},
        {"node A {} edge B: A -> A { @index(id) }", "parse 1:28"},
    };
    all_bad(cases, COUNT(cases));
}

static void id_is_the_only_key_or_not_there(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A { id: String }", "parse 1:10"},
        {"node A { id: String @unique }", "parse 1:10"},
        {"node A { id: String b: I32 @key }", "parse 1:10"},
        {"node A { id: String b: I32 @key(id, b) }", "parse 1:10"},
        {"interface A { id: String }", "parse 1:15"},
        {"node A {} edge B: A -> A { id: String }", "parse 1:28"},
    };
    static const char *const texts[] = {
        "node A { id: String @key }",
        "node A { id: I64 @key(id) }",
        "interface A { id: String @key }",
    };
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

static void the_ends_of_an_edge_are_no_properties(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A {} edge B: A -> A { src: I32 }", "parse 1:28"},
        {"node A {} edge B: A -> A { dst: I32 }", "parse 1:28"},
        {"node A {} edge B: A -> A { from: I32 }", "parse 1:28"},
        {"node A {} edge B: A -> A { to: I32 }", "parse 1:28"},
    };
    static const char *const texts[] = {"node A { src: I32 dst: I32 from: I32 to: I32 }"};
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

static void range_and_check_fit_their_properties(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A { a: String @range(a, 0..) }", "parse 1:20"},
        {"node A { a: [I32] @range(a, 0..) }", "parse 1:19"},
        {"node A { a: Date @range(a, 0..) }", "parse 1:18"},
        {"node A { a: Vector(1) @range(a, 0..) }", "parse 1:23"},
        {"node A { a: Bool @range(a, 0..) }", "parse 1:18"},
        {"node A { a: I32 @range(a, 2..1) }", "parse 1:17"},
        {"node A { a: I32 @range(a, -1..-2) }", "parse 1:17"},
        {"node A { a: F64 @range(a, 1.5..1) }", "parse 1:17"},
        {"node A { a: I64 @range(a, 9223372036854775807..9223372036854775806) }", "parse 1:17"},
        {"node A { a: I32 @range }", "parse 1:17"},
        {"node A @range(a, 0..1) { a: I32 }", "parse 1:8"},
        {"interface A { a: I32 @range }", "parse 1:22"},
        {"node A {} edge B: A -> A { a: I32 @range(a, 0..) }", "parse 1:35"},
        {"node A { a: I32 @check(a, \"x\") }", "parse 1:17"},
        {"node A { a: [String] @check(a, \"x\") }", "parse 1:22"},
        {"node A { a: enum(x) @check(a, \"x\") }", "parse 1:21"},
        {"node A { a: String @check(a, \"(\") }", "parse 1:20"},
        {"node A { a: String @check }", "parse 1:20"},
        {"node A @check { a: String }", "parse 1:8"},
        {"node A {} edge B: A -> A { a: String @check(a, \"x\") }", "parse 1:38"},
    };
    static const char *const texts[] = {
        "node A { a: F32? @range(a, 1..1.0) b: U64 @range(b, 0..9223372036854775807) }",
        "node A { a: String? @check(a, \"^\\\\p{L}+$\") @check(a, \"\") }",
    };
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

static void embed_belongs_to_a_vector_with_a_source(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A { t: String a: String @embed(t) }", "parse 1:30"},
        {"node A {} edge B: A -> A { t: String a: Vector(2) @embed(t) }", "parse 1:51"},
        {"node A { t: String a: Vector(2) @embed(t) @embed(t) }", "parse 1:43"},
        {"node A { t: String a: Vector(2) @embed(t, dims=2) }", "parse 1:48"},
        {"node A { t: String a: Vector(2) @embed(t, model=2) }", "parse 1:49"},
        {"node A { t: String a: Vector(2) @embed(t, model=\"m\", model=\"m\") }", "parse 1:60"},
        {"node A { t: String a: Vector(2) @embed }", "parse 1:33"},
        {"node A { t: String a: Vector(2) @embed(\" \") }", "parse 1:33"},
        {"node A { t: String a: Vector(2) @embed(1) }", "parse 1:33"},
        {"node A { t: String a: Vector(2) @embed(model=\"m\") }", "parse 1:45"},
        {"node A { t: String a: Vector(2) @embed(u) }", "parse 1:20"},
        {"node A { t: I32 a: Vector(2) @embed(t) }", "parse 1:17"},
        {"node A { t: [String] a: Vector(2) @embed(t) }", "parse 1:22"},
        {"node A { a: Vector(2) @embed(a) }", "parse 1:10"},
        {"interface A { a: Vector(2) @embed(t) }", "parse 1:15"},
        {"node A @embed(t) { t: String }", "parse 1:8"},
    };
    static const char *const texts[] = {
        "node A { t: String? a: Vector(2) @embed(t, model=\"m\") }",
        "node A { t: enum(x) a: Vector(2)? @embed(\"t\") }",
        "interface A { a: Vector(2) @embed(t) t: String }",
    };
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

static void markers_have_no_value_and_stand_once(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A @key { a: I32 }", "parse 1:8"},
        {"node A @key(a) { a: I32 }", "parse 1:8"},
        {"node A @unique { a: I32 }", "parse 1:8"},
        {"node A {} edge B: A -> A @index { a: I32 }", "parse 1:26"},
        {"node A { a: I32 @key(\"a\") }", "parse 1:22"},
        {"node A { a: I32 @unique(true) a2: I32 }", "parse 1:17"},
        {"node A { a: I32 @index(1) }", "parse 1:24"},
        {"node A { a: I32 @key @key }", "parse 1:22"},
        {"node A { a: I32 @unique @x @unique }", "parse 1:28"},
        {"node A { a: I32 @index @index }", "parse 1:24"},
    };
    all_bad(cases, COUNT(cases));
}

static void descriptions_are_one_text(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A @description(\"x\") @description(\"y\") {}", "parse 1:26"},
        {"interface I {} node A @instruction(\"x\") implements I @instruction(\"x\") {}",
         "parse 1:54"},
        {"node A @description {}", "parse 1:8"},
        {"node A @description(\"\") {}", "parse 1:8"},
        {"node A @instruction(\" \\t\\n\") {}", "parse 1:8"},
        {"node A @description(1) {}", "parse 1:8"},
        {"node A @description(word) {}", "parse 1:8"},
        {"node A @description([\"x\"]) {}", "parse 1:8"},
        {"node A @description(\"x\", lang=\"en\") {}", "parse 1:8"},
        {"node A { a: I32 @description(\"x\") @description(\"x\") }", "parse 1:35"},
        {"node A { a: I32 @description(null) }", "parse 1:17"},
        {"node A { a: I32 @instruction(\"x\") }", "parse 1:17"},
        {"interface A { a: I32 @instruction(\"x\") }", "parse 1:22"},
    };
    all_bad(cases, COUNT(cases));
    struct schema *schema = good("node A @instruction(\"do\") @description(\"is\") {"
                                 " a: I32 @description(\"that\") b: I32 }");
    const struct schema_type *type = schema_find(schema, SCHEMA_NODE, "A");
    assert_string_equal(type->description, "is");
    assert_string_equal(type->instruction, "do");
    assert_string_equal(type->properties[0]->description, "that");
    assert_null(type->properties[1]->description);
    schema_free(schema);
}

static void rename_from_is_one_old_name(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A @rename_from(\"B\") @rename_from(\"C\") {}", "parse 1:26"},
        {"node A @rename_from {}", "parse 1:8"},
        {"node A @rename_from(\"\") {}", "parse 1:8"},
        {"node A @rename_from(\" \") {}", "parse 1:8"},
        {"node A @rename_from(1) {}", "parse 1:8"},
        {"node A @rename_from(\"B\", x=1) {}", "parse 1:8"},
        {"node A { a: I32 @rename_from(\"b\") @rename_from(\"b\") }", "parse 1:35"},
        {"node A { a: I32 @rename_from }", "parse 1:17"},
    };
    all_bad(cases, COUNT(cases));
    struct schema *schema = good("node A @rename_from(\"B\") { a: I32 @rename_from(b) }");
    const struct schema_type *type = schema_find(schema, SCHEMA_NODE, "A");
    assert_string_equal(type->rename_from, "B");
    assert_string_equal(type->properties[0]->rename_from, "b");
    schema_free(schema);
}

static void all_broken_rules_of_a_declaration_are_reported(void **state)
{
    (void)state;
    bad("node A @description(1) @rename_from {\n a: I32 @index @index\n b: [I32] @key\n"
        " c: I32 @check(c, \"x\")\n}",
        "parse 1:8, parse 1:24, parse 2:16, parse 3:11, parse 4:9");
}

/* --- across declarations --- */

static void names_are_declared_once_per_kind(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"node A {} node A {}", "catalog 1:16"},
        {"interface A {} interface A {}", "catalog 1:26"},
        {"node N {} edge A: N -> N edge A: N -> N", "catalog 1:31"},
        {"node N {} edge Ab: N -> N edge AB: N -> N", "catalog 1:16"},
        {"node A {} node A {} node A {}", "catalog 1:16, catalog 1:26"},
    };
    static const char *const texts[] = {
        "node A {} interface A {} edge A: A -> A",
        "node Ab {} node AB {} interface Ab {} interface AB {}",
    };
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

static void ends_and_interfaces_must_exist(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"edge E: A -> B", "catalog 1:9, catalog 1:14"},
        {"interface I {} node A {} edge E: I -> A", "catalog 1:34"},
        {"node B implements A {} node A {}", "catalog 1:19"},
        {"node A {} edge E: A -> A edge F: E -> A", "catalog 1:34"},
    };
    all_bad(cases, COUNT(cases));
}

static void a_declared_property_has_its_interfaces_type(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"interface I { a: I32 } node A implements I { a: I64 }", "catalog 1:46"},
        {"interface I { a: I32 } node A implements I { a: I32? }", "catalog 1:46"},
        {"interface I { a: enum(x) } node A implements I { a: String }", "catalog 1:50"},
        {"interface I { a: enum(x) } node A implements I { a: enum(x, y) }", "catalog 1:50"},
        {"interface I { a: I32 } interface J { a: I64 } node A implements I, J {}", "catalog 1:52"},
        {"interface I { a: I32 } interface J { a: I64 } node A implements I, J { a: I32 }",
         "catalog 1:72"},
    };
    static const char *const texts[] = {
        "interface I { a: enum(x, y) } node A implements I { a: enum(y, x) }",
        "interface I { a: I32 } interface J { a: I32 } node A implements I, J {}",
        "node A implements I {} interface I { a: I32 }", /* in any order */
    };
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

static void inherited_keys_must_not_clash(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"interface I { a: I32 @key } node A implements I { b: I32 @key }", "catalog 1:34"},
        {"interface I { a: I32 @key } interface J { b: I32 @key } node A implements I, J {}",
         "catalog 1:62"},
        {"interface I { a: I32 @key } node A implements I { b: I32 @key(a, b) }", "catalog 1:34"},
        {"interface I { id: String @key } node A implements I { b: I32 @key }", "catalog 1:38"},
    };
    static const char *const texts[] = {
        "interface I { a: I32 @key } interface J { a: I32 @key } node A implements I, J {}",
        "interface I { a: I32 @key } node A implements I { @key(a) }",
        "interface I { a: I32 @key } node A implements I { a: I32 b: I32 @key }",
    };
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

static void constraints_may_name_inherited_properties(void **state)
{
    (void)state;
    static const struct failing cases[] = {
        {"interface I { a: [I32] } node A implements I { @index(a) }", "parse 1:48"},
        {"interface I { a: I32 } node A implements I { @index(b) }", "parse 1:46"},
        {"interface I { a: I32 } node A implements I { v: Vector(2) @embed(a) }", "parse 1:46"},
    };
    static const char *const texts[] = {
        "interface I { a: I32 } node A implements I { @index(a) @range(a, 0..1) }",
        "interface I { a: String } node A implements I { v: Vector(2) @embed(a) }",
    };
    all_bad(cases, COUNT(cases));
    all_good(texts, COUNT(texts));
}

/* --- what comes out --- */

static void a_node_has_its_own_then_its_inherited_properties(void **state)
{
    (void)state;
    struct schema *schema =
        good("interface I { a: I32 @index b: String @description(\"of I\") }\n"
             "interface J { c: Bool d: Date @key b: String @unique }\n"
             "node A implements J, I, J { z: I32 a: I32 @description(\"own\") }");
    const struct schema_type *type = schema_find(schema, SCHEMA_NODE, "A");
    static const char *const names[] = {"z", "a", "c", "d", "b"};
    assert_int_equal(type->property_count, 5);
    assert_int_equal(type->own_count, 2);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(type->properties[i]->name, names[i]);
    assert_int_equal(type->interface_count, 2);
    assert_string_equal(type->interfaces[0]->name, "J");

    const struct schema_property *b = schema_type_property(type, "b");
    assert_string_equal(b->inherited_from->name, "I");
    assert_string_equal(b->description, "of I");
    assert_null(schema_type_property(type, "a")->inherited_from);
    assert_null(schema_type_property(type, "x"));
    const struct schema_type *interface = schema_find(schema, SCHEMA_INTERFACE, "I");
    assert_null(schema_type_property(interface, "b")->inherited_from);

    /* a is its own and so not indexed; d and b bring their constraints. */
    assert_int_equal(type->constraint_count, 2);
    assert_ptr_equal(type->key, type->constraints[0]);
    assert_string_equal(type->key->names[0], "d");
    assert_string_equal(type->key->inherited_from->name, "J");
    assert_int_equal(type->constraints[1]->kind, CONSTRAINT_UNIQUE);
    assert_int_equal(interface->constraint_count, 1);
    schema_free(schema);
}

static void the_order_of_interfaces_does_not_change_annotations(void **state)
{
    (void)state;
    static const char *const orders[] = {"I, J", "J, I"};
    for (size_t i = 0; i < 2; i++) {
        char *text = xasprintf("interface I { a: I32 @description(\"i\") @x(1) @x(2) }"
                               "interface J { a: I32 @x(3) @y @description(\"j\") }"
                               "node A implements %s {}",
                               orders[i]);
        struct schema *schema = good(text);
        const struct schema_type *type = schema_find(schema, SCHEMA_NODE, "A");
        const struct schema_property *a = type->properties[0];
        assert_int_equal(type->property_count, 1);
        assert_string_equal(a->description, "i");
        assert_int_equal(a->annotation_count, 4);
        assert_string_equal(a->annotations[0].name, "description");
        assert_int_equal(a->annotations[1].value.integer, 1);
        assert_int_equal(a->annotations[2].value.integer, 2);
        assert_string_equal(a->annotations[3].name, "y");
        schema_free(schema);
        free(text);
    }
}

static void both_forms_of_a_constraint_are_one(void **state)
{
    (void)state;
    struct schema *schema =
        good("node A { a: I32 @index @unique b: I32 @index(a) @index(b, a) @index(a, b)"
             " @range(a, 1..2) @range(a, 1.0..2.0) @range(a, ..2) }");
    const struct schema_type *type = schema_find(schema, SCHEMA_NODE, "A");
    assert_int_equal(type->constraint_count, 5);
    assert_int_equal(type->constraints[0]->kind, CONSTRAINT_INDEX);
    assert_int_equal(type->constraints[1]->kind, CONSTRAINT_UNIQUE);
    const struct schema_constraint *both = type->constraints[2];
    assert_string_equal(both->names[0], "b");
    assert_string_equal(both->sorted_names[0], "a");
    assert_true(type->constraints[3]->min.present);
    assert_false(type->constraints[4]->min.present);
    assert_null(type->key);
    schema_free(schema);
}

static void annotations_and_bounds_are_kept_as_written(void **state)
{
    (void)state;
    struct schema *schema =
        good("node A @owner(\"me\", since=2020) @tag(x) {\n"
             " a: F64 @unit(metre) @range(a, -1..2.5)\n t: String @check(t, \"a\\\\d\")\n"
             " v: Vector(3) @embed(t, model=\"m\") }");
    const struct schema_type *type = schema_find(schema, SCHEMA_NODE, "A");
    assert_int_equal(type->annotation_count, 2);
    assert_string_equal(type->annotations[0].name, "owner");
    assert_string_equal(type->annotations[0].value.text, "me");
    assert_string_equal(type->annotations[0].arguments[0].name, "since");
    assert_int_equal(type->annotations[0].arguments[0].value.integer, 2020);
    assert_int_equal(type->annotations[1].value.kind, LITERAL_NAME);
    assert_string_equal(type->properties[0]->annotations[0].value.text, "metre");
    const struct schema_constraint *range = type->constraints[0];
    assert_false(range->min.is_float);
    assert_int_equal(range->min.integer, -1);
    assert_true(range->max.is_float);
    assert_true(range->max.number == 2.5);
    assert_string_equal(type->constraints[1]->pattern, "a\\d");
    assert_string_equal(type->properties[2]->embed_source, "t");
    assert_string_equal(type->properties[2]->embed_model, "m");
    assert_int_equal(type->properties[1]->at.line, 3);
    assert_int_equal(type->properties[1]->at.column, 2);
    schema_free(schema);
}

static void an_edge_knows_its_ends_and_cardinality(void **state)
{
    (void)state;
    struct schema *schema = good("node A {} node B {} edge E: A -> B @card(1..3) edge F: B -> A\n"
                                 "edge G: A -> A @card(2..)");
    const struct schema_type *e = schema_find(schema, SCHEMA_EDGE, "E");
    assert_ptr_equal(e->from, schema_find(schema, SCHEMA_NODE, "A"));
    assert_ptr_equal(e->to, schema_find(schema, SCHEMA_NODE, "B"));
    assert_true(e->card_min == 1 && e->card_max == 3);
    const struct schema_type *f = schema_find(schema, SCHEMA_EDGE, "F");
    assert_true(f->card_min == 0 && f->card_max == CARDINALITY_UNBOUNDED);
    const struct schema_type *g = schema_find(schema, SCHEMA_EDGE, "G");
    assert_true(g->card_min == 2 && g->card_max == CARDINALITY_UNBOUNDED);
    schema_free(schema);
}

static void types_are_found_by_kind_and_name(void **state)
{
    (void)state;
    struct schema *schema =
        good("node B {} node A {} edge WorksAt: A -> B edge Knows: A -> A interface C {}");
    size_t count;
    const struct schema_type *const *nodes = schema_types(schema, SCHEMA_NODE, &count);
    assert_int_equal(count, 2);
    assert_string_equal(nodes[0]->name, "B");
    assert_string_equal(nodes[1]->name, "A");
    assert_null(schema_find(schema, SCHEMA_NODE, "C"));
    assert_null(schema_find(schema, SCHEMA_EDGE, "worksAt"));
    assert_string_equal(schema_find_edge_folded(schema, "worksAt")->name, "WorksAt");
    assert_string_equal(schema_find_edge_folded(schema, "WORKSAT")->name, "WorksAt");
    assert_null(schema_find_edge_folded(schema, "works"));
    assert_string_equal(schema_kind_name(SCHEMA_INTERFACE), "interface");
    schema_free(schema);
    schema = good("");
    assert_null(schema_find(schema, SCHEMA_NODE, "A"));
    assert_null(schema_find_edge_folded(schema, "a"));
    schema_free(schema);
    schema_free(NULL);
}

/* --- hostile input --- */

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
        cmocka_unit_test(a_property_is_declared_once),
        cmocka_unit_test(enum_words_are_distinct_and_not_empty),
        cmocka_unit_test(vectors_have_a_length_and_lists_no_blobs),
        cmocka_unit_test(cardinality_has_one_form_and_one_place),
        cmocka_unit_test(there_is_one_key_on_what_can_be_one),
        cmocka_unit_test(unique_and_index_fit_their_properties),
        cmocka_unit_test(a_constraint_names_declared_properties_once),
        cmocka_unit_test(id_is_the_only_key_or_not_there),
        cmocka_unit_test(the_ends_of_an_edge_are_no_properties),
        cmocka_unit_test(range_and_check_fit_their_properties),
        cmocka_unit_test(embed_belongs_to_a_vector_with_a_source),
        cmocka_unit_test(markers_have_no_value_and_stand_once),
        cmocka_unit_test(descriptions_are_one_text),
        cmocka_unit_test(rename_from_is_one_old_name),
        cmocka_unit_test(all_broken_rules_of_a_declaration_are_reported),
        cmocka_unit_test(names_are_declared_once_per_kind),
        cmocka_unit_test(ends_and_interfaces_must_exist),
        cmocka_unit_test(a_declared_property_has_its_interfaces_type),
        cmocka_unit_test(inherited_keys_must_not_clash),
        cmocka_unit_test(constraints_may_name_inherited_properties),
        cmocka_unit_test(a_node_has_its_own_then_its_inherited_properties),
        cmocka_unit_test(the_order_of_interfaces_does_not_change_annotations),
        cmocka_unit_test(both_forms_of_a_constraint_are_one),
        cmocka_unit_test(annotations_and_bounds_are_kept_as_written),
        cmocka_unit_test(an_edge_knows_its_ends_and_cardinality),
        cmocka_unit_test(types_are_found_by_kind_and_name),
        cmocka_unit_test(a_truncated_schema_never_crashes),
        cmocka_unit_test(a_schema_with_many_declarations_stays_fast),
        cmocka_unit_test(a_flood_of_errors_stays_small),
        cmocka_unit_test(inheritance_that_multiplies_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
