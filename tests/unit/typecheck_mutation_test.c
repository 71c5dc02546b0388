/* Inserts, updates and deletes: T3, T7, T10 to T14, T16. */
#include "typecheck_expect.h"

static void t3_a_literal_in_a_mutation_fits_its_property(void **state)
{
    static const struct rule_case cases[] = {
        {"",
         MUTATE("", "update Person set { nick: null, age: 1, tags: [\"a\", \"b\"], lucky: [], "
                    "status: \"gone\", embedding: [1, 2, 3], photo: null } where name = \"x\"")},
        {"", MUTATE("", "update Person set { lucky: [1, 2.5] } where tags = [\"a\"]")},
        {"T3 T3",
         MUTATE("", "update Person set { age: ^\"1\", photo: ^\"x\" } where name = \"x\"")},
        {"T3 T3",
         MUTATE("", "update Person set { tags: ^\"a\", lucky: ^[1, \"x\"] } where age = 1")},
        {"T3", MUTATE("", "update Person set { tags: ^[\"a\", null] } where age = 1")},
        {"T3", MUTATE("", "update Person set { tags: ^[[\"a\"]] } where age = 1")},
        {"T3", MUTATE("", "update Person set { status: ^\"here\" } where age = 1")},
        {"T3", MUTATE("", "update Person set { visits: ^null } where age = 1")},
        {"T3", MUTATE("", "update Person set { embedding: ^[1, 2, 3, 4] } where age = 1")},
        {"T3", MUTATE("", "delete Person where age = ^\"x\"")},
        {"T3", MUTATE("", "delete Person where status = ^\"x\"")},
        {"", MUTATE("", "delete Person where nick = null delete Person where nick != null")},
        {"T3", MUTATE("", "delete Person where nick > ^null")},
        {"T3", MUTATE("", "delete Person where name = ^null")},
        {"T3 T3", MUTATE("", "insert WorksAt { from: ^1, to: ^null, role: \"x\" }")},
        {"T3", MUTATE("", "delete WorksAt where from = ^1")},
    };
    RUN_CASES(state, cases);
}

static void t7_parameters_fit_in_mutations(void **state)
{
    static const struct rule_case cases[] = {
        {"", MUTATE("$n: String, $t: [String]?, $f: [F64], $v: Vector(3), $b: Blob, $i: U32",
                    "update Person set { nick: $n, status: $n, photo: $n, tags: $t, lucky: $f, "
                    "embedding: $v, age: $i, score: $i, seen: now() } where name = $n "
                    "update Person set { photo: $b } where tags = $t "
                    "update Person set { photo: $b } where embedding = $v "
                    "update Person set { photo: $b } where seen < now()")},
        {"T7 T7 T7", MUTATE("$n: String, $i: I32, $t: [I32]",
                            "update Person set { age: ^$n, nick: ^$i, tags: ^$t } where age = 1")},
        {"T7 T7", MUTATE("$n: String, $t: [I32]",
                         "update Person set { tags: ^$n, age: ^$t } where age = 1")},
        {"T7 T7", MUTATE("$v: Vector(2), $i: I32",
                         "update Person set { embedding: ^$v, photo: ^$i } where age = 1")},
        {"T7", MUTATE("$t: [String]", "update Person set { photo: ^$t } where age = 1")},
        {"T7 T7 T7",
         MUTATE("", "update Person set { nick: ^now(), logins: ^now() } where born = ^now()")},
        {"T7", MUTATE("$n: String", "delete Person where age > ^$n")},
        {"T7 T7", MUTATE("$i: I32", "insert WorksAt { from: ^$i, to: ^now(), role: \"x\" }")},
        {"T7", MUTATE("$i: I32", "delete WorksAt where to = ^$i")},
    };
    RUN_CASES(state, cases);
}

static void t10_a_mutation_names_a_node_or_an_edge_as_declared(void **state)
{
    static const struct rule_case cases[] = {
        {"", MUTATE("", "delete Person where age = 1 delete WorksAt where role = \"x\"")},
        {"T10", MUTATE("", "delete ^Persn where nothing = 1")},
        {"T10", MUTATE("", "delete ^Worksat where role = \"x\"")},
        {"T10", MUTATE("", "insert ^Named { name: \"x\" }")},
        {"T10", MUTATE("", "update ^Nothing set { a: 1 } where b = 2")},
        {"T10 T14", MUTATE("", "insert ^Nothing { a: ^$x, b: $x }")},
    };
    RUN_CASES(state, cases);
}

