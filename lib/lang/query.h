/*
 * query.h - stored queries: the syntax tree of a .gq file, and its type checker.
 *
 *     struct query_file *file = query_file_parse(&src, &diags);   // never NULL
 *     for (const struct query *q = file->first; q; q = q->next)
 *         if (schema)
 *             query_typecheck(q, &src, schema, &diags);
 *     query_file_free(file);
 *
 * Parsing reports query_parse_error, type checking query_typecheck_error; a message of the latter
 * reads `file:line:column: Tn: …` with the number of the rule (the few rules without a number have
 * none). Everything that is found wrong is reported, but what follows from an error that was
 * reported already is not: an unknown variable is an error once.
 *
 * The tree belongs to its file and is constant. Lists are linked by `next`, in the order of the
 * source, NULL when empty. Nothing in the tree points into the source text; src itself is needed
 * again for type checking, as messages show the line.
 *
 * Nesting is bounded by the parser (PARSER_MAX_DEPTH), so walking the tree by recursion is safe.
 */
#ifndef CLUSTER_LANG_QUERY_H
#define CLUSTER_LANG_QUERY_H

#include "common/diag.h"
#include "lang/literal.h"
#include "lang/property_type.h"
#include "lang/schema.h"
#include "lang/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A name as it stands somewhere: a variable (without the $), a property, a type, an alias. */
struct query_name {
    const char *text; /* NULL where an optional name is left out */
    struct position at;
};

/* `$_` binds nothing, wherever it stands. */
bool query_name_is_blank(const struct query_name *name);

enum query_expr_kind {
    QUERY_LITERAL,
    QUERY_VARIABLE, /* $name */
    QUERY_PROPERTY, /* $name.property */
    QUERY_ALIAS,    /* name */
    QUERY_NOW,
    QUERY_NEAREST,    /* name, property, args[0] the query */
    QUERY_SEARCH,     /* 2 args */
    QUERY_FUZZY,      /* 2 args, or 3 with the most edits */
    QUERY_MATCH_TEXT, /* 2 args */
    QUERY_BM25,       /* 2 args */
    QUERY_RRF,        /* 2 args (nearest or bm25), or 3 with k */
    QUERY_AGGREGATE,  /* 1 arg */
};

enum query_aggregate { QUERY_COUNT, QUERY_SUM, QUERY_AVG, QUERY_MIN, QUERY_MAX };

enum { QUERY_MAX_ARGS = 3 };

/* A value (of a binding, an assignment or a predicate) is a literal, a variable or now(). */
struct query_expr {
    enum query_expr_kind kind;
    struct position at;
    struct query_name name;     /* VARIABLE, PROPERTY, NEAREST: the variable; ALIAS */
    struct query_name property; /* PROPERTY, NEAREST */
    struct literal literal;     /* LITERAL */
    enum query_aggregate aggregate;
    const struct query_expr *args[QUERY_MAX_ARGS];
    size_t arg_count;
};

enum query_op {
    QUERY_EQ,
    QUERY_NE,
    QUERY_LT,
    QUERY_LE,
    QUERY_GT,
    QUERY_GE,
    QUERY_CONTAINS,    /* filters only */
    QUERY_STARTS_WITH, /* filters only */
};

/* As it is written: "=", "contains", … */
const char *query_op_text(enum query_op op);
/* As a query writes it: "search", "count", …; "" for what is no call. */
const char *query_function_name(const struct query_expr *expr);

/* `name: value`, in a binding, an insert or an update. */
struct query_assignment {
    struct query_name name;
    const struct query_expr *value;
    const struct query_assignment *next;
};

enum query_clause_kind {
    QUERY_NOT,
    QUERY_BINDING,
    QUERY_TRAVERSAL,
    QUERY_FILTER,
    QUERY_TEXT_FILTER,
};

struct query_not {
    const struct query_clause *clauses; /* never empty */
};

struct query_binding {
    struct query_name variable;
    struct query_name type;
    const struct query_assignment *matches; /* what its properties must be */
};

/* Hop bounds as written; without any, min and max are 1. */
struct query_hops {
    bool present;
    bool has_max; /* false for {1,} */
    uint32_t min, max;
    struct position at;
};

struct query_traversal {
    struct query_name left, right;
    struct query_name edge_variable; /* optional */
    struct query_name edge;          /* as the query writes it: worksAt */
    bool undirected;                 /* <edge> */
    struct query_hops hops;
};

struct query_filter {
    const struct query_expr *left, *right;
    enum query_op op;
    struct position op_at;
};

struct query_clause {
    enum query_clause_kind kind;
    struct position at;
    union {
        struct query_not negation;
        struct query_binding binding;
        struct query_traversal traversal;
        struct query_filter filter;
        const struct query_expr *text; /* a call of search, fuzzy or match_text */
    };
    const struct query_clause *next;
};

struct query_projection {
    const struct query_expr *expr;
    struct query_name alias; /* optional */
    const struct query_projection *next;
};

struct query_ordering {
    const struct query_expr *expr;
    bool descending;
    const struct query_ordering *next;
};

struct query_read {
    const struct query_clause *match;           /* never empty */
    const struct query_projection *projections; /* never empty */
    const struct query_ordering *orderings;
    bool has_limit;
    int64_t limit;
};

enum query_mutation_kind { QUERY_INSERT, QUERY_UPDATE, QUERY_DELETE };

struct query_predicate {
    struct query_name property;
    enum query_op op; /* a comparison */
    struct position op_at;
    const struct query_expr *value;
};

struct query_mutation {
    enum query_mutation_kind kind;
    struct position at;
    struct query_name type;
    const struct query_assignment *assignments; /* INSERT, UPDATE: never empty */
    struct query_predicate where;               /* UPDATE, DELETE */
    const struct query_mutation *next;
};

struct query_param {
    struct query_name name;
    struct property_type type;
    const struct query_param *next;
};

struct query {
    struct query_name name;
    const struct query_param *params;
    const char *description; /* or NULL */
    const char *instruction; /* or NULL */
    bool is_mutation;
    struct query_read read;                 /* unless is_mutation */
    const struct query_mutation *mutations; /* if is_mutation: never empty */
    const struct query *next;
};

struct query_file {
    struct arena arena;
    const struct query *first; /* the declarations that parsed */
    size_t count;
    size_t errors; /* of the declarations that did not: all are in diags */
};

/* Reads a whole file. A broken declaration is reported and left out; the next one is read on. Two
 * declarations of one name both come back: what that means is the caller's business. */
struct query_file *query_file_parse(const struct source *src, struct diags *diags);
void query_file_free(struct query_file *file);

/* Checks one query against a schema; src is the source it was parsed from. True if nothing was
 * reported. */
bool query_typecheck(const struct query *query, const struct source *src,
                     const struct schema *schema, struct diags *diags);

#endif
