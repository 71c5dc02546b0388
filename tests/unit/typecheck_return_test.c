/* Projections, calls and order: T8, T9, T15, T17 to T21, T24. */
#include "typecheck_expect.h"

static void t8_aggregates_take_what_they_can_and_stand_alone(void **state)
{
    static const struct rule_case cases[] = {
        {"", RETURN("count($p) count($p.name) count($p.tags) sum($p.age) avg($p.score)")},
        {"", RETURN("min($p.age) max($p.name) min($p.status)")},
        {"", READ("$n: I32, $s: String", "$p: Person", "return { sum($n) min($s) count($n) }")},
        {"T8 T8", RETURN("sum(^$p.name) avg(^$p.active)")},
        {"T8 T8", RETURN("min(^$p.born) max(^$p.tags)")},
        {"T8 T8 T8", RETURN("sum(^$p) min(^1) max(^now())")},
        {"T8 T8", RETURN("sum(^$p.lucky) sum(^null)")},
        {"T8", RETURN("count(^count($p))")},
        {"T8", RETURN("sum(^count($p))")},
        {"T8", ORDER("order { ^sum($p.name) }")},
        {"T8", RETURN("min(^bm25($p.bio, \"x\"))")},
        {"T8", CLAUSE("^count($p) > 3")},
        {"T8", ORDER("order { ^count($p) }")},
        {"T8", RETURN("search(^min($p.name), \"x\")")},
        {"", READ("", "$p: Person", "return { count($p) as n } order { n desc }")},
    };
    RUN_CASES(state, cases);
}

static void t9_beside_an_aggregate_stand_variables_and_properties(void **state)
{
    static const struct rule_case cases[] = {
        {"", RETURN("$p $p.name count($d) sum($p.age)")},
        {"T9 T9", RETURN("count($p) ^now() ^1")},
        {"T9", RETURN("^bm25($p.bio, \"x\") count($p)")},
        {"", RETURN("now() 1 bm25($p.bio, \"x\")")},
        {"T6", RETURN("count($p) ^alias")},
    };
    RUN_CASES(state, cases);
}

static void t15_nearest_takes_a_vector_and_something_near_to_it(void **state)
{
    static const struct rule_case cases[] = {
        {"", RETURN("nearest($p.embedding, [1, 2.5, 3]) nearest($d.vec, \"text\")")},
        {"", RETURN("nearest($p.embedding, $p.name) nearest($p.embedding, $p.embedding)")},
        {"", READ("$v: Vector(3)?, $s: String", "$p: Person",
                  "return { nearest($p.embedding, $v), nearest($p.embedding, $s) }")},
        {"T15", RETURN("nearest($p.^name, \"x\")")},
        {"T15", RETURN("nearest($p.^lucky, \"x\")")},
        {"T15", RETURN("nearest($p.^embeding, \"x\")")},
        {"T15", RETURN("nearest(^$q.embedding, \"x\")")},
        {"T15", RETURN("nearest(^$_.embedding, \"x\")")},
        {"T15", READ("$v: Vector(3)", "$p: Person", "return { nearest(^$v.embedding, $v) }")},
        {"T15 T15", RETURN("nearest($p.embedding, ^[1, 2]) nearest($p.embedding, ^[])")},
        {"T15", RETURN("nearest($p.embedding, ^$d.vec)")},
        {"T15 T15", RETURN("nearest($p.embedding, ^3) nearest($p.embedding, ^null)")},
        {"T15 T15",
         RETURN("nearest($p.embedding, ^$p.tags) nearest($p.embedding, ^[1, 2, \"x\"])")},
        {"T15", RETURN("nearest($p.embedding, ^$p)")},
        {"T6", RETURN("nearest($p.embedding, ^$x)")},
    };
    RUN_CASES(state, cases);
}

static void t17_ordering_by_nearest_needs_a_limit(void **state)
{
    static const struct rule_case cases[] = {
        {"", ORDER("order { nearest($p.embedding, \"x\") } limit 5")},
        {"", ORDER("order { nearest($p.embedding, \"x\"), $p.name } limit 5")},
        {"T17", ORDER("order { ^nearest($p.embedding, \"x\") }")},
        {"", READ("", "$p: Person", "return { nearest($p.embedding, \"x\") as d }")},
        {"", READ("", "$p: Person",
                  "return { nearest($p.embedding, \"x\") as d } order { d } limit 5")},
        {"T17",
         READ("", "$p: Person", "return { nearest($p.embedding, \"x\") as d } order { ^d desc }")},
    };
    RUN_CASES(state, cases);
}

