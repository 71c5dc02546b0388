/* Mutations: insert, update, delete. */
#include "lang/gq_parse.h"

static const char *const keywords[] = {
    [QUERY_INSERT] = "insert",
    [QUERY_UPDATE] = "update",
    [QUERY_DELETE] = "delete",
};
enum { KEYWORD_COUNT = sizeof keywords / sizeof keywords[0] };

static bool at_keyword(const struct parser *p, enum query_mutation_kind *kind)
{
    for (size_t i = 0; i < KEYWORD_COUNT; i++) {
        if (parser_at_name(p, keywords[i])) {
            *kind = (enum query_mutation_kind)i;
            return true;
        }
    }
    return false;
}

bool gq_at_mutation(const struct parser *p)
{
    enum query_mutation_kind kind;
    return at_keyword(p, &kind);
}

struct query_assignment *gq_assignment(struct parser *p)
{
    struct query_assignment *one = arena_alloc(p->arena, sizeof *one);
    if (!gq_name(p, TOKEN_NAME, "the name of a property", &one->name) ||
        !parser_expect(p, TOKEN_COLON, "\":\" and a value", NULL))
        return NULL;
    one->value = gq_value(p);
    return one->value ? one : NULL;
}

static bool assignments(struct parser *p, const struct query_assignment **tail)
{
    if (!parser_expect(p, TOKEN_LBRACE, "\"{\"", NULL))
        return false;
    do {
        struct query_assignment *one = gq_assignment(p);
        if (!one)
            return false;
        (void)parser_accept(p, TOKEN_COMMA); /* commas may be left out */
        *tail = one;
        tail = &one->next;
    } while (!parser_at(p, TOKEN_RBRACE));
    parser_advance(p);
    return true;
}

/* "where" name op value */
static bool predicate(struct parser *p, struct query_predicate *out)
{
    if (!parser_accept_name(p, "where"))
        return parser_expected(p, "\"where\"");
    if (!gq_name(p, TOKEN_NAME, "the name of a property", &out->property))
        return false;
    enum query_op op;
    if (!gq_at_op(p, &op) || op == QUERY_CONTAINS || op == QUERY_STARTS_WITH)
        return parser_expected(p, "a comparison (=, !=, <, <=, > or >=)");
    if (!gq_op(p, &out->op, &out->op_at))
        return false;
    out->value = gq_value(p);
    return out->value != NULL;
}

static struct query_mutation *mutation(struct parser *p)
{
    struct query_mutation *m = arena_alloc(p->arena, sizeof *m);
    m->at = p->token.at;
    if (!at_keyword(p, &m->kind)) {
        (void)parser_expected(p, "insert, update, delete or \"}\"");
        return NULL;
    }
    parser_advance(p);
    if (!gq_name(p, TOKEN_TYPE, "the name of a type (it starts with an upper-case letter)",
                 &m->type))
        return NULL;
    if (m->kind == QUERY_UPDATE && !parser_accept_name(p, "set")) {
        (void)parser_expected(p, "\"set\"");
        return NULL;
    }
    if (m->kind != QUERY_DELETE && !assignments(p, &m->assignments))
        return NULL;
    if (m->kind != QUERY_INSERT && !predicate(p, &m->where))
        return NULL;
    return m;
}

bool gq_mutations(struct parser *p, const struct query_mutation **out)
{
    const struct query_mutation **tail = out;
    do {
        struct query_mutation *one = mutation(p);
        if (!one)
            return false;
        if (*out && ((*out)->kind == QUERY_DELETE) != (one->kind == QUERY_DELETE))
            return parser_error(p, one->at,
                                "one query cannot both delete and insert or update: move the "
                                "deletes to a query of their own, and run one after the other");
        *tail = one;
        tail = &one->next;
    } while (!parser_at(p, TOKEN_RBRACE));
    return true;
}
