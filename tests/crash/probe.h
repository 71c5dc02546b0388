/*
 * probe.h - which failpoints the runs of the stories come through, and how long they take: found by
 * running each story once with every failpoint noting itself, and once more for the time.
 */
#ifndef CLUSTER_CRASH_PROBE_H
#define CLUSTER_CRASH_PROBE_H

#include "episode.h"

#include <stdbool.h>

/* A failpoint that a run of a story comes through. */
struct hit_point {
    const struct story *story;
    char point[48];
    long nth;
    char process[NAME_MAX_LEN];
};

struct probes {
    struct hit_point *list;
    size_t n, cap;
};

/* Runs a story, in the current box; it has to come out right without a kill. The failpoints are
 * noted in a file for probes_read(), the time in set->tally. */
void probe(const struct stage_set *set, const struct story *story, struct buf *faults);

/* What probe() has noted of all stories, in any worker. A failpoint of this place that no story
 * comes through is a fault. */
void probes_read(const struct stage_set *set, struct probes *probes, struct buf *faults);
void probes_free(struct probes *probes);

#endif
