/*
 * store_tool.h - the parts of cluster-store.
 *
 *     copy.c   everything a cluster keeps under __cluster/, from one store to another
 */
#ifndef CLUSTER_STORE_TOOL_H
#define CLUSTER_STORE_TOOL_H

#include "common/error.h"
#include "store/store.h"

/*
 * Copies catalog, approvals and, last of all, the ledger, so that a copy that died is no cluster
 * yet and can be repeated. Neither the lock nor what belongs to it goes along, nor do graphs: their
 * form on a disk is not that in a bucket (cluster-graph exports and loads them). *copied is how
 * many objects were. Refused with err set, and nothing written, when `from` has no ledger, a lock
 * or an unsettled recovery, or when `to` has a ledger already.
 */
bool store_copy(struct store *from, struct store *to, size_t *copied, struct error *err);

#endif
