/*
 * graph.h - the embedded graph engine: one property graph in one SQLite file.
 *
 * Each call of the command line is one function here: it takes the root as the user gave it, opens
 * what it needs, does the work in at most one transaction, and closes. What comes back is the exit
 * status of the driver protocol; on anything but GRAPH_OK err has one sentence. Its code is
 * graph_busy, graph_conflict, schema_parse_error or schema_catalog_error where one of these fits,
 * else NULL.
 *
 * On a disk a root is a directory that holds `graph.db` (and beside it SQLite's -wal and -shm
 * files, which stay, so that a reader never has to create one). In a bucket (s3://…) it is a
 * manifest and snapshots of that file; readers use a cached one, a writer works on a copy, and
 * whoever commits second fails with graph_conflict. lib/graph/root.h decides what a root is and is
 * the only place that knows.
 *
 * Inside the file (application id and format version in database.h):
 *
 *     graph        one row: manifest_version, schema_digest, schema_source
 *     commits      one row a version: time, actor, operation, counts, a ULID
 *     types        which table holds a node or edge type; also soft-dropped ones
 *     properties   which column holds a property; also soft-dropped ones
 *     node_T       id, then properties       edge_T       id, src, dst, then properties
 *
 * Names are kept apart where they differ only by case (catalog.h). Tables are STRICT and their text
 * is plain: what a property may hold is checked in code (cell.h), for a CHECK or NOT NULL would
 * make a soft drop rewrite every row; uniqueness and references are SQLite's.
 */
#ifndef CLUSTER_GRAPH_GRAPH_H
#define CLUSTER_GRAPH_GRAPH_H

#include "common/error.h"
#include "common/json.h"
#include "lang/source.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum graph_status {
    GRAPH_OK = 0,
    GRAPH_FAILED = 1,      /* and nothing moved */
    GRAPH_NONE = 3,        /* there is no graph here */
    GRAPH_CANNOT_OPEN = 4, /* a root is here but cannot be opened */
    GRAPH_UNKNOWN = 5,     /* failed, and cannot say whether it moved */
};

/*
 * The driver protocol. `schema` is the schema source; a source that does not compile is
 * GRAPH_FAILED. `actor` may be NULL. *answer is owned by the caller and valid on GRAPH_OK (after
 * graph_apply also when the plan is unsupported, which is GRAPH_FAILED).
 *
 *     init      {manifest_version, schema_digest}
 *     describe  {manifest_version, schema_digest, schema}
 *     plan      {supported, steps}
 *     apply     {supported, applied, manifest_version, steps}
 */
enum graph_status graph_init(const char *root, const struct source *schema, const char *actor,
                             jv *answer, struct error *err);
enum graph_status graph_describe(const char *root, jv *answer, struct error *err);
enum graph_status graph_plan(const char *root, const struct source *schema, jv *answer,
                             struct error *err);
enum graph_status graph_apply(const char *root, const struct source *schema, const char *actor,
                              jv *answer, struct error *err);

enum load_mode { LOAD_APPEND, LOAD_MERGE, LOAD_OVERWRITE };

/*
 * Loads JSON lines from fd in one commit, all or nothing: {manifest_version, nodes, edges}. Bad
 * lines are written to complaints, `line N: ...`, the first 20 in full, then a count; err then only
 * sums up. No line at all makes no commit.
 */
enum graph_status graph_load(const char *root, enum load_mode mode, int fd, const char *actor,
                             FILE *complaints, jv *answer, struct error *err);

/* Writes every node and edge (of one type: type not NULL) as JSON lines, sorted. */
enum graph_status graph_export(const char *root, const char *type, FILE *out, struct error *err);

/* The commits, oldest first: [{version, time, actor, operation, nodes, edges, steps}]. */
enum graph_status graph_log(const char *root, jv *answer, struct error *err);

/* What was soft-dropped and can come back: [{name, version, time}], sorted by version. */
enum graph_status graph_dropped(const char *root, jv *answer, struct error *err);

/* Brings one of them back: {manifest_version, schema_digest, restored}. `name` is as graph_dropped
 * lists it, or a shorter form that means only one. */
enum graph_status graph_restore(const char *root, const char *name, const char *actor, jv *answer,
                                struct error *err);

/* Removes for good what was dropped more than older_ms milliseconds ago: {manifest_version,
 * removed, reclaimed}; in a bucket also every snapshot that is not the graph's present one
 * (`snapshots`: how many), for they hold it too. Without confirm only says what it would remove. */
enum graph_status graph_cleanup(const char *root, int64_t older_ms, bool confirm, const char *actor,
                                jv *answer, struct error *err);

#endif
