/* Bindings, traversals, filters and `not`: T1, T2, T4 to T7, T9, T15, T22, T23. */
#include "typecheck_expect.h"

static void t1_a_binding_names_a_node_type(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("$c: Company")},
        {"T1", CLAUSE("$c: ^Compny")},
        {"T1", CLAUSE("$c: ^Knows")}, /* an edge is none */
        {"T1", CLAUSE("$c: ^Named")}, /* nor is an interface */
        {"T1", CLAUSE("$c: ^Nothing $c worksAt $x $x.nothing = 1")},
        {"T1", CLAUSE("$c: ^Nothing $x worksAt $c $x.nothing = 1")},
        {"T1", CLAUSE("$c: ^Nothing { a: 1 } $c.x = 1 $c knows $p $c: Person")},
        {"T1 T1", CLAUSE("$c: ^Nothing not { $c: ^Nothing }")},
    };
    RUN_CASES(state, cases);
}

static void t2_a_binding_names_properties_of_its_type(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("$q: Person { name: \"x\", nick: \"y\" }")},
        {"T2", CLAUSE("$q: Person { ^nam: \"x\" }")},
        {"T2 T2", CLAUSE("$q: Person { ^slug: \"x\", ^body: null }")},
        {"T2", CLAUSE("$q: Person { ^id: \"x\" }")},
    };
    RUN_CASES(state, cases);
}

static void t3_a_literal_in_a_binding_fits_its_property(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("$_: Person { name: \"x\", age: 3, score: 2.5, visits: 1, active: true, "
                    "born: date(\"2026-01-02\"), seen: datetime(\"2026-01-02T03:04:05Z\"), "
                    "status: \"on-leave\", embedding: [1, 2.5, 3] }")},
        {"", CLAUSE("$_: Person { score: 3, age: 2.0 }")}, /* numbers fit each other */
        {"", CLAUSE("$_: Person { nick: null, tags: null, photo: null, embedding: null }")},
        {"T3 T3", CLAUSE("$_: Person { name: ^1, age: ^\"x\" }")},
        {"T3 T3 T3", CLAUSE("$_: Person { active: ^1, name: ^true, nick: ^[\"x\"] }")},
        {"T3 T3", CLAUSE("$_: Person { born: ^\"2026-01-02\", seen: ^date(\"2026-01-02\") }")},
        {"T3", CLAUSE("$_: Person { photo: ^\"x\" }")},
        {"T3 T3", CLAUSE("$_: Person { status: ^\"on-leav\", status: ^3 }")},
        {"T3 T3", CLAUSE("$_: Person { name: ^null, visits: ^null }")},
        {"T3 T3 T3", CLAUSE("$_: Person { embedding: ^[1, 2], embedding: ^[1, 2, \"x\"], "
                            "embedding: ^3 }")},
        {"T3", CLAUSE("$_: Person { embedding: ^[] }")},
        /* a list takes what it holds */
        {"", CLAUSE("$_: Person { tags: \"x\", lucky: 7, logins: now() }")},
        {"T3 T3", CLAUSE("$_: Person { tags: ^[\"x\"], tags: ^[] }")},
        {"T3 T3", CLAUSE("$_: Person { tags: ^3, lucky: ^\"x\" }")},
    };
    RUN_CASES(state, cases);
}

static void t4_a_traversal_names_an_edge(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("$p knows $q $p worksAt $c $c contains $d")},
        {"", CLAUSE("$p worksat $c $p kNOWS $q")}, /* case does not count */
        {"T4", CLAUSE("$p ^know $q")},
        {"T4", CLAUSE("$p ^person $q $q.x = 1 $q knows $p $q: Doc")},
        {"T4", CLAUSE("$p $w: ^know $q $w.x = 1")},
        {"T4", CLAUSE("$p ^_ $q")},
    };
    RUN_CASES(state, cases);
}

