/*
 * observations.h - `state_observations`: what a command saw of the store.
 */
#ifndef CLUSTER_REPORT_OBSERVATIONS_H
#define CLUSTER_REPORT_OBSERVATIONS_H

#include "view.h"

/* {state_path, lock_path, state_found, applied_config_digest?, state_revision, state_cas?,
 * resource_count, locked, lock_id?, lock_acquired, acquired_lock_id?, lock_operation?,
 * lock_created_at?, lock_pid?, lock_age_seconds?}. After a run that wrote the ledger the values are
 * those it left. `locked` and lock_* describe a lock found held by someone else. */
jv observations_of(const struct view *view);

#endif
