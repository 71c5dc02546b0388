/* Migration plans: unsupported changes, and the order of steps. */
#include "migration_expect.h"

static void a_rename_needs_an_old_one_that_is_free(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"", "node A @rename_from(\"Z\") {}", "unsupported_change node:A"},
        {"edge Z: N -> N node N {}", "node N {} node A @rename_from(\"Z\") {}",
         "unsupported_change node:A\ndrop_type edge Z"},
        {"node A {}", "node A {} node B @rename_from(\"A\") {}", "unsupported_change node:B"},
        {"node A {}", "node B @rename_from(\"A\") {} node C @rename_from(\"A\") {}",
         "rename_type node A B\nunsupported_change node:C"},
        {"node A { a: I32 }", "node A { a: I32 b: I32? @rename_from(\"z\") }",
         "unsupported_change node:A.b"},
        {"node A { a: I32 }", "node A { a: I32 b: I32 @rename_from(\"a\") }",
         "unsupported_change node:A.b"},
        {"node A { a: I32 }", "node A { b: I32 @rename_from(\"a\") c: I32 @rename_from(\"a\") }",
         "rename_property node A a b\nunsupported_change node:A.c"},
    };
    expect_all(cases, COUNT(cases));
}

static void a_property_keeps_its_type(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A { a: I32 }", "node A { a: I64 }", "unsupported_change node:A.a OG-MF-106"},
        {"node A { a: I32 }", "node A { a: I32? }", "unsupported_change node:A.a OG-MF-106"},
        {"node A { a: I32? }", "node A { a: I32 }", "unsupported_change node:A.a OG-MF-106"},
        {"node A { a: I32 }", "node A { a: [I32] }", "unsupported_change node:A.a OG-MF-106"},
        {"node A { a: Vector(2) }", "node A { a: Vector(3) }",
         "unsupported_change node:A.a OG-MF-106"},
        {"node A { a: I32 }", "node A { b: F64 @rename_from(\"a\") }",
         "rename_property node A a b\nunsupported_change node:A.b OG-MF-106"},
        {"node A {}", "node A { a: [I32] }", "unsupported_change node:A.a OG-MF-103"},
    };
    expect_all(cases, COUNT(cases));
}

static void ends_cardinality_and_interfaces_stay(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A {} node B {} edge E: A -> B", "node A {} node B {} edge E: B -> A",
         "unsupported_change edge:E"},
        {"node A {} node B {} edge E: A -> B", "node A {} node B {} edge E: A -> A",
         "unsupported_change edge:E"},
        {"node A {} edge E: A -> A", "node A {} node B {} edge E: B -> B",
         "add_type node B\nunsupported_change edge:E"},
        {"node A {} edge E: A -> A @card(0..2)", "node A {} edge E: A -> A @card(0..3)",
         "unsupported_change edge:E"},
        {"node A {} node B {} edge E: A -> A", "node A {} node B {} edge E: A -> B @card(1..)",
         "unsupported_change edge:E\nunsupported_change edge:E"},
        {"interface I {} node A {}", "interface I {} node A implements I {}",
         "unsupported_change node:A"},
        {"interface I {} node A implements I {}", "interface I {} node A {}",
         "unsupported_change node:A"},
        {"interface I {} interface J {} node A implements I {}",
         "interface I {} interface J {} node A implements J {}", "unsupported_change node:A"},
        {"interface I {}", "", "unsupported_change interface:I"},
        {"interface I {} node A implements I {}", "node A {}",
         "unsupported_change interface:I\nunsupported_change node:A"},
    };
    expect_all(cases, COUNT(cases));
}

static void other_annotations_stay(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A @x {}", "node A {}", "unsupported_change node:A"},
        {"node A {}", "node A @x {}", "unsupported_change node:A"},
        {"node A @x {}", "node A @x @x {}", "unsupported_change node:A"},
        {"node A @x {}", "node A @x(null) {}", "unsupported_change node:A"},
        {"node A @x(1) {}", "node A @x(2) {}", "unsupported_change node:A"},
        {"node A @x(1) {}", "node A @x(1.0) {}", "unsupported_change node:A"},
        {"node A @x(true) {}", "node A @x(false) {}", "unsupported_change node:A"},
        {"node A @x(\"a\") {}", "node A @x(a) {}", "unsupported_change node:A"},
        {"node A @x([1, 2]) {}", "node A @x([2, 1]) {}", "unsupported_change node:A"},
        {"node A @x(1, a=1) {}", "node A @x(1, a=2) {}", "unsupported_change node:A"},
        {"node A @x(1, a=1) {}", "node A @x(1, b=1) {}", "unsupported_change node:A"},
        {"node A @x @description(\"a\") {}", "node A @description(\"b\") {}",
         "update_type_metadata node A\nunsupported_change node:A"},
        {"node A { a: I32 @x }", "node A { a: I32 @y }", "unsupported_change node:A.a"},
        {"node A { t: String u: String v: Vector(2) @embed(t) }",
         "node A { t: String u: String v: Vector(2) @embed(u) }", "unsupported_change node:A.v"},
        {"node A { t: String v: Vector(2) @embed(t, model=\"m\") }",
         "node A { t: String v: Vector(2) @embed(t, model=\"n\") }", "unsupported_change node:A.v"},
        {"node A { t: String v: Vector(2) @embed(t) }", "node A { t: String v: Vector(2) }",
         "unsupported_change node:A.v"},
    };
    expect_all(cases, COUNT(cases));
}

