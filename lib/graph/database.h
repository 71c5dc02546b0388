/*
 * database.h - opening a graph's database, and its transactions.
 *
 *     struct database d = DATABASE_INIT;
 *     status = database_open(root, DATABASE_WRITE, &d, &err);
 *     if (status == GRAPH_OK)
 *         status = database_begin(&d, &err);       // the header is now what this transaction sees
 *     ... change things ...
 *     status = database_commit(&d, &commit, &err);
 *     database_close(&d);                          // rolls back what was not committed
 *
 * A writer takes SQLite's write lock at the beginning (BEGIN IMMEDIATE), so that what it reads is
 * what it changes; a reader sees one snapshot until it closes. Either waits up to 5 s for a lock.
 * Commits are durable (WAL, synchronous=FULL).
 *
 * A reader never creates a file: where the -wal and -shm files are missing and so no writer can
 * have left anything there, the file is opened as immutable. database_close() then has nothing to
 * say; database_unchanged() tells whether a writer came meanwhile.
 */
#ifndef CLUSTER_GRAPH_DATABASE_H
#define CLUSTER_GRAPH_DATABASE_H

#include "common/digest.h"
#include "graph/graph.h"
#include "graph/root.h"

#include <sqlite3.h>

enum {
    DATABASE_APPLICATION_ID = 0x436c4772, /* "ClGr" */
    DATABASE_FORMAT = 2,                  /* PRAGMA user_version; 1 had no id in its commits */
    DATABASE_BUSY_MS = 5000,
    /* PRAGMA cache_size of a writer, in general and while it sorts; negative: KiB. */
    DATABASE_CACHE = -131072,
    DATABASE_SORT_CACHE = -4096,
};

enum database_mode { DATABASE_READ, DATABASE_WRITE };

struct database {
    struct root root;
    sqlite3 *db;
    enum database_mode mode;
    bool immutable;
    /* The header, as of database_begin(). */
    int64_t version;
    struct digest schema_digest;
    struct buf schema;
    int64_t reclaimed; /* bytes given back by a commit */
};

#define DATABASE_INIT                                                \
    {                                                                \
        ROOT_INIT, NULL, DATABASE_READ, false, 0, {{0}}, BUF_INIT, 0 \
    }

/* What a commit says about itself. */
struct commit {
    const char *operation; /* init, apply, load, restore, cleanup */
    const char *actor;     /* or NULL */
    int64_t nodes, edges;  /* written by it */
    int64_t steps;         /* of a schema change */
    bool reclaim;          /* then give back the space that is not used */
};

/* GRAPH_NONE, GRAPH_CANNOT_OPEN, GRAPH_FAILED (busy, no right to write, a bucket that does not
 * answer). */
enum graph_status database_open(const char *location, enum database_mode mode, struct database *d,
                                struct error *err);
/* Makes the empty database of a new graph in a root from root_create(), with its catalog tables and
 * a transaction begun. */
enum graph_status database_create(struct root *root, struct database *d, struct error *err);
enum graph_status database_begin(struct database *d, struct error *err);
/* Takes a new schema source into the header; written with the commit. */
void database_set_schema(struct database *d, const char *text, size_t len);
/* Raises the version, records the commit, makes it durable and publishes it. GRAPH_FAILED: nothing
 * of it is kept. */
enum graph_status database_commit(struct database *d, const struct commit *commit,
                                  struct error *err);
/* False (with err) if a writer changed the file under an immutable reader. */
bool database_unchanged(const struct database *d, struct error *err);
void database_close(struct database *d);

#endif
