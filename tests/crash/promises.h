/*
 * promises.h - what must hold after a crash and after recovery, checked against a model.
 *
 * All of them look at the store in the current directory, or at the copy there of one in a bucket
 * (place_look() comes first), and note what is broken in *faults, a text of one line each; an empty
 * text is good. What a graph holds they ask its own command line, in its place.
 */
#ifndef CLUSTER_CRASH_PROMISES_H
#define CLUSTER_CRASH_PROMISES_H

#include "model.h"
#include "place.h"

#include <stdbool.h>

void fault(struct buf *faults, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The JSON object in a file; an invalid value if there is no such file. What is there but is no
 * JSON object is a fault. */
jv promise_json(const char *path, struct buf *faults);

/* At any moment: ledger, sidecars and approvals parse, no blob is torn, an approval is consumed
 * only if the ledger says so; in a bucket no snapshot is torn, and each graph's manifest names one
 * that is there. `must_exist`: there must be a ledger. */
void promises_always(const struct place *place, bool must_exist, struct buf *faults);

/* Once everything has settled: ledger, graphs, rows, catalog and statuses are the model's; no lock
 * and no sign of life of one, no sidecar, no foreign root is left. With `deleted`, the graph is
 * gone and exactly one approval was consumed, by one operation, in ledger and artifact alike. */
void promises_settled(const struct place *place, const struct model *model, const char *deleted,
                      struct buf *faults);

/* What a command reported happened: `out` is the file with its stdout, `status` its wait status.
 * False if it gave no report. If it says that it converged, everything has settled. */
bool promises_report(const struct place *place, const struct model *model, const char *deleted,
                     const char *out, int status, struct buf *faults);

/* The member at "a/b/c", an invalid value if there is none. Owned by the caller. */
jv at_path(const jv *value, const char *path);

/* The names in a folder that do not start with a dot, sorted, as an array; none if there is no such
 * folder. */
jv names_in(const char *folder);

#endif