static void instruction_is_metadata_of_a_type(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A @instruction(\"a\") {}", "node A @instruction(\"b\") {}",
         "update_type_metadata node A"},
        {"node A {} edge E: A -> A @instruction(\"a\")", "node A {} edge E: A -> A",
         "update_type_metadata edge E"},
        {"interface I { a: I32 @description(\"x\") }", "interface I { a: I32 }",
         "update_property_metadata interface I a"},
    };
    expect_all(cases, COUNT(cases));
}

static void steps_come_in_one_order(void **state)
{
    (void)state;
    expect("interface I { q: I32? }\n"
           "node Gone1 {}\n"
           "node A implements I { a: enum(x) b: I32 c: I32 @index d: I32 @unique e: I32 @index }\n"
           "node Gone2 {}\n"
           "edge Gone: A -> A\n"
           "edge E: A -> A { p: I32 }\n",
           "edge New: B -> B\n"
           "edge F: B -> B @card(0..2) @rename_from(\"E\") @description(\"f\") { p: I32? }\n"
           "node B @rename_from(\"A\") @description(\"b\") {\n"
           " n: I32? z: enum(x, y) @rename_from(\"a\") @description(\"z\")\n"
           " c: I32 d: I32 e: I32 @range(e, 0..1) @unique(c) @key(c) @index(n) @index(d) }\n"
           "node First {}\n"
           "interface J { r: I32 }\n"
           "interface I { q: I32? s: I32? }\n",
           "add_type interface J\n"
           "add_property interface I s\n"
           "rename_type node A B\n"
           "unsupported_change node:B\n" /* interfaces */
           "update_type_metadata node B\n"
           "add_property node B n\n"
           "rename_property node B a z\n"
           "extend_enum node B z\n"
           "update_property_metadata node B z\n"
           "drop_property node B b\n"
           "drop_property node B q\n"
           "unsupported_change node:B\n" /* @unique(d) removed */
           "unsupported_change node:B\n" /* @index(c) removed */
           "unsupported_change node:B\n" /* @index(e) removed */
           "unsupported_change node:B\n" /* @key(c) added */
           "unsupported_change node:B\n" /* @unique(c) added */
           "add_constraint node B {\"Index\":[\"d\"]}\n"
           "add_constraint node B {\"Index\":[\"n\"]}\n"
           "unsupported_change node:B\n" /* @range(e) added */
           "add_type node First\n"
           "drop_type node Gone1\n"
           "drop_type node Gone2\n"
           "add_type edge New\n"
           "rename_type edge E F\n"
           "unsupported_change edge:F\n" /* cardinality */
           "update_type_metadata edge F\n"
           "unsupported_change edge:F.p OG-MF-106\n"
           "drop_type edge Gone");
}

static void a_wide_schema_is_planned_fast(void **state)
{
    (void)state;
    /* Quadratic work would take minutes here. */
    enum { N = 30000 };
    struct buf a = BUF_INIT, b = BUF_INIT;
    buf_puts(&a, "node A {");
    buf_puts(&b, "node A {");
    for (int i = 0; i < N; i++) {
        buf_printf(&a, " p%d: I32? @index\n", i);
        buf_printf(&b, " q%d: I32? @rename_from(\"p%d\") @index\n", i, N - 1 - i);
    }
    buf_puts(&a, "}");
    buf_puts(&b, "}");
    jv plan = plan_of(buf_text(&a), buf_text(&b));
    jv steps = json_get(&plan, "steps");
    assert_int_equal(jv_array_length(steps), N);
    assert_true(json_peek_bool(&plan, "supported", false));
    jv_free(plan);
    buf_free(&a);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rename_needs_an_old_one_that_is_free),
        cmocka_unit_test(a_property_keeps_its_type),
        cmocka_unit_test(ends_cardinality_and_interfaces_stay),
        cmocka_unit_test(other_annotations_stay),
        cmocka_unit_test(instruction_is_metadata_of_a_type),
        cmocka_unit_test(steps_come_in_one_order),
        cmocka_unit_test(a_wide_schema_is_planned_fast),
    };
    return RUN(tests);
}