static void t5_a_variable_is_at_an_end_of_its_type(void **state)
{
    static const struct rule_case cases[] = {
        /* source first, and the other way */
        {"", CLAUSE("$p worksAt $c $c.city = \"x\"")},
        {"", CLAUSE("$c: Company $c worksAt $p")},
        {"", CLAUSE("$c: Company $c worksAt $q $q.age = 1")},
        {"", CLAUSE("$c: Company $q worksAt $c $q.age = 1")},
        {"", CLAUSE("$c worksAt $p $c.city = \"x\"")},
        /* neither is bound: left to right */
        {"", CLAUSE("$a worksAt $b $a.age = 1 $b.city = \"x\"")},
        {"T6 T6", CLAUSE("$a worksAt $b $a.^city = \"x\" $b.^age = 1")},
        {"", CLAUSE("$_ worksAt $b $b.city = \"x\"")},
        {"", CLAUSE("$p worksAt $_ $_ worksAt $c $c.city = \"x\" $_ knows $_")},
        {"T5", CLAUSE("$d: Doc ^$d worksAt $c $c.nothing = 1")},
        {"T5", CLAUSE("$d: Doc $c worksAt ^$d $c.nothing = 1")},
        {"T5", CLAUSE("$q: Person $p worksAt ^$q")},
        {"T5", CLAUSE("$c: Company $e: Company $c worksAt ^$e")},
        {"T5", CLAUSE("$d: Doc $p knows ^$d")},
        {"", CLAUSE("$a knows $a $p knows $p")},
        {"T5", CLAUSE("$a worksAt ^$a")},
        {"T5", CLAUSE("$p worksAt $c ^$c knows $q")},
    };
    RUN_CASES(state, cases);
}

static void t6_names_are_known(void **state)
{
    static const struct rule_case cases[] = {
        {"T6", CLAUSE("^$q.age = 1")},
        {"T6", CLAUSE("^$q.age = 1 $q.nick = \"x\"")}, /* once */
        {"T6", CLAUSE("^$q.age = 1 not { $p knows $z $q: Company } $q.age = 2")},
        {"T6", CLAUSE("$p.age = ^$q")},
        {"T6", CLAUSE("$p.^ag = 1")},
        {"T6", CLAUSE("$p.^id = 1")},
        {"T6", CLAUSE("$p.^from = 1")},
        {"T6", CLAUSE("$p $w: knows $q $w.^from = \"x\"")},
        {"", CLAUSE("$p $w: knows $q $w.note = \"x\"")},
        {"T6 T6", RETURN("^$x $p.^nothing")},
        {"T6", RETURN("^name")},
        {"T6", RETURN("$p.name as name, ^name")},
        {"T6", CLAUSE("^n = 1")},
        {"T6", CLAUSE("$p.name = ^n")},
        {"", ORDER("order { n }")},
        {"T6", ORDER("order { ^m }")},
        {"T6 T6", ORDER("order { ^$x.name, $p.^nam }")},
        {"T6", PARAM("$a: String", "^$a.name = \"x\"")},
        {"T6", CLAUSE("$_: Doc ^$_.slug = \"x\"")},
        {"T6 T6", RETURN("^$_ ^$_.name")},
        /* bound later, or in a `not` only */
        {"T6", CLAUSE("^$q.age = 1 $q: Person")},
        {"T6", CLAUSE("not { $p knows $q } ^$q.age = 1")},
        {"T6", CLAUSE("not { $p.age = 1 ^$q.age = 1 } $q.age = 2")},
        {"T6", CLAUSE("$q: Person { name: ^$x, nick: $x }")},
        {"T6", READ("$a: String", "$p: Person", "return { search($p.bio, ^$b) }")},
        {"T6", RETURN("count(^$x)")},
        {"T6", RETURN("count(^x)")},
    };
    RUN_CASES(state, cases);
}

