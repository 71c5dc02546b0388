/* Which accepted name each desired name continues. See migration_internal.h. */
#include "common/xalloc.h"
#include "lang/migration_internal.h"

#include <stdlib.h>
#include <string.h>

static int compare_old(const void *a, const void *b)
{
    const struct match_old *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int compare_name(const void *name, const void *element)
{
    const struct match_old *old = element;
    return strcmp(name, old->name);
}

static struct match_old *find(const struct matching *m, const char *name)
{
    return m->old_count ? bsearch(name, m->old, m->old_count, sizeof *m->old, compare_name) : NULL;
}

static void keep(struct match_new *desired, enum match match, struct match_old *old,
                 const char *successor)
{
    old->successor = successor;
    *desired = (struct match_new){match, old->thing};
}

void matching_init(struct matching *m, const struct match_item *accepted, size_t accepted_count,
                   const struct match_item *desired, size_t desired_count)
{
    m->old_count = accepted_count;
    m->desired_count = desired_count;
    m->old = xcalloc(accepted_count, sizeof *m->old);
    m->desired = xcalloc(desired_count, sizeof *m->desired);
    for (size_t i = 0; i < accepted_count; i++)
        m->old[i] = (struct match_old){accepted[i].name, accepted[i].thing, NULL};
    if (accepted_count)
        qsort(m->old, accepted_count, sizeof *m->old, compare_old);

    /* Equal names first: whatever is accepted under its own name keeps it. */
    for (size_t i = 0; i < desired_count; i++) {
        struct match_old *old = find(m, desired[i].name);
        if (old)
            keep(&m->desired[i], MATCH_SAME, old, desired[i].name);
    }
    for (size_t i = 0; i < desired_count; i++) {
        if (m->desired[i].match == MATCH_SAME || !desired[i].rename_from)
            continue;
        struct match_old *old = find(m, desired[i].rename_from);
        if (!old)
            m->desired[i].match = MATCH_NO_OLD;
        else if (old->successor)
            m->desired[i].match = MATCH_TAKEN;
        else
            keep(&m->desired[i], MATCH_RENAMED, old, desired[i].name);
    }
}

void matching_free(struct matching *m)
{
    free(m->old);
    free(m->desired);
    *m = (struct matching){NULL, 0, NULL, 0};
}

const char *matching_successor(const struct matching *m, const char *old)
{
    const struct match_old *found = find(m, old);
    return found ? found->successor : NULL;
}
