/*
 * parser.h - what the recursive-descent parsers of .pg and .gq share: one token of lookahead (more
 * by copying), errors that read "expected X, found Y", a bound on nesting.
 *
 * parser_begin(); while p.token is not TOKEN_END: read a declaration; when that fails, an error
 * was reported, and the parser skips to the next declaration. Functions that read something return
 * false after having reported, so callers just pass false up: one broken declaration gives one
 * error.
 */
#ifndef CLUSTER_LANG_PARSER_H
#define CLUSTER_LANG_PARSER_H

#include "common/suggest.h"
#include "lang/lexer.h"

enum { PARSER_MAX_DEPTH = 200 };

struct parser {
    struct lexer lexer;
    struct token token;   /* next, not yet taken */
    struct arena *arena;  /* where texts go; the caller's */
    struct reporter errs; /* errs.errors: how many so far */
    const char *code;     /* of the diagnostics */
    unsigned depth;
};

/* False, with one error reported, for a source that cannot be read at all: over 64 MiB, a byte
 * order mark, not UTF-8. Then do not go on. src and diags must outlive the parser. */
bool parser_begin(struct parser *p, const struct source *src, struct arena *arena,
                  struct diags *diags, const char *code);

/* Takes the token: the next one stands in p->token. */
void parser_advance(struct parser *p);
/* The nth token after p->token (1 is the next); nothing is taken. */
struct token parser_peek(const struct parser *p, unsigned n);

/* True if p->token is of the kind (and is this name). */
bool parser_at(const struct parser *p, enum token_kind kind);
bool parser_at_name(const struct parser *p, const char *name);
/* Takes it if it is there; no error otherwise. */
bool parser_accept(struct parser *p, enum token_kind kind);
bool parser_accept_name(struct parser *p, const char *name);
/* Takes it, or reports "expected <what>, found …". `taken` may be NULL. */
bool parser_expect(struct parser *p, enum token_kind kind, const char *what, struct token *taken);

/* Reports "expected <what>, found <p->token>"; of a TOKEN_BAD its own problem. Returns false. */
bool parser_expected(struct parser *p, const char *what);
/* Reports at a place. Returns false. */
bool parser_error(struct parser *p, struct position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One level of nesting more; false with an error reported past PARSER_MAX_DEPTH (then do not call
 * parser_leave). Set p->depth back when recovering. */
bool parser_enter(struct parser *p);
void parser_leave(struct parser *p);

/* " (did you mean best?)", or "" when there is no best; to end a message with. In the parser's
 * arena. */
const char *parser_hint(struct parser *p, const struct suggestion *near);

/* The text of a token, in the parser's arena. */
char *parser_text(struct parser *p, const struct token *token);

#endif
