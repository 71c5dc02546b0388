/*
 * left_lock.h - the lock that a crash leaves, and what the operator does about it.
 */
#ifndef CLUSTER_CRASH_LEFT_LOCK_H
#define CLUSTER_CRASH_LEFT_LOCK_H

#include "strike.h"

/* The program that holds the lock while its pipeline runs. */
#define LOCK_HOLDER "cluster-lock"

/* Nobody else gets the lock; `why` says why not. */
void expect_held(const struct stage_set *set, const char *why, struct buf *faults);

/*
 * After a strike, with the box showing what is stored. Only a holder that was killed leaves its
 * lock. On a disk the next command finds out that it is dead; in a bucket the lock keeps everybody
 * out until it is released by its id, which is done here. What is otherwise is a fault.
 */
void left_lock(const struct stage_set *set, const struct struck *struck, struct buf *faults);

/*
 * With a run asleep that may hold the lock, and the box showing what is stored: somebody takes it
 * for dead and releases its lock. True if there was one.
 */
bool take_for_dead(const struct stage_set *set, struct buf *faults);

#endif
