/* A .gq file: the head and the body of its declarations, and how to go on after a broken one. */
#include "lang/gq_parse.h"

#include "common/xalloc.h"
#include "lang/gq_tree.h"

#include <stdlib.h>
#include <string.h>

#define RESERVED_PARAM "__nanograph_now"

static int compare_params(const void *a, const void *b)
{
    const struct query_param *x = a, *y = b;
    return strcmp(x->name.text, y->name.text);
}

/* *seen is a tree of the parameters before this one. */
static bool check_param(struct parser *p, const struct query_param *param, void **seen)
{
    if (query_name_is_blank(&param->name))
        return true; /* binds nothing, so it may stand there twice */
    if (strcmp(param->name.text, RESERVED_PARAM) == 0)
        return parser_error(p, param->name.at,
                            "the name \"$" RESERVED_PARAM
                            "\" is reserved; give the parameter another");
    return gq_tree_add(seen, param, compare_params) == param ||
           parser_error(p, param->name.at, "parameter \"$%.60s\" is declared twice",
                        param->name.text);
}

static struct query_param *param(struct parser *p, void **seen)
{
    struct query_param *one = arena_alloc(p->arena, sizeof *one);
    if (gq_name(p, TOKEN_DOLLAR, "a parameter, or \")\"", &one->name) &&
        check_param(p, one, seen) && parser_expect(p, TOKEN_COLON, "\":\" and a type", NULL) &&
        property_type_parse(p, false, &one->type))
        return one;
    return NULL;
}

/* "(" [ param { "," param } ] ")" */
static bool params(struct parser *p, const struct query_param **tail)
{
    void *seen = NULL;
    bool ok = false;
    if (!parser_expect(p, TOKEN_LPAREN, "\"(\"", NULL))
        return false;
    if (parser_accept(p, TOKEN_RPAREN))
        return true;
    do {
        struct query_param *one = param(p, &seen);
        if (!one)
            goto out;
        *tail = one;
        tail = &one->next;
    } while (parser_accept(p, TOKEN_COMMA));
    ok = parser_expect(p, TOKEN_RPAREN, "\",\" or \")\"", NULL);
out:
    gq_tree_free(&seen);
    return ok;
}

/* "@description" "(" string ")"; @instruction likewise. */
static bool annotation(struct parser *p, struct query *out)
{
    const char **text;
    if (token_is(&p->token, TOKEN_AT, "description"))
        text = &out->description;
    else if (token_is(&p->token, TOKEN_AT, "instruction"))
        text = &out->instruction;
    else
        return parser_expected(p, "@description, @instruction or \"{\"");
    if (*text)
        return parser_error(p, p->token.at, "\"@%s\" stands there twice",
                            parser_text(p, &p->token));
    parser_advance(p);
    struct token taken;
    if (!parser_expect(p, TOKEN_LPAREN, "\"(\" and a text", NULL) ||
        !parser_expect(p, TOKEN_STRING, "a text in quotes", &taken))
        return false;
    *text = parser_text(p, &taken);
    return parser_expect(p, TOKEN_RPAREN, "\")\"", NULL);
}

/* "{" body "}" */
static bool body(struct parser *p, struct query *out)
{
    if (!parser_at(p, TOKEN_LBRACE))
        return parser_expected(p, "\"{\"");
    if (!parser_enter(p))
        return false;
    parser_advance(p);
    out->is_mutation = gq_at_mutation(p);
    if (!out->is_mutation && !parser_at_name(p, "match"))
        return parser_expected(p, "match, insert, update or delete");
    if (out->is_mutation ? !gq_mutations(p, &out->mutations) : !gq_read(p, &out->read))
        return false;
    if (!parser_at(p, TOKEN_RBRACE)) /* only a read can end before one */
        return parser_expected(p, !out->read.orderings && !out->read.has_limit
                                      ? "order, limit or \"}\""
                                  : !out->read.has_limit ? "limit or \"}\""
                                                         : "\"}\"");
    parser_advance(p);
    parser_leave(p);
    return true;
}

static struct query *declaration(struct parser *p)
{
    struct query *q = arena_alloc(p->arena, sizeof *q);
    if (!parser_accept_name(p, "query")) {
        (void)parser_expected(p, "\"query\"");
        return NULL;
    }
    if (!gq_name(p, TOKEN_NAME, "the name of the query (it starts with a lower-case letter)",
                 &q->name) ||
        !params(p, &q->params))
        return NULL;
    while (parser_at(p, TOKEN_AT))
        if (!annotation(p, q))
            return NULL;
    return body(p, q) ? q : NULL;
}

/*
 * Does a declaration start at p->token, after something broken? `query` may be any name, and braces
 * may be missing. Outside of braces it is the keyword, and so it is in the first column; within
 * braces it is if what follows looks like the head of a query and could be nothing else.
 */
static bool declaration_starts(const struct parser *p, const struct token *before, int64_t depth)
{
    if (!parser_at_name(p, "query") || token_is(before, TOKEN_NAME, "query"))
        return false;
    if (depth <= 0 || p->token.at.column == 1)
        return true;
    if (before->kind == TOKEN_DOT || token_is(before, TOKEN_NAME, "as") ||
        parser_peek(p, 1).kind != TOKEN_NAME || parser_peek(p, 2).kind != TOKEN_LPAREN)
        return false;
    struct token inside = parser_peek(p, 3);
    return inside.kind == TOKEN_RPAREN ||
           (inside.kind == TOKEN_DOLLAR && parser_peek(p, 4).kind == TOKEN_COLON);
}

/* Goes on at the first declaration that starts after the first token of a broken one. The parser
 * may have run into it already: so this starts over from `broken`. */
static void recover(struct parser *p, const struct lexer *lexer, const struct token *broken)
{
    int64_t depth = 0; /* of braces */
    p->lexer = *lexer;
    p->token = *broken;
    p->depth = 0;
    do {
        struct token before = p->token;
        depth += before.kind == TOKEN_LBRACE;
        depth -= before.kind == TOKEN_RBRACE;
        parser_advance(p);
        if (declaration_starts(p, &before, depth))
            return;
    } while (!parser_at(p, TOKEN_END));
}

struct query_file *query_file_parse(const struct source *src, struct diags *diags)
{
    struct query_file *file = xcalloc(1, sizeof *file);
    const struct query **tail = &file->first;
    struct parser p;
    if (!parser_begin(&p, src, &file->arena, diags, "query_parse_error")) {
        file->errors = p.errs.errors;
        return file;
    }
    while (!parser_at(&p, TOKEN_END)) {
        struct lexer lexer = p.lexer;
        struct token first = p.token;
        struct query *q = declaration(&p);
        if (!q) {
            recover(&p, &lexer, &first);
            continue;
        }
        *tail = q;
        tail = &q->next;
        file->count++;
    }
    file->errors = p.errs.errors;
    return file;
}

void query_file_free(struct query_file *file)
{
    if (!file)
        return;
    arena_free(&file->arena);
    free(file);
}
