/*
 * self_test.h - that the harness sees what it looks for: each promise broken by hand must be
 * noticed.
 */
#ifndef CLUSTER_CRASH_SELF_TEST_H
#define CLUSTER_CRASH_SELF_TEST_H

#include "episode.h"

/* In the current box. What goes unnoticed is a fault. */
void self_test(const struct stage_set *set, struct buf *faults);

#endif
