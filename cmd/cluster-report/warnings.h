/*
 * warnings.h - what only the report can say, because it knows which command it reports on.
 */
#ifndef CLUSTER_REPORT_WARNINGS_H
#define CLUSTER_REPORT_WARNINGS_H

#include "command.h"
#include "common/doc.h"

/*
 * Adds to the document:
 *   plan     state_lock_held or, if its holder is dead, state_lock_stale: somebody holds the lock
 *            graph_missing: a graph that was found gone would be created empty
 *   status   state_missing: there is no ledger
 *   apply, approve, refresh, import
 *            state_lock_disabled: the run was not under cluster-lock, and nothing said so yet
 * All are warnings. A halted run gets none: its errors say enough.
 */
void warnings_add(struct doc *doc, enum report_command command);

#endif
