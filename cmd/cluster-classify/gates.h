/*
 * gates.h - which changes need a person's approval, and which have it.
 */
#ifndef CLUSTER_GATES_H
#define CLUSTER_GATES_H

#include "common/doc.h"
#include "facts.h"

/*
 * Fills `approvals_required`, in the order of the changes: one gate for each graph delete (it
 * carries the whole subtree) and one for each schema delete that stands alone. Tells *facts which
 * graph deletes are approved. Approvals are the ledger's, as the sweep read them: without `sweep`
 * there are none. An unconsumed artifact for a gated resource that is bound to anything else than
 * this change is the warning approval_stale.
 */
void gates_find(struct doc *doc, struct facts *facts);

#endif
