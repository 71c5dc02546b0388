/* .pg schemas: every rule inside one declaration. */
#include "schema_expect.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };
    return RUN(tests);
}
