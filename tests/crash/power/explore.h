/* explore.h - the states that a crash may leave, one after the other, each checked once. */
#ifndef CLUSTER_POWER_EXPLORE_H
#define CLUSTER_POWER_EXPLORE_H

#include "run.h"

enum { MOST_JOBS = 64 };

struct explore {
    uint64_t seed;
    size_t budget;      /* the most states to check */
    size_t jobs;        /* so many checks at once, at most MOST_JOBS */
    bool stop_at_first; /* when one is broken */
    double possible;    /* how many states there are, equal ones counted apart */
    size_t checked, broken;
    bool all; /* every possible state was checked */
};

/*
 * Checks states of the run's disk after each of its records. A state that breaks a promise is kept
 * below run->work as state-N: `crashed`, the disk as the crash left it, `disk`, what the check made
 * of it, `output`, what the check said, `what`, what was lost. False with a message on stderr if
 * the exploration itself failed.
 */
bool explore(struct run *run, struct explore *explore);

#endif
