/* Migration plans: the form of every step, supported changes, and no change. */
#include "migration_expect.h"

#define PLAN(steps) "{\"steps\":[" steps "],\"supported\":true}"
#define REFUSED(steps) "{\"steps\":[" steps "],\"supported\":false}"

static void steps_have_their_exact_form(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"", "", PLAN("")},
        {"", "node A { a: I32 @unique }",
         PLAN("{\"kind\":\"add_type\",\"name\":\"A\",\"type_kind\":\"node\"}")},
        {"", "interface A {}",
         PLAN("{\"kind\":\"add_type\",\"name\":\"A\",\"type_kind\":\"interface\"}")},
        {"node A {}", "node B @rename_from(\"A\") {}",
         PLAN("{\"from\":\"A\",\"kind\":\"rename_type\",\"to\":\"B\",\"type_kind\":\"node\"}")},
        {"node A {}", "node A { a: String? }",
         PLAN("{\"kind\":\"add_property\",\"property_name\":\"a\",\"property_type\":{\"enum_"
              "values\":null,\"list\":false,\"nullable\":true,\"scalar\":\"String\"},\"type_kind\":"
              "\"node\",\"type_name\":\"A\"}")},
        {"node A {}", "node A { a: enum(y, x)? }",
         PLAN("{\"kind\":\"add_property\",\"property_name\":\"a\",\"property_type\":{\"enum_"
              "values\":[\"x\",\"y\"],\"list\":false,\"nullable\":true,\"scalar\":\"String\"},"
              "\"type_kind\":\"node\",\"type_name\":\"A\"}")},
        {"node A {}", "node A { a: Vector(3)? b: [I32]? }",
         PLAN("{\"kind\":\"add_property\",\"property_name\":\"a\",\"property_type\":{\"enum_"
              "values\":null,\"list\":false,\"nullable\":true,\"scalar\":{\"Vector\":3}},\"type_"
              "kind\":\"node\",\"type_name\":\"A\"},{\"kind\":\"add_property\",\"property_name\":"
              "\"b\",\"property_type\":{\"enum_values\":null,\"list\":true,\"nullable\":true,"
              "\"scalar\":\"I32\"},\"type_kind\":\"node\",\"type_name\":\"A\"}")},
        {"node A { a: I32 }", "node A { b: I32 @rename_from(\"a\") }",
         PLAN("{\"from\":\"a\",\"kind\":\"rename_property\",\"to\":\"b\",\"type_kind\":\"node\","
              "\"type_name\":\"A\"}")},
        {"node A { a: enum(m) }", "node A { a: enum(z, m, b) }",
         PLAN("{\"added_values\":[\"b\",\"z\"],\"kind\":\"extend_enum\",\"property_name\":\"a\","
              "\"type_kind\":\"node\",\"type_name\":\"A\"}")},
        {"node A { a: I32 b: I32 }", "node A { a: I32 b: I32 @index(b, a) }",
         PLAN("{\"constraint\":{\"Index\":[\"a\",\"b\"]},\"kind\":\"add_constraint\",\"type_kind\":"
              "\"node\",\"type_name\":\"A\"}")},
        {"node A {}", "node A @instruction(\"i\") @description(\"d\") {}",
         PLAN("{\"annotations\":[{\"name\":\"description\",\"value\":\"d\"},{\"name\":"
              "\"instruction\",\"value\":\"i\"}],\"kind\":\"update_type_metadata\",\"name\":\"A\","
              "\"type_kind\":\"node\"}")},
        {"node A @description(\"d\") {}", "node A {}",
         PLAN("{\"annotations\":[],\"kind\":\"update_type_metadata\",\"name\":\"A\",\"type_kind\":"
              "\"node\"}")},
        {"node A { a: I32 }", "node A { a: I32 @description(\"d\") }",
         PLAN("{\"annotations\":[{\"name\":\"description\",\"value\":\"d\"}],\"kind\":\"update_"
              "property_metadata\",\"property_name\":\"a\",\"type_kind\":\"node\",\"type_name\":"
              "\"A\"}")},
        {"node A {}", "",
         PLAN("{\"kind\":\"drop_type\",\"mode\":\"soft\",\"name\":\"A\",\"type_kind\":\"node\"}")},
        {"node A { a: I32 }", "node A {}",
         PLAN("{\"kind\":\"drop_property\",\"mode\":\"soft\",\"property_name\":\"a\",\"type_kind\":"
              "\"node\",\"type_name\":\"A\"}")},
        {"node A {}", "node A { a: I32 }",
         REFUSED(
             "{\"code\":\"OG-MF-103\",\"entity\":\"node:A.a\",\"kind\":\"unsupported_change\","
             "\"reason\":\"an added property must be nullable: end its type with \\\"?\\\"\"}")},
        {"node A {} edge E: A -> A", "node A {} edge E: A -> A @card(1..)",
         REFUSED("{\"entity\":\"edge:E\",\"kind\":\"unsupported_change\",\"reason\":\"the "
                 "cardinality of an edge cannot change\"}")},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_json(cases[i].accepted, cases[i].desired, cases[i].steps);
}

