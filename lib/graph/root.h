/*
 * root.h - from a root, as the user names it, to a database file on this disk.
 *
 * The rest of the engine works on a local file and does not know what kind of root it came from:
 *
 *     root_open()     finds (later: fetches) the file of an existing graph
 *     root_create()   gives a file to build a new graph in; root_finish() then puts it in place,
 *                     all at once, or root_abandon() removes it
 *     root_publish()  after every commit: nothing on a disk, where the commit was all there is to
 *                     do; in a bucket, the place to upload the snapshot and swap the manifest
 *
 * On a disk a root is a directory with graph.db. A missing or empty directory is no root (files
 * named .tmp.* do not count). A new graph is built in a directory `.tmp.graph-<ULID>` beside the
 * root and renamed, so that a crash leaves no root at all and two inits cannot mix.
 */
#ifndef CLUSTER_GRAPH_ROOT_H
#define CLUSTER_GRAPH_ROOT_H

#include "graph/graph.h"

struct root {
    char *location;  /* as the user gave it, without trailing slashes */
    char *file;      /* the database */
    char *directory; /* that holds the file */
};

#define ROOT_INIT        \
    {                    \
        NULL, NULL, NULL \
    }

/* GRAPH_NONE, or GRAPH_CANNOT_OPEN when what is there is no graph; the file itself is not read. */
enum graph_status root_open(const char *location, struct root *root, struct error *err);
/* GRAPH_FAILED when something is there already, or nothing can be written. */
enum graph_status root_create(const char *location, struct root *root, struct error *err);
/* Makes the new graph durable and visible. */
enum graph_status root_finish(struct root *root, struct error *err);
/* Removes what root_create() made; for when root_finish() was not reached or failed. */
void root_abandon(struct root *root);
/* GRAPH_FAILED (code graph_conflict) when somebody else's commit came first. */
enum graph_status root_publish(struct root *root, struct error *err);
void root_clear(struct root *root);

#endif
