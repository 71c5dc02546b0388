/*
 * run.h - one recorded run of a scenario: the directory before it, and the log.
 *
 * A scenario is an executable that is called so:
 *
 *     SCENARIO prepare NAME DIR     fills DIR with what is there, durably, before the run
 *     SCENARIO steps NAME           prints the commands of the run, a line each; they run in DIR
 *     SCENARIO check NAME DIR DONE OUT
 *                                   DIR is what a crash left when DONE steps had ended and said so;
 *                                   exit 0 if every promise holds. OUT holds N.out and N.status
 *                                   (stdout and exit status) of step N, from 1.
 */
#ifndef CLUSTER_POWER_RUN_H
#define CLUSTER_POWER_RUN_H

#include "disk.h"

enum { MOST_STEPS = 8 };

struct run {
    const char *scenario, *name, *recorder; /* borrowed */
    const char *work;                       /* the directory of all that follows, absolute */
    char *directory, *log, *out;
    char *steps[MOST_STEPS];
    size_t n_steps;
    size_t ends[MOST_STEPS]; /* how many records there were when the step had ended */
    size_t kill_step;        /* the step (from 1) to be killed, or 0 */
    size_t kill_after;       /* so many of its records; it may end before */
    bool was_killed;
    struct disk before, rehearsal; /* the disk before the run, twice */
    struct record *records;
    size_t n, cap;
};

/* Prepares, runs, reads the log, and makes sure that the log explains the directory as it is now.
 * False with a message on stderr. run_free() either way. */
bool run_record(struct run *run);
/* How many steps had ended when `records` were there. */
size_t run_steps_done(const struct run *run, size_t records);
/* Takes the syncs with such a label (disk_sync_label(), a pattern of fnmatch(3)) out of the log;
 * returns how many. With pattern NULL prints all labels instead. */
size_t run_take_out_syncs(struct run *run, const char *pattern);
void run_free(struct run *run);

#endif
