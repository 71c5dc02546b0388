/*
 * cell.h - one value of a property: from JSON, to and from the database, to JSON.
 *
 * cell_from_json() is where every value is checked against its property: type, null, enum words,
 * @range, @check, the length of a vector. What is stored:
 *
 *     String, enum   TEXT                       Bool             INTEGER 0 or 1
 *     I32 … U64      INTEGER, range-checked     F32, F64         REAL (F32 rounded to float32)
 *     Date           TEXT YYYY-MM-DD            DateTime         TEXT, UTC, always nine digits of
 *     list           TEXT, a JSON array                          fraction: texts sort as times do
 *     Vector(n)      BLOB, n little-endian float32               Blob             BLOB
 *
 * In JSON a DateTime has the fraction that it needs, a Blob is base64, a Vector an array of
 * numbers, floats are the shortest text that reads back the same.
 */
#ifndef CLUSTER_GRAPH_CELL_H
#define CLUSTER_GRAPH_CELL_H

#include "common/buf.h"
#include "graph/datum.h"
#include "lang/schema.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <yajl/yajl_gen.h>

/* A property with what its checks need at hand. */
struct cell_rule {
    const struct schema_property *property;
    const struct schema_constraint **ranges; /* @range and @check that name it */
    size_t range_count;
    struct cell_check *checks; /* compiled patterns */
    size_t check_count;
};

void cell_rule_init(struct cell_rule *rule, const struct schema_type *type,
                    const struct schema_property *property);
void cell_rule_free(struct cell_rule *rule);

enum cell_kind { CELL_ABSENT, CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT, CELL_BLOB };

struct cell {
    enum cell_kind kind;
    int64_t integer;
    double real;
    const char *data; /* of the token, or of `own` */
    size_t len;
    struct buf own;
};

/* False with *why set (a phrase that names the property) when the value is not allowed. */
bool cell_from_json(const struct cell_rule *rule, const struct jtoken *tokens, size_t count,
                    struct cell *cell, struct buf *why);
/* Checks that an absent value is allowed. */
bool cell_check_absent(const struct cell_rule *rule, struct buf *why);
/* Absent binds null. The cell must outlive the step. */
void cell_bind(const struct cell *cell, sqlite3_stmt *stmt, int index);
/* Appends the value as part of a node's id. Not for lists, vectors and blobs. */
void cell_append_id(const struct cell *cell, const struct property_type *type, struct buf *out);
/* Writes a column that is not null as JSON. False with *why set when it holds what it cannot. */
bool cell_column_to_json(const struct property_type *type, sqlite3_stmt *stmt, int column,
                         yajl_gen gen, struct buf *why);
void cell_free(struct cell *cell);

#endif
