/* The variables that are bound where the checker stands. */
#include "lang/typecheck.h"

#include "common/xalloc.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    const struct variable *x = a, *y = b;
    return strcmp(x->name, y->name);
}

struct variable *scope_find(const struct scope *scope, const char *name)
{
    struct variable key = {.name = name};
    struct variable *const *found = tfind(&key, &scope->tree, compare);
    return found ? *found : NULL;
}

struct variable *scope_bind(struct scope *scope, struct variable variable)
{
    struct variable *one = xmalloc(sizeof *one);
    *one = variable;
    if (!tsearch(one, &scope->tree, compare))
        die_out_of_memory();
    scope->bound = xgrow(scope->bound, scope->count, &scope->cap, sizeof *scope->bound);
    scope->bound[scope->count++] = one;
    return one;
}

void scope_leave(struct scope *scope, size_t mark, unsigned level)
{
    size_t kept = mark;
    for (size_t i = mark; i < scope->count; i++) {
        struct variable *one = scope->bound[i];
        if (one->level <= level) { /* reported as unbound: once is enough */
            scope->bound[kept++] = one;
            continue;
        }
        (void)tdelete(one, &scope->tree, compare); /* returns the parent, of no use here */
        free(one);
    }
    scope->count = kept;
}

void scope_free(struct scope *scope)
{
    tdestroy(scope->tree, free);
    free(scope->bound);
    *scope = (struct scope){0};
}
