/*
 * sandbox.h - the directories of the crash tests: one prepared cluster a story, and for each worker
 * one in which a copy of it is broken and repaired, the current directory of that worker.
 *
 *     TOP/story/NAME      as it is when the command to be killed starts
 *     TOP/worker/N/box    the copy; outputs of commands lie beside it, in ..
 *     TOP/broken/M        kept, for somebody to look at
 */
#ifndef CLUSTER_CRASH_SANDBOX_H
#define CLUSTER_CRASH_SANDBOX_H

#include "common/buf.h"
#include "stories.h"

#include <stdbool.h>

/* A new TOP, in memory if the system has a place for that. NULL if there is none. To be freed. */
char *sandbox_top(void);

/* Makes the prepared cluster of a story. Broken promises on the way are faults. */
void sandbox_prepare(const char *top, const struct story *story, struct buf *faults);

/* Makes the box of a worker and goes there. */
bool sandbox_enter(const char *top, int worker);

/* Fills the current box with a fresh copy. */
bool sandbox_reset(const char *top, const struct story *story);

/* Keeps the current box: the path of the copy, to be freed. */
char *sandbox_keep(const char *top, int number);

void sandbox_remove(const char *top);

#endif
