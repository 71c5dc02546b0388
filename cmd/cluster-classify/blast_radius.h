/*
 * blast_radius.h - for each changed resource, what directly depends on it.
 */
#ifndef CLUSTER_BLAST_RADIUS_H
#define CLUSTER_BLAST_RADIUS_H

#include "common/doc.h"

/*
 * Fills `blast_radius`: [{resource, affected: [address]}] in the order of the changes, without the
 * changes that affect nothing; `affected` is sorted. Dependencies are the configuration's; for a
 * resource that is deleted, which no configuration can depend on, they are those that the ledger
 * implies: a recorded schema or query on its graph, a query on its schema, a policy on the graphs
 * it is recorded to bind.
 */
void blast_radius_fill(struct doc *doc);

#endif
