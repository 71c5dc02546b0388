/* Calls: nearest, the text functions, rrf, aggregates. */
#include "lang/typecheck.h"

#include <stdlib.h>
#include <string.h>

/* The vector property that nearest looks at; NULL after having reported. */
static const struct property_type *vector_property(struct checker *c, const struct query_expr *expr)
{
    const struct variable *v = check_variable(c, &expr->name, 15);
    if (v->kind == VARIABLE_UNKNOWN)
        return NULL;
    if (v->kind == VARIABLE_EDGE) {
        (void)check_error(c, 23, expr->name.at, NULL,
                          "\"$%.60s\" is an edge; nearest looks at nodes only", v->name);
        return NULL;
    }
    if (v->kind == VARIABLE_PARAM) {
        (void)check_error(c, 15, expr->name.at, NULL,
                          "\"$%.60s\" is a parameter; nearest looks at a property of a node",
                          v->name);
        return NULL;
    }
    const struct schema_property *p = schema_type_property(v->type, expr->property.text);
    if (!p) {
        (void)check_error(
            c, 15, expr->property.at, nearest_property(c, v->type, expr->property.text),
            "node %.60s has no property \"%.60s\"", v->type->name, expr->property.text);
        return NULL;
    }
    if (p->type.scalar != SCALAR_VECTOR) {
        (void)check_error(c, 15, expr->property.at, NULL,
                          "nearest needs a vector, and property \"%.60s\" is none", p->name);
        return NULL;
    }
    return &p->type;
}

static struct value_type check_nearest(struct checker *c, const struct query_expr *expr)
{
    const struct property_type *vector = vector_property(c, expr);
    struct value_type query = check_expr(c, expr->args[0], EXPR_ARGUMENT);
    if (vector && !fits_nearest(&query, vector->dimensions))
        (void)check_error(c, 15, expr->args[0]->at, NULL,
                          "\"%.60s\" has %u dimensions: nearest takes a vector of as many, or a "
                          "String",
                          expr->property.text, vector->dimensions);
    return value_scalar(SCALAR_F64);
}

/* Rule T23: text functions do not look at edges. True if one was asked to. */
static bool on_an_edge(struct checker *c, const struct query_expr *call,
                       const struct query_expr *arg)
{
    if (arg->kind != QUERY_PROPERTY)
        return false; /* a bare edge is an error anyway */
    const struct variable *v = scope_find(&c->scope, arg->name.text);
    if (!v || v->kind != VARIABLE_EDGE)
        return false;
    check_mention(c, v);
    (void)check_error(c, 23, arg->at, NULL, "\"$%.60s\" is an edge; %s looks at nodes only",
                      v->name, query_function_name(call));
    return true;
}

/* Rules T19 and T20. */
static void check_text(struct checker *c, const struct query_expr *expr)
{
    bool second = expr->kind == QUERY_MATCH_TEXT || expr->kind == QUERY_BM25;
    for (size_t i = 0; i < expr->arg_count; i++) {
        const struct query_expr *arg = expr->args[i];
        if (i == 0 && on_an_edge(c, expr, arg))
            continue;
        struct value_type value = check_expr(c, arg, EXPR_ARGUMENT);
        if (i < 2 ? value_is_string(&value) : value_is_integer(&value))
            continue;
        char *text = value_text(&value);
        (void)check_error(c, second ? 20 : 19, arg->at, NULL, "%s takes %s here, not %s",
                          query_function_name(expr), i < 2 ? "a String" : "an integer", text);
        free(text);
    }
}

static void check_rrf(struct checker *c, const struct query_expr *expr)
{
    for (size_t i = 0; i < 2; i++)
        (void)check_expr(c, expr->args[i], EXPR_ARGUMENT); /* a ranking: the parser made sure */
    if (expr->arg_count < 3)
        return;
    const struct query_expr *k = expr->args[2];
    struct value_type value = check_expr(c, k, EXPR_ARGUMENT);
    bool is_zero =
        k->kind == QUERY_LITERAL && k->literal.kind == LITERAL_INT && k->literal.integer == 0;
    if (!value_is_integer(&value) || is_zero)
        (void)check_error(c, 21, k->at, NULL, "the k of rrf is an integer above 0");
}

/* Rule T8: what sum, avg, min and max take. */
static bool fits_aggregate(const struct query_expr *expr, const struct query_expr *arg,
                           const struct value_type *value)
{
    if (value->class == VALUE_UNKNOWN || expr->aggregate == QUERY_COUNT)
        return true;
    if ((arg->kind != QUERY_PROPERTY && arg->kind != QUERY_VARIABLE) ||
        value->class != VALUE_TYPED || value->type.list)
        return false;
    bool strings = expr->aggregate == QUERY_MIN || expr->aggregate == QUERY_MAX;
    return scalar_is_number(value->type.scalar) || (strings && value_is_string(value));
}

static struct value_type check_aggregate(struct checker *c, const struct query_expr *expr,
                                         enum position_of_expr where)
{
    const struct query_expr *arg = expr->args[0];
    const char *name = query_function_name(expr);
    struct value_type value = check_expr(c, arg, EXPR_ARGUMENT);
    if (value_is_blob(&value)) {
        (void)check_error(c, 24, arg->at, NULL, "a blob cannot be aggregated");
        return value_unknown();
    }
    if (where != EXPR_PROJECTION) {
        (void)check_error(c, 8, expr->at, NULL,
                          "an aggregate (%s) is a projection of its own; it cannot stand here",
                          name);
        return value_unknown();
    }
    if (!fits_aggregate(expr, arg, &value)) {
        bool strings = expr->aggregate == QUERY_MIN || expr->aggregate == QUERY_MAX;
        (void)check_error(c, 8, arg->at, NULL, "%s takes a property or a parameter that is %s",
                          name, strings ? "a number or a String" : "a number");
        return value_unknown();
    }
    switch (expr->aggregate) {
    case QUERY_COUNT:
        return value_scalar(SCALAR_I64);
    case QUERY_AVG:
        return value_scalar(SCALAR_F64);
    default:
        return value;
    }
}

struct value_type check_call(struct checker *c, const struct query_expr *expr,
                             enum position_of_expr where)
{
    switch (expr->kind) {
    case QUERY_NEAREST:
        return check_nearest(c, expr);
    case QUERY_RRF:
        check_rrf(c, expr);
        return value_scalar(SCALAR_F64);
    case QUERY_AGGREGATE:
        return check_aggregate(c, expr, where);
    default:
        check_text(c, expr);
        return value_scalar(expr->kind == QUERY_BM25 ? SCALAR_F64 : SCALAR_BOOL);
    }
}
