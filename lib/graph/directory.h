/*
 * directory.h - directories on a disk: made with all above them, and their entries made durable.
 */
#ifndef CLUSTER_GRAPH_DIRECTORY_H
#define CLUSTER_GRAPH_DIRECTORY_H

#include "common/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* mkdir -p: what is missing is made with this mode, what is there stays as it is. With `durable`
 * every new entry is on the disk before this returns. */
bool directory_make(const char *path, mode_t mode, bool durable, struct error *err);
/* Waits until the entries of a directory are on the disk. */
bool directory_sync(const char *path, struct error *err);
/* The directory that holds a path; "." for a bare name. To be freed. */
char *directory_of(const char *path);

#endif
