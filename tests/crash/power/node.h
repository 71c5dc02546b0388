/* node.h - the files and directories of a modelled disk (disk.h), for disk.c and tree.c. */
#ifndef CLUSTER_POWER_NODE_H
#define CLUSTER_POWER_NODE_H

#include "disk.h"

struct entry {
    const char *name;
    struct node *target;
};

struct entries {
    struct entry *items;
    size_t n, cap;
};

struct node {
    uint64_t inode;
    bool directory, reachable;
    bool rebuilt;           /* its content is not modelled */
    struct buf content;     /* durable, of a file */
    struct entries entries; /* durable, of a directory */
    struct pending *pending;
    size_t n_pending, cap_pending;
    char *own_name; /* of an entry that disk_scan() found */
};

struct node *node_find(const struct disk *disk, uint64_t inode);
struct node *node_add(struct disk *disk, uint64_t inode, bool directory);
void entries_set(struct entries *entries, const char *name, struct node *target);
/* What the chosen outcomes leave of a file or directory. Appended to an empty out. */
void node_content(const struct node *node, struct buf *out);
void node_entries(const struct node *node, struct entries *out);
/* A file that SQLite maps and rebuilds: its content is not modelled. */
bool name_is_rebuilt(const char *name);

#endif