static void what_says_the_same_is_no_change(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A {} edge E: A -> A @card(0..)", "node A {} edge E: A -> A", ""},
        {"node A {} edge E: A -> A", "node A {} edge E: A -> A @card(0..) {}", ""},
        {"node A { a: enum(x, y) }", "node A { a: enum(y, x) }", ""},
        {"node A @x @y(1) @description(\"d\") {}", "node A @description(\"d\") @y(1) @x {}", ""},
        {"node A @x(1, a=1, b=2) {}", "node A @x(1, b=2, a=1) {}", ""},
        {"interface I {} interface J {} node A implements I, J {}",
         "interface I {} interface J {} node A implements J, I, J {}", ""},
        {"interface I { a: I32? @x(1) @description(\"i\") }"
         "interface J { a: I32? @x(2) @description(\"j\") @index } node A implements I, J {}",
         "interface J { a: I32? @index @description(\"j\") @x(2) }"
         "interface I { a: I32? @description(\"i\") @x(1) } node A implements J, I {}",
         ""},
        {"node A { a: I32 b: I32 @index(a, b) @unique(b, a) }",
         "node A { b: I32 a: I32 @index(b, a) @unique(a, b) }", ""},
        {"node A { a: I32 @key b: I32 @index c: I32 @unique }",
         "node A { a: I32 b: I32 c: I32 @unique(c) @key(a) @index(b) }", ""},
        {"node A { a: I32 @range(a, 0..1) }", "node A { a: I32 @range(a, 0.0..1.0) }", ""},
        {"node A {} node B {} edge E: A -> B", "edge E: A -> B // c\n node B {} node A {}", ""},
        {"node A { t: String v: Vector(2) @embed(t, model=\"m\") }",
         "node A { t: String v: Vector(2) @embed(\"t\", model=\"m\") }", ""},
        /* @rename_from is not compared, and means nothing where the name is accepted. */
        {"node A @rename_from(\"Z\") { a: I32 @rename_from(\"z\") }", "node A { a: I32 }", ""},
        {"node A { a: I32 }", "node A @rename_from(\"Z\") { a: I32 @rename_from(\"z\") }", ""},
        {"node A {} node B {}", "node A @rename_from(\"B\") {} node B @rename_from(\"A\") {}", ""},
        {"node A { a: I32 b: I32 }",
         "node A { a: I32 @rename_from(\"b\") b: I32 @rename_from(\"a\") }", ""},
        /* A property that a node declares itself now, or no longer. */
        {"interface I { a: I32 } node A implements I {}",
         "interface I { a: I32 } node A implements I { a: I32 }", ""},
        {"interface I { a: I32 } node A implements I { a: I32 }",
         "interface I { a: I32 } node A implements I {}", ""},
    };
    expect_all(cases, COUNT(cases));
}

static void types_are_added_renamed_and_dropped(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A {} edge E: A -> A",
         "node A {} interface I { a: I32 } node B implements I {} edge F: A -> B",
         "add_type interface I\nadd_type node B\nadd_type edge F\ndrop_type edge E"},
        {"node A {} node B {} node C {}", "node C {}", "drop_type node A\ndrop_type node B"},
        {"node A {}", "node B {}", "add_type node B\ndrop_type node A"},
        {"interface A {} node A {} edge A: A -> A", "interface A {} node A {}", "drop_type edge A"},
        {"node A {} edge E: A -> A", "node A {} edge F: A -> A @rename_from(\"E\")",
         "rename_type edge E F"},
    };
    expect_all(cases, COUNT(cases));
}

static void a_renamed_type_keeps_what_refers_to_it(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A { a: I32 } edge E: A -> A", "node B @rename_from(\"A\") { a: I32 } edge E: B -> B",
         "rename_type node A B"},
        {"node A { a: I32 c: I32 }",
         "node B @rename_from(\"A\") @description(\"d\") { b: I32 @rename_from(\"a\") n: I32? }",
         "rename_type node A B\nupdate_type_metadata node B\nrename_property node B a b\n"
         "add_property node B n\ndrop_property node B c"},
        /* One step after the other. */
        {"node B @rename_from(\"A\") {}", "node C @rename_from(\"B\") {}", "rename_type node B C"},
        {"node A {} node B {}", "node B @rename_from(\"A\") {}", "drop_type node A"},
    };
    expect_all(cases, COUNT(cases));
}

