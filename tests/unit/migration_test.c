/* Migration plans: every kind of step, every unsupported change, their order, and no change. */
#include "common/xalloc.h"
#include "lang/migration.h"

/* cmocka wants these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct schema *compile(const char *text)
{
    struct diags diags;
    struct source src = {"t.pg", text, strlen(text), "p"};
    diags_init(&diags);
    struct schema *schema = schema_compile(&src, &diags);
    if (!schema) {
        jv first = jv_array_get(jv_copy(diags.list), 0);
        print_message("%s\n", json_peek_string(&first, "message"));
        jv_free(first);
    }
    assert_non_null(schema);
    diags_free(&diags);
    return schema;
}

static jv plan_of(const char *accepted, const char *desired)
{
    struct schema *a = compile(accepted), *b = compile(desired);
    jv plan = migration_plan(a, b);
    schema_free(a);
    schema_free(b);
    return plan;
}

static void expect_json(const char *accepted, const char *desired, const char *expected)
{
    struct buf out = BUF_INIT;
    jv plan = plan_of(accepted, desired);
    json_write_canonical(&plan, &out);
    assert_string_equal(buf_text(&out), expected);
    jv_free(plan);
    buf_free(&out);
}

static const char *field(const jv *step, const char *key)
{
    const char *text = json_peek_string(step, key);
    return text ? text : "";
}

/* One line a step: its kind and the names in it; of an unsupported change the entity and code. */
static char *summary(const jv *plan)
{
    static const char *const keys[] = {"name", "type_name", "property_name", "from",
                                       "to",   "entity",    "code"};
    struct buf out = BUF_INIT;
    jv steps = json_get(plan, "steps");
    jv_array_foreach (steps, i, step) {
        if (json_string_is(&step, "kind", "unsupported_change"))
            assert_true(*field(&step, "reason"));
        buf_printf(&out, "%s%s", i ? "\n" : "", field(&step, "kind"));
        if (json_has(&step, "type_kind"))
            buf_printf(&out, " %s", field(&step, "type_kind"));
        for (size_t k = 0; k < COUNT(keys); k++)
            if (json_has(&step, keys[k]))
                buf_printf(&out, " %s", field(&step, keys[k]));
        if (json_has(&step, "constraint")) {
            jv constraint = json_get(&step, "constraint");
            buf_putc(&out, ' ');
            json_write_canonical(&constraint, &out);
            jv_free(constraint);
        }
        jv_free(step);
    }
    jv_free(steps);
    return buf_detach(&out);
}

/* steps: as summary() writes them. The plan is supported unless one of them is no support. */
static void expect(const char *accepted, const char *desired, const char *steps)
{
    jv plan = plan_of(accepted, desired);
    char *found = summary(&plan);
    if (strcmp(found, steps) != 0)
        print_message("%s\n=>\n%s\n", accepted, desired);
    assert_string_equal(found, steps);
    assert_int_equal(json_peek_bool(&plan, "supported", false),
                     strstr(steps, "unsupported_change") == NULL);
    free(found);
    jv_free(plan);
}

struct change {
    const char *accepted, *desired, *steps;
};

static void expect_all(const struct change *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(cases[i].accepted, cases[i].desired, cases[i].steps);
}

/* --- the form of every step --- */

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

/* --- no change --- */

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

/* --- supported changes --- */

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

/* --- unsupported changes --- */

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

/* --- order --- */

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
        cmocka_unit_test(a_rename_needs_an_old_one_that_is_free),
        cmocka_unit_test(a_property_keeps_its_type),
        cmocka_unit_test(ends_cardinality_and_interfaces_stay),
        cmocka_unit_test(other_annotations_stay),
        cmocka_unit_test(instruction_is_metadata_of_a_type),
        cmocka_unit_test(steps_come_in_one_order),
        cmocka_unit_test(a_wide_schema_is_planned_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
