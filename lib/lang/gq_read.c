/* A read: match, return, order, limit. */
#include "lang/gq_parse.h"

static bool keyword(struct parser *p, const char *name, const char *what)
{
    return parser_accept_name(p, name) || parser_expected(p, what);
}

static struct query_projection *projection(struct parser *p)
{
    struct query_projection *one = arena_alloc(p->arena, sizeof *one);
    one->expr = gq_expr(p);
    if (!one->expr)
        return NULL;
    if (parser_accept_name(p, "as") &&
        !gq_name(p, TOKEN_NAME, "an alias (it starts with a lower-case letter)", &one->alias))
        return NULL;
    (void)parser_accept(p, TOKEN_COMMA); /* commas may be left out */
    return one;
}

static bool projections(struct parser *p, const struct query_projection **tail)
{
    if (!parser_expect(p, TOKEN_LBRACE, "\"{\"", NULL))
        return false;
    do {
        struct query_projection *one = projection(p);
        if (!one)
            return false;
        *tail = one;
        tail = &one->next;
    } while (!parser_at(p, TOKEN_RBRACE));
    parser_advance(p);
    return true;
}

static struct query_ordering *ordering(struct parser *p)
{
    struct query_ordering *one = arena_alloc(p->arena, sizeof *one);
    one->expr = gq_expr(p);
    if (!one->expr)
        return NULL;
    bool directed = parser_at_name(p, "asc") || parser_at_name(p, "desc");
    if (directed && one->expr->kind == QUERY_NEAREST) {
        (void)parser_error(p, p->token.at,
                           "nearest orders the nearest first: leave out asc and desc");
        return NULL;
    }
    one->descending = parser_at_name(p, "desc");
    if (directed)
        parser_advance(p);
    return one;
}

static bool orderings(struct parser *p, const struct query_ordering **tail)
{
    if (!parser_expect(p, TOKEN_LBRACE, "\"{\"", NULL))
        return false;
    do {
        struct query_ordering *one = ordering(p);
        if (!one)
            return false;
        *tail = one;
        tail = &one->next;
    } while (parser_accept(p, TOKEN_COMMA));
    return parser_expect(p, TOKEN_RBRACE, "\",\" or \"}\"", NULL);
}

bool gq_read(struct parser *p, struct query_read *out)
{
    if (!keyword(p, "match", "\"match\"") || !gq_clauses(p, &out->match) ||
        !keyword(p, "return", "\"return\"") || !projections(p, &out->projections))
        return false;
    if (parser_accept_name(p, "order") && !orderings(p, &out->orderings))
        return false;
    if (!parser_accept_name(p, "limit"))
        return true;
    struct token taken;
    if (!parser_expect(p, TOKEN_INT, "a whole number", &taken))
        return false;
    out->has_limit = true;
    out->limit = taken.integer;
    return true;
}