static void properties_are_added_renamed_and_dropped(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A { a: I32 b: I32 }", "node A { c: I32? d: [String]? e: Blob? }",
         "add_property node A c\nadd_property node A d\nadd_property node A e\n"
         "drop_property node A a\ndrop_property node A b"},
        {"node A { a: I32 }", "node A { b: I32? }",
         "add_property node A b\ndrop_property node A a"},
        {"node A {} edge E: A -> A { a: I32 }",
         "node A {} edge E: A -> A { b: I32 @rename_from(\"a\") c: I32? }",
         "rename_property edge E a b\nadd_property edge E c"},
    };
    expect_all(cases, COUNT(cases));
}

static void a_renamed_property_keeps_its_constraints(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A { a: I32 @index c: I32 @unique(a, c) @key(a) @range(a, 0..1) s: String"
         " @check(s, \"x\") }",
         "node A { z: I32 @rename_from(\"a\") @index c: I32 @unique(c, z) @key(z) @range(z, 0..1)"
         " y: String @rename_from(\"s\") @check(y, \"x\") }",
         "rename_property node A a z\nrename_property node A s y"},
        {"node A { a: I32 @index }", "node A { b: I32 @rename_from(\"a\") }",
         "rename_property node A a b\nunsupported_change node:A"},
        {"node A { t: String v: Vector(2) @embed(t) }",
         "node A { u: String @rename_from(\"t\") v: Vector(2) @embed(u) }",
         "rename_property node A t u"},
        {"node A {} edge E: A -> A { a: I32 @unique(src, a) }",
         "node A {} edge E: A -> A { b: I32 @rename_from(\"a\") @unique(b, src) }",
         "rename_property edge E a b"},
    };
    expect_all(cases, COUNT(cases));
}

static void an_enum_is_extended(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A { a: enum(x)? }", "node A { a: enum(x, y)? }", "extend_enum node A a"},
        {"node A { a: enum(x) }", "node A { b: enum(y, x) @rename_from(\"a\") }",
         "rename_property node A a b\nextend_enum node A b"},
        {"node A { a: enum(x) }", "node A { a: enum(x, y)? }",
         "unsupported_change node:A.a OG-MF-106"},
        {"node A { a: enum(x, y) }", "node A { a: enum(x) }",
         "unsupported_change node:A.a OG-MF-106"},
        {"node A { a: enum(x, y) }", "node A { a: enum(x, z) }",
         "unsupported_change node:A.a OG-MF-106"},
        {"node A { a: enum(x) }", "node A { a: String }", "unsupported_change node:A.a OG-MF-106"},
        {"node A { a: String }", "node A { a: enum(x) }", "unsupported_change node:A.a OG-MF-106"},
    };
    expect_all(cases, COUNT(cases));
}

static void only_an_index_can_be_added(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A { a: I32 v: Vector(2) }", "node A { a: I32 @index v: Vector(2) @index(v, a) }",
         "add_constraint node A {\"Index\":[\"a\"]}\nadd_constraint node A "
         "{\"Index\":[\"a\",\"v\"]}"},
        {"node A {}", "node A { a: I32? @index }",
         "add_property node A a\nadd_constraint node A {\"Index\":[\"a\"]}"},
        {"node A {} edge E: A -> A", "node A {} edge E: A -> A { @index(src) }",
         "add_constraint edge E {\"Index\":[\"src\"]}"},
        {"node A { a: I32 }", "node A { a: I32 @key }", "unsupported_change node:A"},
        {"node A { a: I32 }", "node A { a: I32 @unique }", "unsupported_change node:A"},
        {"node A { a: I32 }", "node A { a: I32 @range(a, 0..) }", "unsupported_change node:A"},
        {"node A { a: String }", "node A { a: String @check(a, \"x\") }",
         "unsupported_change node:A"},
        {"node A {}", "node A { a: I32? @unique }",
         "add_property node A a\nunsupported_change node:A"},
    };
    expect_all(cases, COUNT(cases));
}

