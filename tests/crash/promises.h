/*
 * promises.h - what must hold after a crash and after recovery, checked against a model.
 *
 * All of them look at the store in the current directory and note what is broken in *faults, a text
 * of one line each; an empty text is good.
 */
#ifndef CLUSTER_CRASH_PROMISES_H
#define CLUSTER_CRASH_PROMISES_H

#include "model.h"

#include <stdbool.h>

void fault(struct buf *faults, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The JSON object in a file; an invalid value if there is no such file. What is there but is no
 * JSON object is a fault. */
jv promise_json(const char *path, struct buf *faults);

/* At any moment: ledger, sidecars and approvals parse, no blob is torn, an approval is consumed
 * only if the ledger says so. `must_exist`: there must be a ledger. */
void promises_always(bool must_exist, struct buf *faults);

/* Once everything has settled: ledger, graphs, rows, catalog and statuses are the model's; no lock,
 * no sidecar, no foreign root is left. With `deleted`, the graph is gone and exactly one approval
 * was consumed, by one operation, in ledger and artifact alike. */
void promises_settled(const struct model *model, const char *deleted, struct buf *faults);

/* What a command reported happened: `out` is the file with its stdout, `status` its wait status.
 * False if it gave no report. If it says that it converged, everything has settled. */
bool promises_report(const struct model *model, const char *deleted, const char *out, int status,
                     struct buf *faults);

/* The member at "a/b/c", an invalid value if there is none. Owned by the caller. */
jv at_path(const jv *value, const char *path);

#endif
