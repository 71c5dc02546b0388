/*
 * diff.h - cluster-diff: desired minus recorded.
 */
#ifndef CLUSTER_DIFF_H
#define CLUSTER_DIFF_H

#include "common/doc.h"

/*
 * Fills `changes` from `resources` and the ledger as amended so far (`ledger.state`). Pure: reads
 * the document and nothing else. A document without `ledger`, or one whose ledger was not found, is
 * compared with an empty one. Errors: stage_input_missing; invalid_state_json when the recorded
 * resources are not what a ledger holds. Both halt.
 */
void diff(struct doc *doc);

#endif
