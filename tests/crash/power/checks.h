/* checks.h - the scenario's check on one state after the other, some of them at a time. */
#ifndef CLUSTER_POWER_CHECKS_H
#define CLUSTER_POWER_CHECKS_H

#include "explore.h"

#include <sys/types.h>

struct checks {
    const struct run *run;
    size_t jobs, broken;
    struct check {
        pid_t pid;
        char *directory;
    } under_way[MOST_JOBS];
    size_t n;
};

/* Starts the check of the state that the outcomes of the disk choose, waiting for an older check to
 * end if there are enough. False, with a message on stderr, if it cannot be done. */
bool checks_start(struct checks *checks, const struct disk *disk,
                  const struct pending_list *pending, size_t number, size_t records);
/* Waits until all have ended. */
void checks_finish(struct checks *checks);

#endif
