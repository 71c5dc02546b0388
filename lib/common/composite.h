/*
 * composite.h - the composite digest of a graph (chapter "Resources" of cluster.yaml(5)).
 *
 * SHA-256 over graph\0<id>\0schema\0<schema digest, or empty>\0 and then, for each query in name
 * order, query\0<name>\0<digest>\0.
 */
#ifndef CLUSTER_COMPOSITE_H
#define CLUSTER_COMPOSITE_H

#include "common/digest.h"
#include "common/json.h"

/*
 * The composite of one graph, from an object {address: {digest: …}} such as the ledger's
 * applied_revision.resources. Does not consume.
 */
struct digest composite_of(const char *graph, const jv *resources);

/*
 * Recomputes every graph.<id> entry that stands in *resources from its own parts, in place, in one
 * pass (linear in the number of resources). Other fields of the entries stay.
 */
void composite_refresh_all(jv *resources);

#endif
