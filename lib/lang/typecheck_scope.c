/* The variables that are bound where the checker stands. */
#include "lang/typecheck.h"

#include "lang/gq_tree.h"

#include <string.h>

static int compare(const void *a, const void *b)
{
    const struct variable *x = a, *y = b;
    return strcmp(x->name, y->name);
}

struct variable *scope_find(const struct scope *scope, const char *name)
{
    struct variable key = {.name = name};
    return gq_tree_find(&scope->tree, &key, compare);
}

struct variable *scope_bind(struct scope *scope, struct arena *arena, struct variable variable)
{
    struct variable *one = arena_alloc(arena, sizeof *one);
    *one = variable;
    one->before = scope->newest;
    scope->newest = one;
    (void)gq_tree_add(&scope->tree, one, compare); /* itself: the name is not bound */
    return one;
}

void scope_leave(struct scope *scope, struct variable *mark, unsigned level)
{
    struct variable *kept = NULL;
    while (scope->newest != mark) {
        struct variable *one = scope->newest;
        scope->newest = one->before;
        if (one->level <= level) { /* reported as unbound: once is enough */
            one->before = kept;
            kept = one;
            continue;
        }
        gq_tree_remove(&scope->tree, one, compare);
    }
    while (kept) {
        struct variable *one = kept;
        kept = one->before;
        one->before = scope->newest;
        scope->newest = one;
    }
}

void scope_free(struct scope *scope)
{
    gq_tree_free(&scope->tree);
    scope->newest = NULL;
}
