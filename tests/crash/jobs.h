/*
 * jobs.h - which kills are made: found by running each story once with every failpoint noting
 * itself, and chosen by a seed.
 */
#ifndef CLUSTER_CRASH_JOBS_H
#define CLUSTER_CRASH_JOBS_H

#include "episode.h"

#include <time.h>

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
    long micros[16]; /* how long each story's command takes */
};

struct jobs {
    struct strike *list;
    size_t n, cap;
    time_t end; /* nothing new is begun then, if `least` runs were killed; 0: no end */
    int least;
};

/* Fills *probes, in the current box; each story has to come out right without a kill. */
void probe(const struct stage_set *set, struct probes *probes, struct buf *faults);
void probes_free(struct probes *probes);

/* Every failpoint that is reached: all die; the one there dies; part of the pipeline; a signal that
 * asks. `thorough`: every part and every signal, else one of each by turns. And `random` kills at
 * random moments. Some are struck once more while they recover. In random order. */
void jobs_plan(struct jobs *jobs, const struct probes *probes, unsigned long long seed, long random,
               bool thorough);
/* One of strike_parse(). False if there is no such kill. */
bool jobs_add_named(struct jobs *jobs, const char *name);
void jobs_free(struct jobs *jobs);

#endif
