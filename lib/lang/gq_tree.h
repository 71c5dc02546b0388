/*
 * gq_tree.h - names that are looked up and were seen before: a balanced tree (tsearch(3)) of
 * elements that belong to somebody else.
 *
 *     void *tree = NULL;
 *     if (gq_tree_add(&tree, element, compare) != element)
 *         ... an equal one was there already, and stays ...
 *     gq_tree_free(&tree);                                      // not the elements
 */
#ifndef CLUSTER_LANG_GQ_TREE_H
#define CLUSTER_LANG_GQ_TREE_H

typedef int gq_compare(const void *a, const void *b);

/* The element equal to `one` that is in the tree now: `one` itself if there was none. */
const void *gq_tree_add(void **tree, const void *one, gq_compare *compare);
/* Or NULL. */
void *gq_tree_find(void *const *tree, const void *key, gq_compare *compare);
void gq_tree_remove(void **tree, const void *key, gq_compare *compare);
void gq_tree_free(void **tree);

#endif