static void no_constraint_can_be_removed_or_changed(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A { a: I32 @index }", "node A { a: I32 }", "unsupported_change node:A"},
        {"node A { a: I32 @key }", "node A { a: I32 }", "unsupported_change node:A"},
        {"node A { a: I32 @range(a, 0..) }", "node A { a: I32 }", "unsupported_change node:A"},
        {"node A { a: I32 @range(a, 0..1) }", "node A { a: I32 @range(a, 0..2) }",
         "unsupported_change node:A\nunsupported_change node:A"},
        {"node A { a: I32 @range(a, 0..1) }", "node A { a: I32 @range(a, ..1) }",
         "unsupported_change node:A\nunsupported_change node:A"},
        {"node A { a: String @check(a, \"x\") }", "node A { a: String @check(a, \"y\") }",
         "unsupported_change node:A\nunsupported_change node:A"},
        {"node A { a: I32 b: I32 @index(a, b) }", "node A { a: I32 b: I32 @index(a) @index(b) }",
         "unsupported_change node:A\nadd_constraint node A {\"Index\":[\"a\"]}\n"
         "add_constraint node A {\"Index\":[\"b\"]}"},
        /* The interface's constraint is gone when the node declares the property itself. */
        {"interface I { a: I32 @index } node A implements I {}",
         "interface I { a: I32 @index } node A implements I { a: I32 }",
         "unsupported_change node:A"},
    };
    expect_all(cases, COUNT(cases));
}

static void a_dropped_property_takes_its_own_constraints_along(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"node A { a: I32 @index @range(a, 0..1) b: String @index @check(b, \"x\") }", "node A {}",
         "drop_property node A a\ndrop_property node A b"},
        {"node A { a: I32 @key }", "node A {}",
         "drop_property node A a\nunsupported_change node:A"},
        {"node A { a: I32 @unique }", "node A {}",
         "drop_property node A a\nunsupported_change node:A"},
        {"node A { a: I32 b: I32 @index(a, b) }", "node A { b: I32 }",
         "drop_property node A a\nunsupported_change node:A"},
        {"node A { a: I32 b: I32 @key(a, b) }", "node A { b: I32 @key }",
         "drop_property node A a\nunsupported_change node:A\nunsupported_change node:A"},
        {"node A {} edge E: A -> A { a: I32 @index @unique(src, a) }", "node A {} edge E: A -> A",
         "drop_property edge E a\nunsupported_change edge:E"},
    };
    expect_all(cases, COUNT(cases));
}

static void a_change_in_an_interface_is_one_of_its_nodes(void **state)
{
    (void)state;
    static const struct change cases[] = {
        {"interface I { a: I32 } node A implements I {} node B implements I { a: I32 } node C {}",
         "interface I { a: I32 n: I32? } node A implements I {} node B implements I { a: I32 }"
         "node C {}",
         "add_property interface I n\nadd_property node A n\nadd_property node B n"},
        {"interface I { a: I32 } node A implements I {} node B implements I { a: I32 }",
         "interface I {} node A implements I {} node B implements I { a: I32 }",
         "drop_property interface I a\ndrop_property node A a"},
        {"interface I { a: enum(x) } node A implements I {}",
         "interface I { b: enum(x, y) @rename_from(\"a\") @description(\"d\") }"
         "node A implements I {}",
         "rename_property interface I a b\nextend_enum interface I b\n"
         "update_property_metadata interface I b\nrename_property node A a b\n"
         "extend_enum node A b\nupdate_property_metadata node A b"},
        {"interface I { a: I32 } node A implements I {}",
         "interface I { a: I32 @index } node A implements I {}",
         "add_constraint interface I {\"Index\":[\"a\"]}\nadd_constraint node A "
         "{\"Index\":[\"a\"]}"},
        {"interface I { a: I32 } node A implements I {}",
         "interface I { a: I64 } node A implements I {}",
         "unsupported_change interface:I.a OG-MF-106\nunsupported_change node:A.a OG-MF-106"},
        /* From the interface to the node: only the interface loses it. */
        {"interface I { a: I32 } node A implements I {}",
         "interface I {} node A implements I { a: I32 }", "drop_property interface I a"},
        {"interface I {} node A implements I { a: I32 }",
         "interface I { a: I32 } node A implements I {}",
         "unsupported_change interface:I.a OG-MF-103"},
    };
    expect_all(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_have_their_exact_form),
        cmocka_unit_test(what_says_the_same_is_no_change),
        cmocka_unit_test(types_are_added_renamed_and_dropped),
        cmocka_unit_test(a_renamed_type_keeps_what_refers_to_it),
        cmocka_unit_test(properties_are_added_renamed_and_dropped),
        cmocka_unit_test(a_renamed_property_keeps_its_constraints),
        cmocka_unit_test(an_enum_is_extended),
        cmocka_unit_test(only_an_index_can_be_added),
        cmocka_unit_test(no_constraint_can_be_removed_or_changed),
        cmocka_unit_test(a_dropped_property_takes_its_own_constraints_along),
        cmocka_unit_test(a_change_in_an_interface_is_one_of_its_nodes),
    };
    return RUN(tests);
}
