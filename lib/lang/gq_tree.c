#include "lang/gq_tree.h"

#include "common/xalloc.h"

#include <search.h>

const void *gq_tree_add(void **tree, const void *one, gq_compare *compare)
{
    void *const *found = tsearch(one, tree, compare);
    if (found)
        return *found;
    die_out_of_memory();
}

void *gq_tree_find(void *const *tree, const void *key, gq_compare *compare)
{
    void *const *found = tfind(key, tree, compare);
    return found ? *found : NULL;
}

void gq_tree_remove(void **tree, const void *key, gq_compare *compare)
{
    (void)tdelete(key, tree, compare); /* returns the parent, of no use here */
}

static void keep(void *element)
{
    (void)element; /* it belongs to somebody else */
}

void gq_tree_free(void **tree)
{
    tdestroy(*tree, keep);
    *tree = 0;
}