static void t7_operands_of_a_filter_fit(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("$p.age = 1 $p.age > 2.5 $p.score < $p.age $p.visits != 3")},
        {"", CLAUSE("$p.name = $p.status $p.status = \"not a word\" \"x\" < $p.name")},
        {"", CLAUSE("$p.active = true $p.born < date(\"2026-01-02\") $p.seen < now()")},
        {"", CLAUSE("now() > datetime(\"2026-01-02T03:04:05Z\") search($p.bio, \"x\") = true")},
        {"", CLAUSE("bm25($p.bio, \"x\") > 0.5 nearest($p.embedding, [1,2,3]) < 1")},
        {"T7 T7 T7", CLAUSE("$p.age ^= \"1\" $p.name ^= 1 $p.active ^= 1")},
        {"T7 T7", CLAUSE("$p.born ^= \"2026-01-02\" $p.seen ^= date(\"2026-01-02\")")},
        {"T7 T7", CLAUSE("$p.born ^< now() $p.name ^= now()")},
        {"T7 T7", CLAUSE("$p.tags ^= $p.tags $p.tags ^= [\"a\"]")},
        {"T7 T7", CLAUSE("$p.embedding ^= $p.embedding $p.embedding ^= [1, 2, 3]")},
        {"T7 T7", CLAUSE("$p.photo ^= $p.photo $p.photo ^= \"x\"")},
        {"T7 T7", CLAUSE("$p ^= $p $p.age ^> $p")},
        {"T7", CLAUSE("[] ^= []")},
        /* null */
        {"", CLAUSE("$p.nick = null null != $p.age $p.tags = null")},
        {"T7 T7 T7", CLAUSE("$p.name ^= null $p.age ^> null $p ^= null")},
        {"T7 T7", CLAUSE("$p.tags ^contains null $p.nick ^starts_with null")},
        {"T7 T7", CLAUSE("[] ^= null now() ^!= null")},
        /* contains, starts_with */
        {"", CLAUSE("$p.tags contains \"x\" $p.lucky contains 1 $p.logins contains now()")},
        {"", CLAUSE("$p.name contains \"x\" $p.name starts_with $p.nick")},
        {"", CLAUSE("[\"a\", \"b\"] contains $p.name [] contains $p.age")},
        {"T7 T7 T7", CLAUSE("$p.tags ^contains 1 $p.lucky ^contains \"x\" $p.tags ^contains []")},
        {"T7 T7 T7", CLAUSE("$p.age ^contains 1 $p.name ^contains 1 [1, \"a\"] ^contains $p.age")},
        {"T7 T7", CLAUSE("$p.embedding ^contains 1 [] ^contains $p.embedding")},
        {"T7 T7 T7",
         CLAUSE("[] ^contains $p.photo $p.tags ^contains $p.tags $p.photo ^contains \"a\"")},
        {"T7 T7", CLAUSE("$p.tags ^starts_with \"x\" $p.age ^starts_with 1")},
        {"T7", CLAUSE("$p.tags ^contains $p")},
    };
    RUN_CASES(state, cases);
}

static void t7_parameters_fit_in_filters(void **state)
{
    static const struct rule_case cases[] = {
        {"", PARAM("$n: String, $i: F64?, $t: [String], $d: DateTime",
                   "$p.name = $n $p.age < $i $i = null $t contains \"x\" $p.seen = $d "
                   "$p.tags contains $n $p.status = $n")},
        {"T7 T7 T7", PARAM("$n: String, $t: [String], $v: Vector(3), $b: Blob",
                           "$p.age ^= $n $p.tags ^= $t $p.embedding ^= $v")},
        {"T7 T7", PARAM("$n: String, $b: Blob", "$p.photo ^= $b $n ^= null")},
    };
    RUN_CASES(state, cases);
}

