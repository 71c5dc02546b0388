/*
 * typecheck_expect.h - for the tests of the rules T1 to T24: tables of queries that keep a rule and
 * queries that break it, the places marked (gq_expect.h).
 */
#ifndef CLUSTER_TYPECHECK_EXPECT_H
#define CLUSTER_TYPECHECK_EXPECT_H

#include "gq_expect.h"
#include "test.h"

#define READ(params, clauses, rest) "query q(" params ") { match { " clauses "} " rest "}"
/* With $p, a Person. */
#define CLAUSE(clause) READ("", "$p: Person " clause, "return { $p }")
#define PARAM(params, clause) READ(params, "$p: Person " clause, "return { $p }")
#define RETURN(projections) READ("", "$p: Person $d: Doc ", "return { " projections "}")
#define ORDER(rest) READ("", "$p: Person ", "return { $p.name as n } " rest)
#define MUTATE(params, body) "query q(" params ") { " body "}"

struct rule_case {
    const char *rules; /* one for each mark in the text; "-" has no number */
    const char *text;
};

static inline struct schema *compile(void)
{
    struct diags diags;
    struct source src = {"t.pg", gq_schema, sizeof gq_schema - 1, "graphs.g.schema"};
    diags_init(&diags);
    struct schema *schema = schema_compile(&src, &diags);
    if (!schema)
        fail_msg("%s", jv_string_value(jv_dump_string(jv_copy(diags.list), 0)));
    diags_free(&diags);
    return schema;
}

static inline int setup(void **state)
{
    *state = compile();
    return 0;
}

static inline int teardown(void **state)
{
    schema_free(*state);
    return 0;
}

/* All queries of the text, checked. */
static inline bool check(const struct schema *schema, const char *text, size_t len,
                         struct diags *diags)
{
    struct source src = gq_source(text, len);
    struct query_file *file = query_file_parse(&src, diags);
    bool ok = file->errors == 0;
    for (const struct query *q = file->first; q; q = q->next)
        ok = query_typecheck(q, &src, schema, diags) && ok;
    query_file_free(file);
    return ok;
}

static inline bool code_is(const struct diags *diags, const char *code)
{
    bool same = true;
    for (int i = 0; i < jv_array_length(jv_copy(diags->list)); i++) {
        jv diag = jv_array_get(jv_copy(diags->list), i);
        same = same && json_string_is(&diag, "code", code) &&
               json_string_is(&diag, "path", "graphs.g.queries");
        jv_free(diag);
    }
    return same;
}

/* Has the text exactly the errors that are marked? Says what differs. */
static inline bool holds(const struct schema *schema, const struct rule_case *one)
{
    struct gq_place places[GQ_MAX_PLACES];
    size_t count;
    struct diags diags;
    diags_init(&diags);
    char *text = gq_unmark(one->text, places, &count);
    bool ok = check(schema, text, strlen(text), &diags);
    char *expected = gq_expected(one->rules, places, count), *found = gq_found(&diags);
    bool same = strcmp(expected, found) == 0 && ok == (count == 0) && diags.errors == (int)count &&
                code_is(&diags, "query_typecheck_error");
    if (!same) {
        jv list = jv_dump_string(jv_copy(diags.list), 0);
        print_error("%s\nexpected\n%sfound\n%s%s\n\n", one->text, expected, found,
                    jv_string_value(list));
        jv_free(list);
    }
    diags_free(&diags);
    free(expected);
    free(found);
    free(text);
    return same;
}

static inline void run(void **state, const struct rule_case *cases, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++)
        wrong += !holds(*state, &cases[i]);
    assert_int_equal(wrong, 0);
}
#define RUN_CASES(state, cases) run(state, cases, sizeof(cases) / sizeof *(cases))

#define CHECKED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
