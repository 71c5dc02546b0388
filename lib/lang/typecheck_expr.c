/* What type an expression has: variables, properties, aliases. Calls are in typecheck_call.c. */
#include "lang/typecheck.h"

#include <string.h>

static struct value_type check_bare(struct checker *c, const struct query_name *name)
{
    const struct variable *v = check_variable(c, name, 6);
    switch (v->kind) {
    case VARIABLE_PARAM:
        return value_of_type(v->param);
    case VARIABLE_NODE:
        return (struct value_type){.class = VALUE_NODE};
    case VARIABLE_EDGE:
        (void)check_error(c, 23, name->at, NULL,
                          "\"$%.60s\" is an edge and cannot stand alone; name one of its "
                          "properties, as in $%.60s.property",
                          v->name, v->name);
        return value_unknown();
    default:
        return value_unknown();
    }
}

static struct value_type check_property(struct checker *c, const struct query_expr *expr)
{
    const struct variable *v = check_variable(c, &expr->name, 6);
    if (v->kind == VARIABLE_UNKNOWN)
        return value_unknown();
    if (v->kind == VARIABLE_PARAM) {
        (void)check_error(c, 6, expr->at, NULL, "\"$%.60s\" is a parameter and has no properties",
                          v->name);
        return value_unknown();
    }
    const struct schema_property *p = schema_type_property(v->type, expr->property.text);
    if (!p) {
        (void)check_error(c, 6, expr->property.at,
                          nearest_property(c, v->type, expr->property.text),
                          "%s %.60s has no property \"%.60s\"", schema_kind_name(v->type->kind),
                          v->type->name, expr->property.text);
        return value_unknown();
    }
    return value_of_type(&p->type);
}

struct value_type check_expr(struct checker *c, const struct query_expr *expr,
                             enum position_of_expr where)
{
    switch (expr->kind) {
    case QUERY_LITERAL:
        return value_of_literal(&expr->literal);
    case QUERY_VARIABLE:
        return check_bare(c, &expr->name);
    case QUERY_PROPERTY:
        return check_property(c, expr);
    case QUERY_ALIAS: {
        const struct alias *alias = check_alias(c, &expr->name);
        return alias ? alias->type : value_unknown();
    }
    case QUERY_NOW:
        return value_scalar(SCALAR_DATETIME);
    default:
        return check_call(c, expr, where);
    }
}
