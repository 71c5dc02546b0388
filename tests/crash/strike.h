/*
 * strike.h - killing a run: which one, when, and which of its processes.
 */
#ifndef CLUSTER_CRASH_STRIKE_H
#define CLUSTER_CRASH_STRIKE_H

#include "common/buf.h"
#include "stage_set.h"
#include "stories.h"
#include "tree.h"

#include <stdbool.h>

/* Moments that are no failpoints. */
#define STRIKE_RANDOM "random"
#define STRIKE_START "start"

struct strike {
    const struct story *story;
    char point[48];  /* a failpoint, or one of the above */
    long nth;        /* the how-manieth time that it is reached; for random: after how many us; for
                        start: so many us after a process of the victim's name was seen */
    char victim[16]; /* one of strike_victims */
    long second_us;  /* another kill of all so long after recovery began; -1: none */
};

/* all, self (the process at the failpoint), any (one by chance), a part of the pipeline, or a
 * signal that asks (INT, TERM, HUP; to the whole foreground group, as a terminal does). And asleep:
 * all stop, and go on when somebody else has done their work. Up to NULL. */
extern const char *const strike_victims[];

struct strike_point {
    const char *name;
    enum { STRIKE_EVERYWHERE, STRIKE_ON_DISK, STRIKE_IN_BUCKET } where;
};

/* Every failpoint, up to one without a name. */
extern const struct strike_point strike_points[];
bool strike_point_is_in(const struct strike_point *point, bool bucket);

bool strike_is_at_failpoint(const struct strike *strike);

#define STRIKE_ASLEEP "asleep"

bool victim_is_killed(const char *victim);
bool victim_asks(const char *victim);

/* "story/point@nth/victim" or with "+second_us": what --replay takes. */
void strike_name(const struct strike *strike, struct buf *out);
bool strike_parse(const char *name, struct strike *strike);

struct struck {
    struct run run;
    bool holder_died; /* cluster-lock was killed, or may have been */
};

/*
 * Runs a command of `cluster` and strikes. Its stdout goes to the file `out`. *struck tells how it
 * ended; all its processes are gone, and the box shows what is stored. False if it ended before
 * there was anything to strike. Broken promises: a hang, a lock that is free while part of its
 * pipeline lives.
 */
bool strike_run(const struct stage_set *set, const struct strike *strike,
                const char *const words[4], const char *out, struct struck *struck,
                struct buf *faults);

/* Its first half: runs the command up to the moment of the strike. */
bool strike_begin(const struct stage_set *set, const struct strike *strike,
                  const char *const words[4], const char *out, struct run *run,
                  struct tree_process *at, struct buf *faults);

/* The same command, left alone. False, with a fault, if it hangs. */
bool run_alone(const struct stage_set *set, const char *const words[4], const char *failpoints,
               const char *out, struct run *run, struct buf *faults);

#endif
