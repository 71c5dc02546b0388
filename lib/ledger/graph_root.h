/*
 * graph_root.h - the root of a graph in the cluster's store, graphs/<id>.omni/: where it is,
 * whether anything stands there, and its end. A graph is the driver's business; to the store it is
 * a folder.
 */
#ifndef CLUSTER_LEDGER_GRAPH_ROOT_H
#define CLUSTER_LEDGER_GRAPH_ROOT_H

#include "common/error.h"
#include "store/store.h"

#include <stdbool.h>

/* As drivers and people are given it: store_location() of the root. To be freed. */
char *graph_root_location(const struct store *store, const char *graph);
/* As store_exists(): *exists is set when the status is STORE_OK only. */
enum store_status graph_root_exists(struct store *store, const char *graph, bool *exists,
                                    struct error *err);

/*
 * Deleting a root:
 *
 *     struct graph_root_content content = GRAPH_ROOT_CONTENT_INIT;
 *     if (graph_root_look(store, graph, &content, &err) == STORE_OK)
 *         ...make sure that the lock is still ours...
 *         graph_root_delete(store, graph, &content, &err)
 *     graph_root_content_clear(&content);
 *
 * In a bucket somebody who holds the lock may fall asleep at any point, and wake up when the graph
 * has long been deleted by another and made anew. So what is deleted is what was there before the
 * lock was checked: the manifest only in the version that was seen, snapshots (whose names are used
 * only once) by their names. On a disk a sleeper keeps the kernel's lock, and nothing is noted.
 */
struct graph_root_content {
    struct store_names names;
    struct store_token manifest; /* "": there is none */
};
#define GRAPH_ROOT_CONTENT_INIT \
    {                           \
        {NULL, 0},              \
        {                       \
            ""                  \
        }                       \
    }
enum store_status graph_root_look(struct store *store, const char *graph,
                                  struct graph_root_content *content, struct error *err);
/* STORE_CONFLICT: there is something that was not there when it was looked at; it stays. What could
 * not be deleted is found there by the next look. */
enum store_status graph_root_delete(struct store *store, const char *graph,
                                    const struct graph_root_content *content, struct error *err);
void graph_root_content_clear(struct graph_root_content *content);

#endif
