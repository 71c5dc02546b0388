/* The clauses of a match block: bindings, traversals, filters, text filters, not. */
#include "lang/gq_parse.h"

#include <string.h>

static struct query_clause *clause(struct parser *p);

bool gq_clauses(struct parser *p, const struct query_clause **out)
{
    const struct query_clause **tail = out;
    if (!parser_expect(p, TOKEN_LBRACE, "\"{\"", NULL))
        return false;
    do {
        struct query_clause *one = clause(p);
        if (!one)
            return false;
        *tail = one;
        tail = &one->next;
    } while (!parser_at(p, TOKEN_RBRACE));
    parser_advance(p);
    return true;
}

static bool negation(struct parser *p, struct query_clause *out)
{
    out->kind = QUERY_NOT;
    if (!parser_enter(p))
        return false;
    parser_advance(p);
    if (!gq_clauses(p, &out->negation.clauses))
        return false;
    parser_leave(p);
    return true;
}

/* "{" name ":" value { "," name ":" value } [","] "}" */
static bool matches(struct parser *p, const struct query_assignment **tail)
{
    parser_advance(p);
    do {
        struct query_assignment *one = gq_assignment(p);
        if (!one)
            return false;
        *tail = one;
        tail = &one->next;
    } while (parser_accept(p, TOKEN_COMMA) && !parser_at(p, TOKEN_RBRACE));
    return parser_expect(p, TOKEN_RBRACE, "\",\" or \"}\"", NULL);
}

static bool binding(struct parser *p, struct query_clause *out)
{
    struct query_binding *b = &out->binding;
    out->kind = QUERY_BINDING;
    if (!gq_name(p, TOKEN_DOLLAR, "a variable", &b->variable) ||
        !parser_expect(p, TOKEN_COLON, "\":\"", NULL) ||
        !gq_name(p, TOKEN_TYPE, "a node type (its name starts with an upper-case letter)",
                 &b->type))
        return false;
    return !parser_at(p, TOKEN_LBRACE) || matches(p, &b->matches);
}

static bool hop_bound(struct parser *p, uint32_t *out)
{
    struct token taken;
    if (!parser_expect(p, TOKEN_INT, "a number of hops", &taken))
        return false;
    if (taken.integer > UINT32_MAX)
        return parser_error(p, taken.at, "a bound on hops is at most 4294967295");
    *out = (uint32_t)taken.integer;
    return true;
}

/* [ "{" int "," [ int ] "}" ] */
static bool hops(struct parser *p, struct query_hops *out)
{
    out->min = out->max = 1;
    out->at = p->token.at;
    if (!parser_accept(p, TOKEN_LBRACE))
        return true;
    out->present = true;
    if (!hop_bound(p, &out->min) ||
        !parser_expect(p, TOKEN_COMMA, "\",\" and the most hops, as in {1,3}", NULL))
        return false;
    out->has_max = parser_at(p, TOKEN_INT);
    if (out->has_max && !hop_bound(p, &out->max))
        return false;
    return parser_expect(p, TOKEN_RBRACE, out->has_max ? "\"}\"" : "the most hops, or \"}\"", NULL);
}

static bool edge_name(struct parser *p, struct query_name *out)
{
    if (parser_at(p, TOKEN_TYPE))
        return parser_error(p, p->token.at,
                            "the name of an edge starts with a lower-case letter in a query: "
                            "write \"%c%.*s\"",
                            p->token.text[0] | 0x20,
                            (int)(p->token.len > 60 ? 60 : p->token.len) - 1, p->token.text + 1);
    return gq_name(p, TOKEN_NAME, "the name of an edge", out);
}

static bool traversal(struct parser *p, struct query_clause *out)
{
    struct query_traversal *t = &out->traversal;
    out->kind = QUERY_TRAVERSAL;
    if (!gq_name(p, TOKEN_DOLLAR, "a variable", &t->left))
        return false;
    if (parser_at(p, TOKEN_DOLLAR) &&
        !(gq_name(p, TOKEN_DOLLAR, "a variable", &t->edge_variable) &&
          parser_expect(p, TOKEN_COLON, "\":\" and the name of an edge", NULL)))
        return false;
    t->undirected = parser_accept(p, TOKEN_LT);
    if (!edge_name(p, &t->edge) ||
        (t->undirected && !parser_expect(p, TOKEN_GT, "\">\" after the edge", NULL)) ||
        !hops(p, &t->hops) ||
        !gq_name(p, TOKEN_DOLLAR, "the variable at the other end of the edge", &t->right))
        return false;
    if (parser_at(p, TOKEN_DOT))
        return parser_error(p, p->token.at,
                            "\"$%.60s %.60s $%.60s\" is a traversal of an edge, so no property can "
                            "follow it",
                            t->left.text, t->edge.text, t->right.text);
    return true;
}

/*
 * What a `$x` starts, if it is no binding: a traversal when another variable, an edge in angle
 * brackets, or a name that is no operator comes next; also an operator's name, when what follows it
 * can only follow an edge (`$x contains $y`).
 */
static bool traversal_starts(const struct parser *p)
{
    struct token next = parser_peek(p, 1);
    switch (next.kind) {
    case TOKEN_DOLLAR:
    case TOKEN_TYPE:
        return true;
    case TOKEN_NAME: {
        enum token_kind after = parser_peek(p, 2).kind;
        return after == TOKEN_DOLLAR || after == TOKEN_LBRACE ||
               !(token_is(&next, TOKEN_NAME, query_op_text(QUERY_CONTAINS)) ||
                 token_is(&next, TOKEN_NAME, query_op_text(QUERY_STARTS_WITH)));
    }
    case TOKEN_LT: {
        enum token_kind edge = parser_peek(p, 2).kind;
        return (edge == TOKEN_NAME || edge == TOKEN_TYPE) && parser_peek(p, 3).kind == TOKEN_GT;
    }
    default:
        return false;
    }
}

/* expr op expr, or a call of a text function alone. */
static bool filter(struct parser *p, struct query_clause *out)
{
    struct query_filter f = {0};
    enum query_op op;
    f.left = gq_expr(p);
    if (!f.left)
        return false;
    if (gq_is_text_filter(f.left) && !gq_at_op(p, &op)) {
        out->kind = QUERY_TEXT_FILTER;
        out->text = f.left;
        return true;
    }
    if (!gq_op(p, &f.op, &f.op_at))
        return false;
    f.right = gq_expr(p);
    out->kind = QUERY_FILTER;
    out->filter = f;
    return f.right != NULL;
}

static struct query_clause *clause(struct parser *p)
{
    struct query_clause *c = arena_alloc(p->arena, sizeof *c);
    bool ok;
    c->at = p->token.at;
    if (parser_at(p, TOKEN_RBRACE))
        ok = parser_expected(p, "a clause");
    else if (parser_at_name(p, "not") && parser_peek(p, 1).kind == TOKEN_LBRACE)
        ok = negation(p, c);
    else if (parser_at(p, TOKEN_DOLLAR) && parser_peek(p, 1).kind == TOKEN_COLON)
        ok = binding(p, c);
    else if (parser_at(p, TOKEN_DOLLAR) && traversal_starts(p))
        ok = traversal(p, c);
    else
        ok = filter(p, c);
    return ok ? c : NULL;
}
