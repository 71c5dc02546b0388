/* Which types fit which: pure relations. */
#include "lang/typecheck.h"

#include "common/xalloc.h"

#include <string.h>

struct value_type value_unknown(void)
{
    return (struct value_type){.class = VALUE_UNKNOWN};
}

struct value_type value_scalar(enum schema_scalar scalar)
{
    return (struct value_type){.class = VALUE_TYPED, .type.scalar = scalar};
}

struct value_type value_of_type(const struct property_type *type)
{
    return (struct value_type){.class = VALUE_TYPED, .type = *type};
}

struct value_type value_of_literal(const struct literal *literal)
{
    switch (literal->kind) {
    case LITERAL_NULL:
        return (struct value_type){.class = VALUE_NULL};
    case LITERAL_LIST:
        return (struct value_type){.class = VALUE_LIST, .list = literal};
    case LITERAL_BOOL:
        return value_scalar(SCALAR_BOOL);
    case LITERAL_INT:
        return value_scalar(SCALAR_I64);
    case LITERAL_FLOAT:
        return value_scalar(SCALAR_F64);
    case LITERAL_DATE:
        return value_scalar(SCALAR_DATE);
    case LITERAL_DATETIME:
        return value_scalar(SCALAR_DATETIME);
    default:
        return value_scalar(SCALAR_STRING);
    }
}

/* One value, not a list of some. */
static bool is_single(const struct value_type *value)
{
    return value->class == VALUE_TYPED && !value->type.list;
}

bool value_is_blob(const struct value_type *value)
{
    return is_single(value) && value->type.scalar == SCALAR_BLOB;
}

bool value_is_string(const struct value_type *value)
{
    return value->class == VALUE_UNKNOWN ||
           (is_single(value) && value->type.scalar == SCALAR_STRING);
}

bool value_is_integer(const struct value_type *value)
{
    return value->class == VALUE_UNKNOWN ||
           (is_single(value) && scalar_is_integer(value->type.scalar));
}

char *value_text(const struct value_type *value)
{
    switch (value->class) {
    case VALUE_NULL:
        return xstrdup("null");
    case VALUE_NODE:
        return xstrdup("a node");
    case VALUE_LIST:
        return xstrdup("a list");
    case VALUE_TYPED:
        return value->type.word_count ? xstrdup("an enum") : property_type_text(&value->type);
    default:
        return xstrdup("a value of unknown type");
    }
}

/* The same scalar; all numbers fit each other. Neither vector nor blob. */
static bool scalars_fit(enum schema_scalar a, enum schema_scalar b)
{
    if (a == SCALAR_VECTOR || a == SCALAR_BLOB)
        return false;
    return a == b || (scalar_is_number(a) && scalar_is_number(b));
}

static bool literal_fits_scalar(const struct literal *literal, enum schema_scalar scalar)
{
    struct value_type value = value_of_literal(literal);
    return is_single(&value) && scalars_fit(value.type.scalar, scalar);
}

static bool items_fit(const struct literal *list, enum schema_scalar scalar)
{
    for (size_t i = 0; i < list->count; i++)
        if (!literal_fits_scalar(&list->items[i], scalar))
            return false;
    return true;
}

static bool fits_contains(const struct value_type *left, const struct value_type *right)
{
    if (left->class == VALUE_UNKNOWN || right->class == VALUE_UNKNOWN)
        return true;
    if (!is_single(right) || right->type.scalar == SCALAR_VECTOR ||
        right->type.scalar == SCALAR_BLOB)
        return false;
    if (left->class == VALUE_LIST)
        return items_fit(left->list, right->type.scalar);
    if (left->class == VALUE_TYPED && left->type.list)
        return scalars_fit(left->type.scalar, right->type.scalar);
    return value_is_string(left) && value_is_string(right);
}

static bool is_nullable(const struct value_type *value)
{
    return value->class == VALUE_NULL || value->class == VALUE_UNKNOWN ||
           (value->class == VALUE_TYPED && value->type.nullable);
}

bool fits_filter(enum query_op op, const struct value_type *left, const struct value_type *right)
{
    if (op == QUERY_CONTAINS)
        return fits_contains(left, right);
    if (op == QUERY_STARTS_WITH)
        return value_is_string(left) && value_is_string(right);
    if (left->class == VALUE_NULL || right->class == VALUE_NULL)
        return (op == QUERY_EQ || op == QUERY_NE) && is_nullable(left) && is_nullable(right);
    if (left->class == VALUE_UNKNOWN || right->class == VALUE_UNKNOWN)
        return true;
    return is_single(left) && is_single(right) &&
           scalars_fit(left->type.scalar, right->type.scalar);
}

static bool is_number(const struct literal *literal)
{
    return literal->kind == LITERAL_INT || literal->kind == LITERAL_FLOAT;
}

static bool is_vector_of(const struct literal *list, uint32_t dimensions)
{
    if (list->count != dimensions)
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (!is_number(&list->items[i]))
            return false;
    return true;
}

bool fits_literal(const struct literal *literal, const struct property_type *type, enum place place,
                  enum query_op op)
{
    if (literal->kind == LITERAL_NULL)
        return type->nullable && (place != PLACE_WHERE || op == QUERY_EQ || op == QUERY_NE);
    if (type->list && place != PLACE_BINDING)
        return literal->kind == LITERAL_LIST && items_fit(literal, type->scalar);
    if (type->scalar == SCALAR_VECTOR)
        return literal->kind == LITERAL_LIST && is_vector_of(literal, type->dimensions);
    if (type->word_count)
        return literal->kind == LITERAL_STRING && property_type_has_word(type, literal->text);
    return literal_fits_scalar(literal, type->scalar);
}

bool fits_param(const struct property_type *param, const struct property_type *type,
                enum place place)
{
    bool wants_list = type->list && place != PLACE_BINDING;
    if (param->list != wants_list)
        return false;
    if (type->scalar == SCALAR_VECTOR)
        return param->scalar == SCALAR_VECTOR && param->dimensions == type->dimensions;
    if (type->scalar == SCALAR_BLOB)
        return place == PLACE_ASSIGNMENT &&
               (param->scalar == SCALAR_STRING || param->scalar == SCALAR_BLOB);
    return scalars_fit(param->scalar, type->scalar);
}

bool fits_now(const struct property_type *type, enum place place)
{
    return type->scalar == SCALAR_DATETIME && (!type->list || place == PLACE_BINDING);
}

bool fits_nearest(const struct value_type *value, uint32_t dimensions)
{
    if (value->class == VALUE_LIST)
        return is_vector_of(value->list, dimensions);
    return value_is_string(value) || (is_single(value) && value->type.scalar == SCALAR_VECTOR &&
                                      value->type.dimensions == dimensions);
}
