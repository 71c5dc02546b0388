/*
 * walk.h - going through everything below a folder, in the order of the names.
 *
 *     struct walk walk;
 *     struct walk_entry entry;
 *     walk_begin(&walk, path);
 *     while (walk_next(&walk, &entry))
 *         ...entry.kind, entry.path, entry.leaf...
 *     walk_end(&walk);
 *
 * The folder itself comes first and may be reached through a symbolic link; those inside are not
 * followed. One folder's names at a time are held for each level, and no descriptor. What vanishes
 * under the walk is left out. This is fts(3), whose glibc 2.36 crashes when memory runs out.
 */
#ifndef CLUSTER_STORE_WALK_H
#define CLUSTER_STORE_WALK_H

#include <stdbool.h>
#include <stddef.h>

enum walk_kind {
    WALK_FILE,    /* a regular file */
    WALK_FOLDER,  /* what is in it comes next */
    WALK_LEFT,    /* a folder once more, after all that is in it */
    WALK_OTHER,   /* a link, a socket and the like */
    WALK_TROUBLE, /* what cannot be looked at; a folder that cannot be read comes as WALK_FOLDER,
                     then so, and is not left */
};

struct walk_entry {
    enum walk_kind kind;
    const char *path; /* the walk's until the next call, as is leaf */
    const char *leaf; /* the last part of path */
    bool is_top;      /* the folder that the walk began with */
    int cause;        /* the errno of a WALK_TROUBLE, else 0 */
};

struct walk_level;
struct walk {
    char *top, *at;
    struct walk_level *levels; /* from the top to where the walk is */
    size_t n, cap;
    bool begun, descend; /* descend: the entry given last is a folder to be read */
};

void walk_begin(struct walk *walk, const char *path);
bool walk_next(struct walk *walk, struct walk_entry *entry);
void walk_end(struct walk *walk);

#endif
