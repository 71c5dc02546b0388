/*
 * approve.h - cluster-approve: writes one approval artifact.
 */
#ifndef CLUSTER_APPROVE_H
#define CLUSTER_APPROVE_H

#include "common/doc.h"

/*
 * Approves the change of `address`, which must be one that the plan gates now (an entry of
 * `approvals_required`): writes an artifact that is bound to the configuration and to the digests
 * before and after, and fills `approval`. If an artifact that authorizes exactly this is there
 * already, none is written and `approval` is that one (warning approval_already_given).
 *
 * `as` is the argument of --as, NULL without. Needs `config`, `store`, `ledger`, `changes` and
 * `approvals_required`. Errors, all halting: actor_required, state_missing, approval_not_required,
 * state_lock_lost, approval_write_error.
 */
void approve(struct doc *doc, const char *address, const char *as);

#endif
