/*
 * catalog.h - which table and column hold which type and property.
 *
 * The schema says what there is, the tables `types` and `properties` say where. catalog_read() puts
 * both together; it fails (the graph is damaged) if they do not match, for everything else relies
 * on it. The catalog owns the compiled schema and its own texts; all constant until catalog_free().
 *
 * Physical names: a node type T lives in node_T, an edge type in edge_T, a property in the column
 * of its name. SQLite folds ASCII case and has names of its own (rowid, and id, src, dst of ours),
 * so where a name is taken, "~2", "~3" … is appended: `~` occurs in no name of a schema. A
 * soft-dropped table or column is renamed to <name>~dropped<version>. A property `id` that is the
 * only key lives in the column id.
 *
 * Indexes are named by the numbers of the type and its properties, which no rename changes:
 * unique_3_5_8 and index_3_5, and index_3_src and index_3_dst for the ends of edges.
 */
#ifndef CLUSTER_GRAPH_CATALOG_H
#define CLUSTER_GRAPH_CATALOG_H

#include "graph/database.h"
#include "lang/schema.h"

struct catalog_property {
    int64_t id;
    const struct schema_property *property;
    char *column;
    bool in_id; /* it lives in the column id */
};

struct catalog_type {
    int64_t id;
    const struct schema_type *type;
    char *table;
    struct catalog_property *properties; /* in the order of type->properties */
};

struct catalog {
    struct schema *schema;
    struct catalog_type *nodes; /* sorted by name (strcmp) */
    size_t node_count;
    struct catalog_type *edges; /* likewise */
    size_t edge_count;
};

#define CATALOG_INIT           \
    {                          \
        NULL, NULL, 0, NULL, 0 \
    }

/* Compiles a schema source. NULL with err set to the first error (and how many more there are). */
struct schema *catalog_compile(const struct source *src, struct error *err);
/* Of the open transaction: compiles the header's schema and reads where its parts are. */
bool catalog_read(struct database *d, struct catalog *catalog, struct error *err);
/* By exact name, or NULL. O(log n). kind: SCHEMA_NODE or SCHEMA_EDGE. */
struct catalog_type *catalog_find(const struct catalog *catalog, enum schema_kind kind,
                                  const char *name, size_t len);
/* The index of a property in type->properties, by exact name; or property_count. O(log n). */
size_t catalog_property_index(const struct schema_type *type, const char *name, size_t len);
void catalog_free(struct catalog *catalog);

#endif
