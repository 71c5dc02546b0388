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
/* All of it, as store_delete_prefix(). */
enum store_status graph_root_delete(struct store *store, const char *graph, struct error *err);

#endif