static void t7_parameters_fit_in_bindings(void **state)
{
    static const struct rule_case cases[] = {
        {"", PARAM("$n: String, $i: I64?, $v: Vector(3)",
                   "$_: Person { name: $n, status: $n, age: $i, score: $i, tags: $n, lucky: $i, "
                   "embedding: $v, seen: now(), logins: now() }")},
        {"T7 T7 T7",
         PARAM("$n: String, $i: I64", "$_: Person { name: ^$i, age: ^$n, lucky: ^$n }")},
        {"T7", PARAM("$t: [String]", "$_: Person { tags: ^$t }")},
        {"T7", PARAM("$t: [String]", "$_: Person { name: ^$t }")},
        {"T7", PARAM("$v: Vector(2)", "$_: Person { embedding: ^$v }")},
        {"T7", PARAM("$v: Vector(3)", "$_: Person { tags: ^$v }")},
        {"T7 T7", PARAM("$n: String, $b: Blob", "$_: Person { photo: ^$n, photo: ^$b }")},
        {"T7 T7 T7", CLAUSE("$_: Person { name: ^now(), born: ^now(), tags: ^now() }")},
        {"T7", CLAUSE("$_: Person { name: ^$p }")},
    };
    RUN_CASES(state, cases);
}

static void t9_a_not_mentions_what_is_bound_outside(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("not { $p knows $q }")},
        {"", CLAUSE("not { $q knows $p }")},
        {"", CLAUSE("not { $p.age > 3 }")},
        {"", CLAUSE("not { 3 < $p.age }")},
        {"", CLAUSE("not { $p: Person { age: 3 } }")},
        {"", CLAUSE("not { search($p.bio, \"x\") }")},
        {"", CLAUSE("not { nearest($p.embedding, [1, 2, 3]) < 1 }")},
        {"", CLAUSE("$p $w: knows $q not { $w.note = \"x\" }")},
        {"", CLAUSE("not { $p knows $q not { $q knows $r } }")},
        {"T9", CLAUSE("^not { $q: Person }")},
        {"T9", CLAUSE("^not { $q knows $r $q.age > 3 }")},
        {"T9", CLAUSE("^not { $_: Person }")},
        {"T9", CLAUSE("^not { now() > now() }")},
        {"T9", PARAM("$a: String", "^not { $q: Person { name: $a } $q.name = $a }")},
        {"T9", CLAUSE("^not { $q: Person not { $p knows $q } }")}, /* in one of its own only */
        {"T9", CLAUSE("not { $p knows $q ^not { $r: Person } }")},
        {"T9", CLAUSE("^not { $q knows $r } $q: Person")},
        {"T9 T9", CLAUSE("^not { ^not { $q: Person } }")},
        {"", CLAUSE("not { $p knows $q } not { $q knows $p }")}, /* another $q */
        {"", CLAUSE("not { $p knows $q } $q: Company")},
    };
    RUN_CASES(state, cases);
}

static void t15_hops_have_bounds(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("$p knows {1,1} $q $p knows {1,3} $q $p knows {3,4294967295} $q")},
        {"T15", CLAUSE("$p knows ^{0,1} $q")},
        {"T15", CLAUSE("$p knows ^{1,} $q")},
        {"T15", CLAUSE("$p knows ^{3,2} $q")},
        {"T15", CLAUSE("$p knows ^{0,0} $q")},
    };
    RUN_CASES(state, cases);
}

static void t22_an_undirected_edge_has_ends_of_one_type(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("$p <knows> $q $q <knows> {1,3} $r $q.age = 1")},
        {"T22", CLAUSE("$p <^worksAt> $c $c.city = \"x\"")},
        {"T22", CLAUSE("$c: Company $p $w: <^worksAt> $c $w.role = \"x\"")},
        {"T4", CLAUSE("$p <^nothing> $c")},
    };
    RUN_CASES(state, cases);
}

