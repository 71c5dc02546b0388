/*
 * graphs.h - looking at live graphs.
 */
#ifndef CLUSTER_OBSERVE_GRAPHS_H
#define CLUSTER_OBSERVE_GRAPHS_H

#include "common/diag.h"
#include "common/json.h"
#include "store/store.h"

struct graph_observer {
    struct store *store;
    const char *driver;
    jv *state; /* the ledger, amended */
    struct diags *diags;
};

/*
 * Observes one graph and records it: observations[graph.<id>], digests and statuses of the graph
 * and its schema. desired_schema is what the configuration wants, or NULL. A root that is gone
 * leaves the record (warning graph_missing, if it was recorded), one that cannot be looked at or
 * does not open keeps its digests (error graph_observation_error).
 *
 * A `pending` graph (a recovery sidecar is kept for it) is only looked at: its digests and statuses
 * stay as the sweep left them, or the next sweep could no longer tell what happened.
 */
void graph_observe(struct graph_observer *o, const char *graph, const char *desired_schema,
                   bool pending);

#endif
