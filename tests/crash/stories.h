/*
 * stories.h - what an operator asks for in the crash tests: clusters before and after a change.
 *
 * A world is the cluster as the operator wants it, and so also what must be true when everything
 * has settled: which graphs with which schema, which rows in them, which queries and policies. The
 * cluster.yaml is written from it, and the promises are checked against it; nothing of the programs
 * under test is asked what it should be. A story leads from one world to another by one command,
 * the one that is killed.
 */
#ifndef CLUSTER_CRASH_STORIES_H
#define CLUSTER_CRASH_STORIES_H

#include "common/buf.h"

#include <stddef.h>

/* What is in a graph: nothing, or the rows that are loaded before the story, as its schema shows
 * them. */
enum rows { ROWS_NONE, ROWS_PEOPLE, ROWS_PEOPLE_2, ROWS_PLACES, ROWS_PLACES_2 };

struct graph_want {
    const char *id;
    const char *schema;     /* the file */
    const char *query_file; /* NULL: none */
    const char *queries;    /* the names that it declares, sorted, separated by spaces */
    enum rows rows;
    int version; /* of the manifest: one for the creation, each load and each migration */
};

struct policy_want {
    const char *name, *file;
    const char *applies_to; /* graph ids or `cluster`, separated by spaces, in address order */
};

struct world {
    const struct graph_want *graphs;    /* up to one without an id */
    const struct policy_want *policies; /* up to one without a name */
};

struct story {
    const char *name;
    const struct world *before; /* imported, applied and loaded; NULL: no ledger yet */
    const struct world *after;  /* what cluster.yaml then says */
    const char *approve;        /* approved before the command is killed, or NULL */
    const char *deleted;        /* the graph that goes with an approval, or NULL */
    const char *damage;         /* removed by hand before the command, or NULL */
    const char *command[4];     /* that is killed: words after `cluster` */
    /* What the operator does after a crash; the last one converges. Then nothing is to be done. */
    const char *settle[3][4];
};

/* All of them, up to one without a name. */
extern const struct story stories[];

/* The files that lie beside every cluster.yaml, in pairs of name and text up to NULL. */
extern const char *const story_files[];

void world_write_yaml(const struct world *world, struct buf *out);

/* The JSON lines of an export of these rows, nodes before edges; also what is loaded. */
void rows_write(enum rows rows, struct buf *out);

#endif
