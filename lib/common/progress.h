/*
 * progress.h - lines about long work, on stderr: on a terminal, or when asked for (--progress).
 */
#ifndef CLUSTER_PROGRESS_H
#define CLUSTER_PROGRESS_H

#include <stdbool.h>

/* Whether to say anything: it was asked for, or stderr is a terminal. */
bool progress_wanted(bool asked);
/* One line, if it is wanted. Text that could mislead a terminal is not filtered: pass names that
 * were checked. */
void progress_say(bool wanted, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
