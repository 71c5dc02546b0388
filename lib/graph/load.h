/*
 * load.h - the parts of graph_load() to one another; not for others.
 *
 *     load.c        the transaction, and lines to records
 *     load_type.c   what a load knows of one node or edge type: checks, cells, statements
 *     load_row.c    one record into its table
 *     load_check.c  what is only known at the end: dangling edges, cardinality
 *
 * References are checked at the end and not by SQLite row by row: an edge may come before its
 * nodes, and replacing a million nodes must not look at every edge of each. A bad node whose id is
 * known is inserted all the same, so that its edges are not reported too; nothing of it stays, for
 * a load with a complaint is rolled back.
 */
#ifndef CLUSTER_GRAPH_LOAD_H
#define CLUSTER_GRAPH_LOAD_H

#include "graph/catalog.h"
#include "graph/cell.h"
#include "graph/complaints.h"
#include "graph/datum.h"
#include "graph/graph.h"
#include "graph/linemap.h"

/* A statement that updates one set of properties. */
struct load_update {
    bool *set; /* one for each property */
    sqlite3_stmt *stmt;
};

enum { LOAD_UPDATES = 32 };

struct load_type {
    struct catalog_type *where; /* table, columns; where->type has names and constraints */
    size_t count;               /* of properties */
    struct cell_rule *rules;
    struct cell *cells;
    int first_parameter; /* of the properties: 2 for nodes (id), 3 for edges (src, dst) */
    size_t *key;         /* indexes of the key's properties, in its order */
    size_t key_count;
    bool keeps_lines; /* rows are entered in `lines` */
    struct linemap lines;

    bool touched;    /* the data has mentioned it */
    bool replaced;   /* and what was there is gone */
    bool rebuild;    /* its indexes were dropped to be built at the end */
    int64_t base;    /* the largest row number before the load */
    size_t expected; /* where the next property is likely to be */
    sqlite3_stmt *insert;
    sqlite3_stmt *find; /* by id, or by src and dst up to base */
    struct load_update updates[LOAD_UPDATES];
    size_t update_count, update_next;
};

struct load {
    struct database d;
    struct catalog catalog;
    enum load_mode mode;
    struct load_type *nodes; /* parallel to catalog.nodes */
    struct load_type *edges;
    struct load_type *last_node, *last_edge; /* data comes in runs of a type */
    struct datum datum;
    struct complaints complaints;
    struct linemaps maps;
    struct buf id;
    struct buf why;
    uint64_t line; /* of the record */
    int64_t node_count, edge_count;
};

/* load_type.c */
void load_types_init(struct load *load);
void load_types_free(struct load *load);
/* The first mention of a type: empties it (overwrite), prepares its statements. */
bool load_type_touch(struct load *load, struct load_type *type, struct error *err);
/* The statement that updates the properties whose cell is not absent; NULL with err set on failure.
 * ?1 is the row, properties have their usual parameters. */
sqlite3_stmt *load_type_update(struct load *load, struct load_type *type, struct error *err);

/* load_row.c: false with err set only if the load cannot go on; a bad record is a complaint. */
bool load_row(struct load *load, struct error *err);

/* load_refusal.c: SQLite has refused to insert a row (row: -1) or to update one, with this extended
 * code. Which constraint it was is looked up, not read from its message, and said in load->why. */
void load_explain_refusal(struct load *load, const struct load_type *type, int code, int64_t row);

/* load_check.c */
bool load_check(struct load *load, struct error *err);

#endif
