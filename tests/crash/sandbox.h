/*
 * sandbox.h - the directories of the crash tests: for each worker a box, its current directory, in
 * which a cluster is broken and repaired, and one prepared cluster a story, which the box is made a
 * copy of before each crash.
 *
 *     TOP/worker/N/box    the box; outputs of commands lie beside it, in ..
 *     TOP/story/N/NAME    as it is when the command to be killed starts
 *     TOP/broken/M        kept, for somebody to look at
 *
 * A cluster in a bucket has its place in its configuration, to which approvals are bound: so the
 * prepared ones are each worker's own, made in its box, and the box's place in the bucket is filled
 * from them with the box.
 */
#ifndef CLUSTER_CRASH_SANDBOX_H
#define CLUSTER_CRASH_SANDBOX_H

#include "common/buf.h"
#include "stage_set.h"

#include <stdbool.h>

/* A new TOP, in memory if the system has a place for that. NULL if there is none. To be freed. */
char *sandbox_top(void);

/* Makes the box of a worker and goes there; sets set->worker and set->place. */
bool sandbox_enter(struct stage_set *set, int worker);

/* Makes the prepared cluster of every story. Broken promises on the way are faults. */
void sandbox_prepare(const struct stage_set *set, struct buf *faults);

/* Makes the box, and its place in a bucket, a copy of what was prepared or kept under a name; NULL:
 * nothing at all. */
bool sandbox_reset(const struct stage_set *set, const char *name);

/* Keeps what the box is as one more that it can be reset to. */
bool sandbox_keep_as(const struct stage_set *set, const char *name);

/* Keeps a broken box for good: the path of the copy, to be freed. */
char *sandbox_keep(const struct stage_set *set, int number);

/* Empties the box's place in the bucket. */
void sandbox_leave(const struct stage_set *set);

void sandbox_remove(const char *top);

#endif
