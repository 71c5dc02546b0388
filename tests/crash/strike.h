/*
 * strike.h - killing a run: which one, when, and which of its processes.
 */
#ifndef CLUSTER_CRASH_STRIKE_H
#define CLUSTER_CRASH_STRIKE_H

#include "common/buf.h"
#include "stories.h"
#include "tally.h"
#include "tree.h"

#include <stdbool.h>

#define STRIKE_RANDOM "random"

struct strike {
    const struct story *story;
    char point[48];  /* a failpoint, or STRIKE_RANDOM */
    long nth;        /* the how-manieth time that it is reached; for random: after how many us */
    char victim[16]; /* one of strike_victims */
    long second_us;  /* another kill of all so long after recovery began; -1: none */
};

/* all, self (the process at the failpoint), any (one by chance), a part of the pipeline, or a
 * signal that asks (INT, TERM, HUP; to the whole foreground group, as a terminal does). Up to NULL.
 */
extern const char *const strike_victims[];

/* Every failpoint. Up to NULL. */
extern const char *const strike_points[];

bool victim_asks(const char *victim);

/* "story/point@nth/victim" or with "+second_us": what --replay takes. */
void strike_name(const struct strike *strike, struct buf *out);
bool strike_parse(const char *name, struct strike *strike);

/*
 * Runs a command of `cluster` and strikes. Its stdout goes to the file `out`. *run tells how it
 * ended, all its processes are gone. False if it ended before there was anything to strike.
 * Broken promises: a hang, a lock that is free while part of its pipeline lives, a lock that is not
 * released when asked to end.
 */
bool strike_run(const struct strike *strike, const char *const words[4], const char *out,
                struct run *run, struct tally *tally, struct buf *faults);

/* The same command, left alone. False, with a fault, if it hangs. */
bool run_alone(const char *const words[4], const char *failpoints, const char *out, struct run *run,
               struct buf *faults);

#endif
