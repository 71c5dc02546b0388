/* What changed in constraints. See migration_internal.h. */
#include "common/xalloc.h"
#include "lang/migration_internal.h"

#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_constraints(const void *a, const void *b)
{
    return schema_constraint_compare(a, b);
}

static bool is_edge_end(const struct schema_type *type, const char *name)
{
    return type->kind == SCHEMA_EDGE && (strcmp(name, "src") == 0 || strcmp(name, "dst") == 0);
}

/* The accepted constraint with today's names of its properties; *gone says whether one of them
 * was dropped (its old name stays then). */
static struct schema_constraint renamed(struct arena *arena, const struct schema_constraint *old,
                                        const struct schema_type *type,
                                        const struct matching *properties, bool *gone)
{
    struct schema_constraint now = *old;
    const char **names = arena_array(arena, old->name_count, sizeof *names);
    *gone = false;
    for (size_t i = 0; i < old->name_count; i++) {
        const char *name = old->sorted_names[i];
        names[i] = is_edge_end(type, name) ? name : matching_successor(properties, name);
        *gone = *gone || !names[i];
        if (!names[i])
            names[i] = name;
    }
    qsort(names, old->name_count, sizeof *names, compare_names);
    now.names = now.sorted_names = names;
    return now;
}

/* A list of constraints, sorted. */
struct constraints {
    struct schema_constraint *list;
    size_t count;
};

static void report_removed(struct plan *plan, const struct schema_type *type,
                           const struct schema_constraint *c)
{
    struct buf names = BUF_INIT;
    for (size_t i = 0; i < c->name_count; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", c->sorted_names[i]);
    step_unsupported(plan, type, NULL, NULL, "@%s(%s) cannot be removed",
                     schema_constraint_name(c->kind), buf_text(&names));
    buf_free(&names);
}

static void report_added(struct plan *plan, const struct schema_type *type,
                         const struct schema_constraint *c)
{
    struct buf names = BUF_INIT;
    if (c->kind == CONSTRAINT_INDEX) {
        step_add_index(plan, type, c);
        return;
    }
    for (size_t i = 0; i < c->name_count; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", c->sorted_names[i]);
    step_unsupported(plan, type, NULL, NULL,
                     "@%s(%s) cannot be added to a type that exists; only @index can",
                     schema_constraint_name(c->kind), buf_text(&names));
    buf_free(&names);
}

/* Walks two sorted lists; tells what stands in `list` only. */
static void difference(struct plan *plan, const struct schema_type *type,
                       const struct constraints *list, const struct constraints *other,
                       void (*tell)(struct plan *, const struct schema_type *,
                                    const struct schema_constraint *))
{
    size_t k = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct schema_constraint *c = &list->list[i];
        while (k < other->count && schema_constraint_compare(&other->list[k], c) < 0)
            k++;
        if (k == other->count || schema_constraint_compare(&other->list[k], c) != 0)
            tell(plan, type, c);
    }
}

/* The accepted constraints under today's names. What a dropped property takes along is left out;
 * what names it and cannot go with it is kept: no desired constraint equals it. */
static struct constraints accepted(struct arena *arena, const struct schema_type *old,
                                   const struct matching *properties)
{
    struct constraints out = {xcalloc(old->constraint_count, sizeof *out.list), 0};
    for (size_t i = 0; i < old->constraint_count; i++) {
        bool gone;
        struct schema_constraint now = renamed(arena, old->constraints[i], old, properties, &gone);
        bool alone = now.name_count == 1 && now.kind >= CONSTRAINT_INDEX;
        if (!gone || !alone)
            out.list[out.count++] = now;
    }
    if (out.count)
        qsort(out.list, out.count, sizeof *out.list, compare_constraints);
    return out;
}

void plan_constraints(struct plan *plan, const struct schema_type *old,
                      const struct schema_type *new, const struct matching *properties)
{
    struct arena arena = ARENA_INIT; /* today's names of accepted constraints */
    struct constraints before = accepted(&arena, old, properties);
    struct constraints after = {xcalloc(new->constraint_count, sizeof *after.list),
                                new->constraint_count};
    for (size_t i = 0; i < after.count; i++)
        after.list[i] = *new->constraints[i];
    if (after.count)
        qsort(after.list, after.count, sizeof *after.list, compare_constraints);
    difference(plan, new, &before, &after, report_removed);
    difference(plan, new, &after, &before, report_added);
    free(before.list);
    free(after.list);
    arena_free(&arena);
}
