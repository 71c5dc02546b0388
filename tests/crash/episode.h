/*
 * episode.h - one crash from beginning to end: break a cluster, look, recover it, look again.
 */
#ifndef CLUSTER_CRASH_EPISODE_H
#define CLUSTER_CRASH_EPISODE_H

#include "strike.h"

/* In a worker's box. False if the run was over before it could be struck. */
bool episode(const struct stage_set *set, const struct strike *strike, struct buf *faults);

/* What the operator does after a crash, and then nothing more is to be done. Also for a story whose
 * command was left alone. */
void settle(const struct stage_set *set, const struct story *story, long second_us,
            struct buf *faults);

/* The rows that episode() counts. Up to NULL. */
extern const char *const episode_rows[];

#endif
