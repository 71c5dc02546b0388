/* Constraints as such: their names and their order. */
#include "lang/schema.h"

#include <string.h>

const char *schema_constraint_name(enum constraint_kind kind)
{
    static const char *const names[] = {
        [CONSTRAINT_KEY] = "key",     [CONSTRAINT_UNIQUE] = "unique", [CONSTRAINT_INDEX] = "index",
        [CONSTRAINT_RANGE] = "range", [CONSTRAINT_CHECK] = "check",
    };
    return names[kind];
}

int schema_bound_compare(const struct schema_bound *a, const struct schema_bound *b)
{
    if (a->present != b->present)
        return a->present ? 1 : -1;
    if (!a->present)
        return 0;
    if (!a->is_float && !b->is_float)
        return a->integer < b->integer ? -1 : a->integer > b->integer;
    return a->number < b->number ? -1 : a->number > b->number;
}

int schema_constraint_compare(const struct schema_constraint *a, const struct schema_constraint *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    for (size_t i = 0; i < a->name_count && i < b->name_count; i++) {
        int order = strcmp(a->sorted_names[i], b->sorted_names[i]);
        if (order)
            return order;
    }
    if (a->name_count != b->name_count)
        return a->name_count < b->name_count ? -1 : 1;
    int order = schema_bound_compare(&a->min, &b->min);
    if (order == 0)
        order = schema_bound_compare(&a->max, &b->max);
    if (order == 0 && a->kind == CONSTRAINT_CHECK)
        order = strcmp(a->pattern, b->pattern);
    return order;
}
