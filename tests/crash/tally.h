/*
 * tally.h - what all workers together have done, in memory that they share.
 */
#ifndef CLUSTER_CRASH_TALLY_H
#define CLUSTER_CRASH_TALLY_H

#include <stdatomic.h>

enum { TALLY_KEYS = 64, TALLY_KEY_LEN = 48 };

/* Counts by name. The names are entered before the workers start. */
struct tally_table {
    const char *title;
    int n;
    char keys[TALLY_KEYS][TALLY_KEY_LEN];
    atomic_int counts[TALLY_KEYS];
};

struct tally {
    atomic_int next_job;
    atomic_int runs_killed, runs_signalled, processes_killed;
    atomic_int episodes, second_strikes, held_checks, released, sleepers, failures;
    atomic_long micros[16]; /* how long each story's command takes */
    struct tally_table points, victims, processes, rows, stories;
};

struct tally *tally_new(void); /* zeroed; NULL if there is no memory */

/* Enters a name, if it is new. */
void tally_key(struct tally_table *table, const char *key);
/* What has no name of its own. */
#define TALLY_OTHER "other"

/* Counts; a name that was not entered counts as the last one, which is TALLY_OTHER where that can
 * be. */
void tally_count(struct tally_table *table, const char *key);

/* Back to nothing counted; the names stay. */
void tally_clear(struct tally_table *table);

/* A name, but TALLY_OTHER, that nothing was counted for; NULL if there is none. */
const char *tally_missing(const struct tally_table *table);

void tally_print(const struct tally *tally);

#endif
