/*
 * query_expect.h - for the tests of the .gq parser: queries with one part to fill in.
 */
#ifndef CLUSTER_QUERY_EXPECT_H
#define CLUSTER_QUERY_EXPECT_H

#include "gq_expect.h"
#include "test.h"

#define READ(clauses, rest) "query q() { match { " clauses "} " rest "}"
#define CLAUSE(clause) READ("$p: Person " clause, "return { $p }")
#define RETURN(projections) READ("$p: Person", "return { " projections "}")
#define ORDER(rest) READ("$p: Person", "return { $p.name as n } " rest)
#define QUERY(head) "query " head " { match { $p: Person } return { $p } }"
#define MUTATE(body) "query q() { " body "}"

static inline struct query_file *parse(const char *text, struct diags *diags)
{
    struct source src = gq_source(text, strlen(text));
    diags_init(diags);
    return query_file_parse(&src, diags);
}

#endif
