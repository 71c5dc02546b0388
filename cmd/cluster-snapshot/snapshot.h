/*
 * snapshot.h - cluster-snapshot: what a server needs to serve the applied revision, or every reason
 * why it cannot be served.
 */
#ifndef CLUSTER_SNAPSHOT_H
#define CLUSTER_SNAPSHOT_H

#include "common/diag.h"
#include "store/store.h"

/*
 * The public output, {ok, graphs, queries, policies, diagnostics} and, with quarantine,
 * `quarantined`. Takes no lock: reads the ledger, what is pending and the catalog, and begins again
 * if the ledger was replaced meanwhile. diags is what was found before; it is emptied.
 */
jv snapshot_take(struct store *store, bool quarantine, struct diags *diags);

/* The output of a snapshot that could not even begin: no store. diags is emptied. */
jv snapshot_refused(bool quarantine, struct diags *diags);

#endif
