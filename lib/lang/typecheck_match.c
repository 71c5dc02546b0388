/* Clauses, in the order of the source. */
#include "lang/typecheck.h"

#include <stdlib.h>

/* The node that a binding names: bound now, or once more. type is NULL when it is not known. */
static void bind_node(struct checker *c, const struct query_name *name,
                      const struct schema_type *type)
{
    if (query_name_is_blank(name))
        return;
    struct variable *v = scope_find(&c->scope, name->text);
    if (!v) {
        check_bind(c, name, type);
        return;
    }
    check_mention(c, v);
    if (v->kind == VARIABLE_PARAM) {
        (void)check_error(c, 0, name->at, NULL,
                          "\"$%.60s\" is a parameter; give the variable another name", name->text);
    } else if (v->kind == VARIABLE_UNKNOWN && type && v->level == c->level) {
        v->kind = VARIABLE_NODE;
        v->type = type;
    } else if (v->kind != VARIABLE_UNKNOWN && type && v->type != type) {
        (void)check_error(c, 0, name->at, NULL,
                          "\"$%.60s\" is bound to %s %.60s already and cannot be a %.60s too",
                          name->text, schema_kind_name(v->type->kind), v->type->name, type->name);
    }
}

static void check_binding(struct checker *c, const struct query_binding *b)
{
    const struct schema_type *type = schema_find(c->schema, SCHEMA_NODE, b->type.text);
    if (!type)
        (void)check_error(c, 1, b->type.at, nearest_type(c, SCHEMA_NODE, b->type.text),
                          "there is no node type \"%.60s\"", b->type.text);
    bind_node(c, &b->variable, type);
    for (const struct query_assignment *m = b->matches; m; m = m->next) {
        const struct schema_property *p = type ? schema_type_property(type, m->name.text) : NULL;
        if (type && !p)
            (void)check_error(c, 2, m->name.at, nearest_property(c, type, m->name.text),
                              "node %.60s has no property \"%.60s\"", type->name, m->name.text);
        check_value(c, &m->name, p ? &p->type : NULL, m->value, PLACE_BINDING, QUERY_EQ);
    }
}

static void check_filter(struct checker *c, const struct query_filter *f)
{
    struct value_type left = check_expr(c, f->left, EXPR_FILTER);
    struct value_type right = check_expr(c, f->right, EXPR_FILTER);
    if (fits_filter(f->op, &left, &right))
        return;
    char *l = value_text(&left), *r = value_text(&right);
    if (f->op == QUERY_CONTAINS)
        (void)check_error(c, 7, f->op_at, NULL,
                          "contains takes a list and what it may hold, or two Strings, not %s and "
                          "%s",
                          l, r);
    else if (f->op == QUERY_STARTS_WITH)
        (void)check_error(c, 7, f->op_at, NULL, "starts_with takes two Strings, not %s and %s", l,
                          r);
    else
        (void)check_error(c, 7, f->op_at, NULL, "%s cannot be compared with %s by \"%s\"", l, r,
                          query_op_text(f->op));
    free(l);
    free(r);
}

static void check_not(struct checker *c, const struct query_clause *clause)
{
    bool outer = c->mentions;
    struct variable *mark = c->scope.newest;
    c->mentions = false;
    c->level++;
    check_clauses(c, clause->negation.clauses);
    if (!c->mentions)
        (void)check_error(c, 9, clause->at, NULL,
                          "this \"not\" mentions no variable that is bound before it, so it says "
                          "nothing about what is matched");
    c->level--;
    scope_leave(&c->scope, mark, c->level);
    c->mentions = outer;
}

void check_clauses(struct checker *c, const struct query_clause *clauses)
{
    for (const struct query_clause *clause = clauses; clause; clause = clause->next) {
        switch (clause->kind) {
        case QUERY_NOT:
            check_not(c, clause);
            break;
        case QUERY_BINDING:
            check_binding(c, &clause->binding);
            break;
        case QUERY_TRAVERSAL:
            check_traversal(c, &clause->traversal);
            break;
        case QUERY_FILTER:
            check_filter(c, &clause->filter);
            break;
        case QUERY_TEXT_FILTER:
            (void)check_expr(c, clause->text, EXPR_FILTER); /* always true or false */
            break;
        }
    }
}
