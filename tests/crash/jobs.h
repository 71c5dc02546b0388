/*
 * jobs.h - which kills are made: chosen by a seed among the moments that probe.h found.
 */
#ifndef CLUSTER_CRASH_JOBS_H
#define CLUSTER_CRASH_JOBS_H

#include "probe.h"

#include <time.h>

struct jobs {
    struct strike *list;
    size_t n, cap;
    time_t end; /* nothing new is begun then, if `least` runs were killed; 0: no end */
    long least;
};

/*
 * Every failpoint that is reached: all die; the one there dies; part of the pipeline; a signal that
 * asks; in a bucket all fall asleep. `thorough`: every part and every signal, else one of each by
 * turns, and few sleep. Every stage, as soon as
 * it runs. And `random` kills at random moments. Some are struck once more while they recover.
 *
 * In random order, but first one kill at each failpoint, one of each stage, and one at a random
 * moment of each that is struck then.
 */
void jobs_plan(struct jobs *jobs, const struct probes *probes, const struct tally *tally,
               unsigned long long seed, long random, bool thorough, bool bucket);
/* Only those of one victim. */
void jobs_keep(struct jobs *jobs, const char *victim);
/* One of strike_parse(). False if there is no such kill. */
bool jobs_add_named(struct jobs *jobs, const char *name);
void jobs_free(struct jobs *jobs);

#endif
