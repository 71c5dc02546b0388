/*
 * recover.h - the recovery matrix: what becomes of one sidecar that a crashed run left.
 *
 * The graph engine makes each operation atomic inside one graph, so nothing is ever rolled back: it
 * is looked what is really there, and either the ledger is rolled forward to it or the sidecar is
 * kept and the graph stays closed to changes until somebody has looked. The rows are numbered as in
 * cluster-sweep(1).
 */
#ifndef CLUSTER_SWEEP_RECOVER_H
#define CLUSTER_SWEEP_RECOVER_H

#include "common/diag.h"
#include "common/json.h"
#include "store/store.h"

struct recovery {
    struct store *store;
    const char *driver;
    jv state;     /* the ledger, amended as sidecars are decided */
    jv completed; /* array: operation ids whose sidecars may go once the ledger is written */
    jv pending;   /* object whose keys are the graphs of kept sidecars */
    jv consumed;  /* array of {approval_id, consumed_at, consumed_by_operation} to write back */
    struct diags diags;
};

/* Takes state over. */
void recovery_init(struct recovery *r, struct store *store, const char *driver, jv state);
void recovery_free(struct recovery *r);

/* Decides one sidecar. Sidecars are handed in in the order of their operation ids, as a later one
 * may build on what an earlier one made of the ledger. Does not consume. */
void recover_sidecar(struct recovery *r, const jv *sidecar);

/* An artifact that the ledger lists as consumed but that does not say so itself (the run died
 * between the two writes) is put on the list of those to be written back. Does not consume. */
void recover_approval(struct recovery *r, const jv *artifact);

#endif