static void t18_nearest_and_aliases_do_not_order_together(void **state)
{
    static const struct rule_case cases[] = {
        {"T18", ORDER("order { nearest($p.embedding, \"x\"), ^n } limit 5")},
        {"T18", ORDER("order { ^n, nearest($p.embedding, \"x\") } limit 5")},
        {"T18", READ("", "$p: Person",
                     "return { nearest($p.embedding, \"x\") as d } "
                     "order { nearest($p.embedding, \"x\"), ^d } limit 5")},
        {"T17 T18", ORDER("order { ^nearest($p.embedding, \"x\"), ^n }")},
        {"", READ("", "$p: Person",
                  "return { $p.name as n } order { "
                  "rrf(nearest($p.embedding, \"x\"), bm25($p.bio, \"x\")), n } limit 5")},
        {"", READ("", "$p: Person",
                  "return { nearest($p.embedding, \"x\") as d, $p.name as n } "
                  "order { d, n } limit 5")},
    };
    RUN_CASES(state, cases);
}

static void t19_search_and_fuzzy_take_strings(void **state)
{
    static const struct rule_case cases[] = {
        {"", PARAM("$s: String, $k: U32",
                   "search($p.bio, \"x\") search($p.status, $s) fuzzy($p.bio, \"x\") "
                   "fuzzy($p.bio, $s, 2) fuzzy($p.bio, $s, $k)")},
        {"T19 T19", CLAUSE("search(^$p.age, \"x\") search($p.bio, ^3)")},
        {"T19 T19", CLAUSE("search(^$p.tags, \"x\") search($p.bio, ^null)")},
        {"T19 T19", CLAUSE("fuzzy(^$p, \"x\") fuzzy($p.bio, ^[\"x\"])")},
        {"T19 T19", CLAUSE("fuzzy($p.bio, \"x\", ^1.5) fuzzy($p.bio, \"x\", ^\"1\")")},
        {"T19 T19", RETURN("search($p.bio, ^$p.photo) fuzzy(^$p.born, \"x\")")},
    };
    RUN_CASES(state, cases);
}

static void t20_match_text_and_bm25_take_strings(void **state)
{
    static const struct rule_case cases[] = {
        {"", CLAUSE("match_text($p.bio, \"x\") bm25($p.bio, $p.name) > 1")},
        {"T20 T20", CLAUSE("match_text(^$p.age, \"x\") match_text($p.bio, ^3)")},
        {"T20 T20", RETURN("bm25(^$p.age, \"x\") bm25($p.bio, ^true)")},
        {"T20", ORDER("order { bm25($p.bio, ^1) desc }")},
        {"", ORDER("order { bm25($p.bio, \"x\") desc }")},
    };
    RUN_CASES(state, cases);
}

#define RRF "rrf(nearest($p.embedding, \"x\"), bm25($p.bio, \"x\")"
static void t21_rrf_takes_a_positive_k_and_needs_a_limit(void **state)
{
    static const struct rule_case cases[] = {
        {"", RETURN(RRF ") " RRF ", 60)")},
        {"", READ("$k: I32", "$p: Person", "return { " RRF ", $k) }")},
        {"T21 T21", RETURN(RRF ", ^0) " RRF ", ^1.5)")},
        {"T21 T21", RETURN(RRF ", ^\"1\") " RRF ", ^null)")},
        {"T21", READ("$k: F32", "$p: Person", "return { " RRF ", ^$k) }")},
        {"T15 T20", RETURN("rrf(nearest($p.^name, \"x\"), bm25(^1, \"x\"))")},
        {"", ORDER("order { " RRF ") } limit 5")},
        {"T21", ORDER("order { ^" RRF ") desc }")},
        {"T21", READ("", "$p: Person", "return { " RRF ") as r } order { ^r }")},
        {"", READ("", "$p: Person", "return { " RRF ") as r } order { r desc } limit 5")},
    };
    RUN_CASES(state, cases);
}

static void t24_a_blob_is_neither_returned_nor_ordered_nor_aggregated(void **state)
{
    static const struct rule_case cases[] = {
        {"T24 T24", RETURN("^$p.photo ^$d.raw as r")},
        {"T24", READ("$b: Blob", "$p: Person", "return { ^$b }")},
        {"T24", ORDER("order { ^$p.photo }")},
        {"T24 T24 T24", RETURN("count(^$p.photo) sum(^$p.photo) min(^$p.photo)")},
        {"T24", ORDER("order { max(^$p.photo) }")},
        {"T24", READ("", "$p: Person", "return { ^$p.photo as b } order { b }")},
        {"T24", READ("", "$p $w: knows $q", "return { ^$w.photo }")},
    };
    RUN_CASES(state, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECKED(t8_aggregates_take_what_they_can_and_stand_alone),
        CHECKED(t9_beside_an_aggregate_stand_variables_and_properties),
        CHECKED(t15_nearest_takes_a_vector_and_something_near_to_it),
        CHECKED(t17_ordering_by_nearest_needs_a_limit),
        CHECKED(t18_nearest_and_aliases_do_not_order_together),
        CHECKED(t19_search_and_fuzzy_take_strings),
        CHECKED(t20_match_text_and_bm25_take_strings),
        CHECKED(t21_rrf_takes_a_positive_k_and_needs_a_limit),
        CHECKED(t24_a_blob_is_neither_returned_nor_ordered_nor_aggregated),
    };
    return RUN(tests);
}
