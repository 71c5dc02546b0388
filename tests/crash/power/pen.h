/*
 * pen.h - how the recorder writes its log.
 *
 *     if (!fd_is_ours(fd, &inode))
 *         … just make the call …
 *     struct pen pen = pen_take();          // nobody else changes anything from here on
 *     … make the call …
 *     pen_write(&pen, (struct power_record){…}, name, second, data);   // if it did something
 *     pen_drop(&pen);
 *
 * An exclusive flock(2) on the log is held in between, so that the order of the records is the
 * order of the calls, whichever process made them. errno is left alone. A pen that cannot write
 * ends the process with 125.
 */
#ifndef CLUSTER_POWER_PEN_H
#define CLUSTER_POWER_PEN_H

#include "log.h"

#include <stdbool.h>

/* The log, open and locked for one call. */
struct pen {
    int fd;
    struct power_head head;
};

/* The folder that a path stands in, and its last name, which points into the path. */
struct place {
    uint64_t folder;
    const char *name;
};

/* True if the file is below the root; *inode is then its number. */
bool fd_is_ours(int fd, uint64_t *inode);
/* False if the path, relative to the directory `at`, does not stand below the root. */
bool place_of(int at, const char *path, struct place *place);
/* 0 if nothing is there. */
uint64_t inode_at(int at, const char *path);

struct pen pen_take(void);
/* The lengths in the record are filled in, but for that of the data. */
void pen_write(struct pen *pen, struct power_record record, const char *name, const char *second,
               const void *data);
void pen_drop(const struct pen *pen);
/* Something that the replayer has no model of must not pass for nothing. */
void pen_note_strange(const char *what);

#endif
