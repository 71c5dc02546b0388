/*
 * gq_parse.h - the parts of the .gq parser, which query_file_parse() (gq_file.c) puts together.
 *
 * Each function reads one production of the grammar at p->token. It returns NULL or false after
 * having reported one query_parse_error; what it returns lies in the parser's arena.
 */
#ifndef CLUSTER_LANG_GQ_PARSE_H
#define CLUSTER_LANG_GQ_PARSE_H

#include "lang/parser.h"
#include "lang/query.h"

/* gq_expr.c */
struct query_expr *gq_expr(struct parser *p);
/* literal | $name | now() */
struct query_expr *gq_value(struct parser *p);
/* True if an operator stands at p->token; nothing is taken. */
bool gq_at_op(const struct parser *p, enum query_op *op);
bool gq_op(struct parser *p, enum query_op *op, struct position *at);
/* Takes a token of the kind as a name, or reports "expected <what>, found …". */
bool gq_name(struct parser *p, enum token_kind kind, const char *what, struct query_name *out);
/* What takes an expression of this name followed by a "(": search, fuzzy or match_text. */
bool gq_is_text_filter(const struct query_expr *expr);

/* gq_clause.c: "{" clause { clause } "}" */
bool gq_clauses(struct parser *p, const struct query_clause **out);

/* gq_read.c: from "match" to the limit */
bool gq_read(struct parser *p, struct query_read *out);

/* gq_mutation.c: mutation { mutation } */
bool gq_at_mutation(const struct parser *p);
bool gq_mutations(struct parser *p, const struct query_mutation **out);
/* name ":" value */
struct query_assignment *gq_assignment(struct parser *p);

#endif
