/* What a read returns: projections, their aliases, the order. */
#include "lang/typecheck.h"

#include "lang/gq_tree.h"

#include <string.h>

static int compare(const void *a, const void *b)
{
    const struct alias *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static const struct alias *find_alias(const struct checker *c, const char *name)
{
    struct alias key = {.name = name};
    return gq_tree_find(&c->aliases, &key, compare);
}

static const char *nearest_alias(const struct checker *c, const char *name)
{
    struct suggestion s;
    size_t offered = 0;
    suggest_begin(&s, name);
    if (worth_a_suggestion(c))
        for (const struct query_projection *p = c->query->read.projections;
             p && offered < MAX_CANDIDATES; p = p->next, offered++)
            if (p->alias.text)
                suggest_offer(&s, p->alias.text);
    return suggest_best(&s);
}

const struct alias *check_alias(struct checker *c, const struct query_name *name)
{
    const struct alias *found = c->in_order ? find_alias(c, name->text) : NULL;
    if (!c->in_order)
        (void)check_error(
            c, 6, name->at, NULL,
            "\"%.60s\" is no variable (those start with \"$\"), and an alias can only "
            "stand in order",
            name->text);
    else if (!found)
        (void)check_error(c, 6, name->at, nearest_alias(c, name->text),
                          "no projection has the alias \"%.60s\"", name->text);
    return found;
}

static void keep_alias(struct checker *c, const struct query_projection *p, struct value_type type)
{
    if (!p->alias.text)
        return;
    struct alias *one = arena_alloc(&c->arena, sizeof *one);
    *one = (struct alias){p->alias.text, p->expr, type};
    (void)gq_tree_add(&c->aliases, one, compare); /* of two of one name, the first stays */
}

static void check_projection(struct checker *c, const struct query_projection *p, bool aggregated)
{
    struct value_type type = check_expr(c, p->expr, EXPR_PROJECTION);
    if (value_is_blob(&type)) {
        (void)check_error(c, 24, p->expr->at, NULL, "a blob cannot be returned");
        type = value_unknown();
    }
    switch (p->expr->kind) {
    case QUERY_AGGREGATE:
    case QUERY_VARIABLE:
    case QUERY_PROPERTY:
    case QUERY_ALIAS: /* reported */
        break;
    default:
        if (aggregated)
            (void)check_error(c, 9, p->expr->at, NULL,
                              "beside an aggregate only variables and their properties can be "
                              "returned");
    }
    keep_alias(c, p, type);
}

/* Rules T17 and T21: rankings need a limit, by themselves and by their alias. */
static void check_ranking(struct checker *c, const struct query_expr *ordering,
                          const struct query_expr *expr)
{
    if (c->query->read.has_limit)
        return;
    if (expr->kind == QUERY_NEAREST)
        (void)check_error(c, 17, ordering->at, NULL, "ordering by nearest needs a limit");
    else if (expr->kind == QUERY_RRF)
        (void)check_error(c, 21, ordering->at, NULL, "ordering by rrf needs a limit");
}

static void check_order(struct checker *c, const struct query_ordering *orderings)
{
    const struct query_expr *nearest = NULL, *alias = NULL;
    for (const struct query_ordering *o = orderings; o; o = o->next) {
        const struct query_expr *expr = o->expr;
        struct value_type type = check_expr(c, expr, EXPR_ORDER);
        if (value_is_blob(&type))
            (void)check_error(c, 24, expr->at, NULL, "nothing can be ordered by a blob");
        if (expr->kind == QUERY_NEAREST)
            nearest = expr;
        if (expr->kind == QUERY_ALIAS) {
            const struct alias *found = find_alias(c, expr->name.text);
            if (!found)
                continue;
            alias = expr;
            expr = found->expr;
        }
        check_ranking(c, o->expr, expr);
    }
    if (nearest && alias)
        (void)check_error(c, 18, alias->at, NULL,
                          "ordering by nearest cannot be mixed with ordering by an alias");
}

void check_return(struct checker *c, const struct query_read *read)
{
    bool aggregated = false;
    for (const struct query_projection *p = read->projections; p; p = p->next)
        aggregated = aggregated || p->expr->kind == QUERY_AGGREGATE;
    for (const struct query_projection *p = read->projections; p; p = p->next)
        check_projection(c, p, aggregated);
    c->in_order = true;
    check_order(c, read->orderings);
}