static void t23_an_edge_binding_is_one_hop_with_a_fresh_name(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("$p $w: knows $q $w.weight > 0.5 $w.note = null")},
        {"", CLAUSE("$p $w: knows {1,1} $q")},
        {"", CLAUSE("$p $_: knows $q $p $_: knows $r")},
        {"", READ("", "$p $w: knows $q",
                  "return { $w.note as n, count($w.since), max($w.weight) } order { $w.weight }")},
        {"T23", CLAUSE("$p $w: knows ^{1,2} $q")},
        {"T23", CLAUSE("$p $_: knows ^{2,2} $q")},
        {"T15 T23", CLAUSE("$p $w: knows ^^{1,} $q")},
        {"T15 T23", CLAUSE("$p $w: knows ^^{0,1} $q")},
        {"T23", CLAUSE("$q: Doc $p ^$q: knows $r")},
        {"T23", CLAUSE("$p ^$p: knows $r")},
        {"T23", CLAUSE("$p ^$r: knows $r")},
        {"T23", CLAUSE("$p $w: knows $q $p ^$w: knows $r")},
        {"T23", PARAM("$a: String", "$p ^$a: knows $q")},
        {"T23", CLAUSE("$p $w: knows $q ^$w knows $r")},
        {"T23", CLAUSE("$p $w: knows $q $p knows ^$w")},
        {"T23", CLAUSE("$p $w: knows $q ^$w = 1")},
        {"T23 T23", READ("", "$p $w: knows $q", "return { ^$w } order { ^$w }")},
        {"T23", READ("", "$p $w: knows $q", "return { count(^$w) }")},
        {"T23 T23", CLAUSE("$p $w: knows $q search(^$w.note, \"x\") fuzzy(^$w.note, \"x\")")},
        {"T23 T23",
         CLAUSE("$p $w: knows $q match_text(^$w.note, \"x\") bm25(^$w.note, \"x\") > 1")},
        {"", CLAUSE("$p $w: knows $q search($p.bio, $w.note)")}, /* on $p, for what $w says */
        {"T23", CLAUSE("$p $w: knows $q nearest(^$w.vec, [1, 2, 3]) < 1")},
        {"-", CLAUSE("$p $w: knows $q ^$w: Person")},
        {"T7", CLAUSE("$p $w: knows $q $r: Person { name: ^$w }")},
    };
    RUN_CASES(state, cases);
}

static void a_variable_has_one_type_and_no_parameters_name(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("$p: Person { age: 1 } $p: Person { name: \"x\" }")},
        {"-", CLAUSE("^$p: Company")},
        {"-", CLAUSE("$p knows $q ^$q: Company")},
        {"-", CLAUSE("not { ^$p: Company }")},
        {"-", PARAM("$a: String", "^$a: Person")},
        {"-", PARAM("$a: String", "^$a knows $p")},
        {"-", PARAM("$a: String", "$p knows ^$a")},
        {"-", READ("$p: String", "^$p: Person", "return { $p }")},
        {"", READ("$_: String", "$_: Person $p: Person", "return { $p }")},
    };
    RUN_CASES(state, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECKED(t1_a_binding_names_a_node_type),
        CHECKED(t2_a_binding_names_properties_of_its_type),
        CHECKED(t3_a_literal_in_a_binding_fits_its_property),
        CHECKED(t4_a_traversal_names_an_edge),
        CHECKED(t5_a_variable_is_at_an_end_of_its_type),
        CHECKED(t6_names_are_known),
        CHECKED(t7_operands_of_a_filter_fit),
        CHECKED(t7_parameters_fit_in_filters),
        CHECKED(t7_parameters_fit_in_bindings),
        CHECKED(t9_a_not_mentions_what_is_bound_outside),
        CHECKED(t15_hops_have_bounds),
        CHECKED(t22_an_undirected_edge_has_ends_of_one_type),
        CHECKED(t23_an_edge_binding_is_one_hop_with_a_fresh_name),
        CHECKED(a_variable_has_one_type_and_no_parameters_name),
    };
    return RUN(tests);
}
