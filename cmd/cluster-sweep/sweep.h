/*
 * sweep.h - cluster-sweep: reads the ledger, and settles what crashed runs left behind.
 */
#ifndef CLUSTER_SWEEP_H
#define CLUSTER_SWEEP_H

#include "common/doc.h"

struct sweep_options {
    bool read_only;  /* change nothing, ask no driver, only read and warn */
    bool import;     /* there must be no ledger yet */
    bool if_missing; /* with import: that there is one is a warning and the end of the work */
};

/*
 * Fills `ledger` and `sweep`, and `lock` when no cluster-lock did. Reads through the document's
 * `store`; unless read_only it also asks the graph driver (`config.driver`) about the graphs of
 * sidecars and removes stale temporaries. The ledger is amended in the document only: cluster-exec
 * writes it. Errors that halt: a store that cannot be opened, a ledger that cannot be read,
 * state_missing, state_already_exists.
 */
void sweep(struct doc *doc, const struct sweep_options *options);

#endif
