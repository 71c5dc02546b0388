/*
 * rekey.h - new ids for the nodes of a type whose key names its properties in another order.
 *
 * An id of several key parts is the parts joined with "|" in the key's order (load_row.c). In the
 * language that order means nothing, so a migration may change it; the ids must follow, or the same
 * node would be another one in the next load.
 */
#ifndef CLUSTER_GRAPH_REKEY_H
#define CLUSTER_GRAPH_REKEY_H

#include "graph/database.h"

/* In the open write transaction: rewrites the ids of the node type that is called `type` by now,
 * and the ends of all edges that refer to them, dropped ones included. Part i of a new id is part
 * order[i] of the old one; n parts. */
bool rekey_nodes(struct database *d, const char *type, const size_t *order, size_t n,
                 struct error *err);

#endif