static void t11_a_mutation_names_properties_of_its_type(void **state)
{
    static const struct rule_case cases[] = {
        {"", MUTATE("", "insert WorksAt { from: \"a\", to: \"b\", role: \"x\" }")},
        {"", MUTATE("", "delete WorksAt where from = \"a\" delete WorksAt where to != \"b\"")},
        {"T11", MUTATE("", "update Person set { ^agee: 1 } where name = \"x\"")},
        {"T11", MUTATE("", "update Person set { age: 1 } where ^nam = \"x\"")},
        {"T11", MUTATE("", "delete Person where ^photo = \"x\"")},
        {"T11", MUTATE("$n: String", "delete Doc where ^raw != $n")},
        {"T11", MUTATE("", "delete Person where ^from = \"x\"")},
        {"T11", MUTATE("", "delete Knows where ^src = \"x\"")},
        {"T11", MUTATE("", "insert Contains { from: \"a\", to: \"b\", ^since: 1 }")},
        {"T11", MUTATE("", "insert Company { name: \"x\", ^id: \"y\" }")},
    };
    RUN_CASES(state, cases);
}

static void t12_an_insert_gives_all_that_must_be(void **state)
{
    static const struct rule_case cases[] = {
        {"", MUTATE("", "insert Person { name: \"x\", visits: 0 }")},
        {"T12", MUTATE("", "insert ^Person { name: \"x\" }")},
        {"T12", MUTATE("", "insert ^Person { age: 1 }")},
        {"T12", MUTATE("", "insert ^WorksAt { to: \"b\", role: \"x\" }")},
        {"T12", MUTATE("", "insert ^WorksAt { from: \"b\", role: \"x\" }")},
        {"T12", MUTATE("", "insert ^WorksAt { from: \"a\", to: \"b\" }")},
        {"T12", MUTATE("", "insert ^Contains { from: \"a\" }")},
        /* what is embedded comes from its source */
        {"", MUTATE("$r: Blob", "insert Doc { slug: \"x\", body: \"y\", raw: $r }")},
        {"", MUTATE("$r: Blob", "insert Doc { slug: \"x\", body: \"y\", raw: $r, vec: [1, 2] }")},
        {"T12", MUTATE("$r: Blob", "insert ^Doc { slug: \"x\", raw: $r }")},
        {"T12", MUTATE("$r: Blob", "insert ^Doc { slug: \"x\", vec: [1, 2], raw: $r }")},
        {"", MUTATE("", "insert Note { text: \"x\" } insert Note { vec: [1, 2] }")},
        {"T12", MUTATE("", "insert ^Note { title: \"x\" }")},
        {"", MUTATE("", "update Person set { age: 1 } where name = \"x\"")},
    };
    RUN_CASES(state, cases);
}

static void t13_nothing_is_assigned_twice(void **state)
{
    static const struct rule_case cases[] = {
        {"T13", MUTATE("", "insert Company { name: \"x\", city: \"a\", ^city: \"b\" }")},
        {"T13 T13", MUTATE("", "update Person set { age: 1 ^age: 2 ^age: 3 } where name = \"x\"")},
        {"T13", MUTATE("", "insert Contains { from: \"a\", to: \"b\", ^to: \"c\" }")},
        {"", MUTATE("", "insert Company { name: \"x\" } insert Company { name: \"y\" }")},
    };
    RUN_CASES(state, cases);
}

static void t14_a_mutation_knows_parameters_only(void **state)
{
    static const struct rule_case cases[] = {
        {"", MUTATE("$a: String", "insert Company { name: $a }")},
        {"T14", MUTATE("$a: String", "insert Company { name: ^$b }")},
        {"T14", MUTATE("", "delete Person where name = ^$a")},
        {"T14", MUTATE("", "update Person set { nick: ^$a } where name = $a")}, /* once */
        {"T14", MUTATE("$_: String", "delete Person where name = ^$_")},
    };
    RUN_CASES(state, cases);
}

static void t16_an_edge_is_not_updated(void **state)
{
    static const struct rule_case cases[] = {
        {"T16", MUTATE("", "update ^WorksAt set { role: \"x\" } where from = \"a\"")},
        {"T16 T14", MUTATE("", "update ^WorksAt set { nothing: 1 } where from = ^$a")},
    };
    RUN_CASES(state, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECKED(t3_a_literal_in_a_mutation_fits_its_property),
        CHECKED(t7_parameters_fit_in_mutations),
        CHECKED(t10_a_mutation_names_a_node_or_an_edge_as_declared),
        CHECKED(t11_a_mutation_names_properties_of_its_type),
        CHECKED(t12_an_insert_gives_all_that_must_be),
        CHECKED(t13_nothing_is_assigned_twice),
        CHECKED(t14_a_mutation_knows_parameters_only),
        CHECKED(t16_an_edge_is_not_updated),
    };
    return RUN(tests);
}
