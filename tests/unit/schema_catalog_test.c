/* .pg schemas: the rules across declarations, inheritance, and what a compiled schema holds. */
#include "schema_expect.h"

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
        "interface I {} node A implements I { a: I32 }",
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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };
    return RUN(tests);
}
