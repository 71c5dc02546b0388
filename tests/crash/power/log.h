/*
 * log.h - what recorder.so writes and the replayer reads: every change to the files below one
 * directory, by all processes of a run, in the one order in which they happened.
 *
 * The file is a power_head, then one power_record after the other, each followed by its name, its
 * second name and its data, without padding or terminators. Files and directories are known by
 * their inode numbers (of a tmpfs, which uses none twice), so that names may change.
 *
 * Environment of a recorded program:
 *     CLUSTER_POWER_ROOT   the directory, absolute, without symbolic links
 *     CLUSTER_POWER_LOG    the log, which must exist and hold a power_head
 */
#ifndef CLUSTER_POWER_LOG_H
#define CLUSTER_POWER_LOG_H

#include <stdint.h>

struct power_head {
    uint64_t count; /* records so far */
    /* When so many are there the run is over: whoever wrote the last one kills its process group,
     * and any other process kills itself instead of changing anything more. 0: never. */
    uint64_t kill_at;
};

enum power_op {
    POWER_CREATE = 1, /* folder, name, inode: a new empty file */
    POWER_MKDIR,      /* folder, name, inode */
    POWER_WRITE,      /* inode, offset, data */
    POWER_TRUNCATE,   /* inode, offset: the new size */
    POWER_SYNC,       /* inode: of a file or a directory */
    POWER_LINK,       /* folder, name, inode */
    POWER_UNLINK,     /* folder, name */
    POWER_RMDIR,      /* folder, name */
    POWER_RENAME,     /* folder, name, to_folder, second name, inode */
    POWER_STRANGE,    /* name: a call that the replayer does not model */
};

struct power_record {
    uint32_t op;
    uint32_t name_len, to_len, pid;
    uint64_t inode, folder, to_folder;
    uint64_t offset, len; /* len: of the data */
};

#endif
