/*
 * root.h - from a root, as the user names it, to a database file on this disk.
 *
 * The rest of the engine works on a local file and does not know what kind of root it came from:
 *
 *     root_open()     finds or fetches the file of an existing graph
 *     root_create()   gives a file to build a new graph in; root_finish() then puts it in place,
 *                     all at once, or root_abandon() removes it
 *     root_publish()  after every commit: nothing on a disk, where the commit was all there is to
 *                     do; in a bucket it uploads the snapshot and swaps the manifest
 *     root_sweep()    removes what no version of the graph needs any more; nothing on a disk
 *
 * On a disk a root is a directory with graph.db. A missing or empty directory is no root (files
 * named .tmp.* do not count). A new graph is built in a directory `.tmp.graph-<ULID>` beside the
 * root and renamed, so that a crash leaves no root at all and two inits cannot mix. Roots in a
 * bucket (s3://…) are bucket_root.h's.
 */
#ifndef CLUSTER_GRAPH_ROOT_H
#define CLUSTER_GRAPH_ROOT_H

#include "graph/graph.h"

struct bucket_root;

struct root {
    char *location;             /* as the user gave it, without trailing slashes */
    char *file;                 /* the database */
    char *directory;            /* that holds the file */
    struct bucket_root *bucket; /* NULL on a disk */
};

#define ROOT_INIT              \
    {                          \
        NULL, NULL, NULL, NULL \
    }

enum root_use { ROOT_READ, ROOT_WRITE };

/* GRAPH_NONE, or GRAPH_CANNOT_OPEN when what is there is no graph; the database itself is not
 * read. GRAPH_FAILED when a bucket did not answer. */
enum graph_status root_open(const char *location, enum root_use use, struct root *root,
                            struct error *err);
/* In a bucket a writer's file is a copy that nobody else sees: what becomes of it matters only when
 * it is published. */
bool root_in_bucket(const struct root *root);
/* GRAPH_FAILED when something is there already, or nothing can be written. */
enum graph_status root_create(const char *location, struct root *root, struct error *err);
/* Makes the new graph durable and visible. */
enum graph_status root_finish(struct root *root, struct error *err);
/* Removes what root_create() made; for when root_finish() was not reached or failed. */
void root_abandon(struct root *root);
/* The file now is this version of the graph. GRAPH_FAILED (code graph_conflict) when somebody
 * else's commit came first. */
enum graph_status root_publish(struct root *root, int64_t version, struct error *err);
/* Removes the snapshots of a bucket that are no longer the graph, or never were; without confirm
 * only counts them. GRAPH_FAILED: some may be left. */
enum graph_status root_sweep(struct root *root, bool confirm, int64_t *snapshots,
                             struct error *err);
void root_clear(struct root *root);

#endif
