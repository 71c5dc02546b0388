/*
 * disk.h - a model of a disk that may lose power: what is on it for certain, and what is not yet.
 *
 * The model is POSIX read strictly, with less order than any file system in use gives:
 *
 *   - fsync of a file makes its data and its size durable, not its name.
 *   - fsync of a directory makes its entries durable, not the files that they name, nor the
 *     directory's own name.
 *   - Whatever was not synced is on the disk or not, each change for itself, in any order and
 *     combination; with one exception: a rename is one change, its two names change together.
 *   - A write that was not synced may be there in part: each sector of 512 bytes, clipped to what
 *     was written, for itself. (SQLite calls the clipping "powersafe overwrite" and counts on it.)
 *     If it made the file longer, the new size may be there without the data: zeros.
 *
 * Calling sequence:
 *
 *     disk_scan(&disk, directory);                  // what is there before the run, all durable
 *     for each record of the log:
 *         disk_apply(&disk, record);
 *         n = disk_pending(&disk, &list);           // each may be lost, in list[i]->outcomes ways
 *         … set list[i]->outcome …
 *         disk_write(&disk, target) makes that state, disk_fingerprint(&disk) tells it from others
 */
#ifndef CLUSTER_POWER_DISK_H
#define CLUSTER_POWER_DISK_H

#include "common/buf.h"
#include "log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECTOR = 512 };

/* A record of the log with what belongs to it. */
struct record {
    struct power_record head;
    char *name, *to, *data;
    size_t number;  /* from 1 */
    char *label;    /* of a sync: disk_sync_label() */
    bool taken_out; /* a sync that is to be taken for one that did nothing */
};

struct node; /* a file or directory */

/* What may become of a change that is not durable. */
enum {
    OUTCOME_LOST,
    OUTCOME_THERE,
    OUTCOME_SIZE, /* of a write: the file has its new size, but nothing was written */
    OUTCOME_TORN, /* of a write: this + n; bit i of n tells whether its sector i is there. With more
                     than MOST_SECTORS_CHOSEN sectors n seeds which are. */
    MOST_SECTORS_CHOSEN = 16,
};

struct pending {
    const struct record *record;
    struct node *node;   /* whose data or entries change */
    struct node *target; /* of a new entry */
    uint64_t outcome;
    uint64_t outcomes; /* it is below this number */
    double bits;       /* the binary logarithm of how many states the change can be in */
};

struct disk {
    struct node **nodes;
    size_t n, cap;
    struct node *root;
    uint64_t rebuilt; /* seeds what a -shm file holds after a crash */
};

struct pending_list {
    struct pending **items;
    size_t n, cap;
};

/* The tree below a directory. False with a message on stderr. */
bool disk_scan(struct disk *disk, const char *directory);
/* Takes up one change; the record must outlive the disk. False, with a message on stderr, for one
 * that has no model or does not fit. */
bool disk_apply(struct disk *disk, const struct record *record);
/* All changes that are not durable, of files and directories that can still be reached. */
void disk_pending(const struct disk *disk, struct pending_list *list);
/* Writes the state that the outcomes choose below `directory`, which is made. False with a message
 * on stderr. */
bool disk_write(const struct disk *disk, const char *directory);
/* Equal for equal states. What temporaries (.tmp.*) and -shm files hold does not count. */
uint64_t disk_fingerprint(const struct disk *disk);
/* The path of a node relative to the root as a running program sees it, to be freed; "" if it has
 * none. */
char *disk_path_of(const struct disk *disk, uint64_t inode);
/* What a POWER_SYNC that is about to be applied syncs: the path, and of a directory the last of its
 * changes that waits for it ("__cluster after rename state.json"). To be freed. */
char *disk_sync_label(const struct disk *disk, const struct record *record);
void disk_free(struct disk *disk);

#endif
