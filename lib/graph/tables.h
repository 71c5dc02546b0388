/*
 * tables.h - the schema changes that SQLite has to carry out: tables, columns, indexes, and the
 * rows of `types` and `properties` that say which is which (catalog.h).
 *
 * Every function works in the open write transaction of d and names types as the transaction has
 * them by then. None but tables_index() depends on how many rows there are.
 */
#ifndef CLUSTER_GRAPH_TABLES_H
#define CLUSTER_GRAPH_TABLES_H

#include "graph/database.h"
#include "lang/schema.h"

/* The table of a type that is not dropped; to be freed. */
bool tables_find(struct database *d, enum schema_kind kind, const char *type, char **table,
                 struct error *err);
/* The ends of an edge must be there already. */
bool tables_add_type(struct database *d, const struct schema_type *type, struct error *err);
bool tables_rename_type(struct database *d, enum schema_kind kind, const char *from, const char *to,
                        struct error *err);
bool tables_add_property(struct database *d, enum schema_kind kind, const char *type,
                         const struct schema_property *property, struct error *err);
bool tables_rename_property(struct database *d, enum schema_kind kind, const char *type,
                            const char *from, const char *to, struct error *err);
/* Soft drops: hidden under the version that d is about to become. `declaration` is what brings it
 * back (pgtext.h). */
bool tables_drop_type(struct database *d, enum schema_kind kind, const char *type,
                      const char *declaration, struct error *err);
bool tables_drop_property(struct database *d, enum schema_kind kind, const char *type,
                          const char *property, const char *declaration, struct error *err);
/* Undo a soft drop, by the number in `types` or `properties`. */
bool tables_restore_type(struct database *d, int64_t id, struct error *err);
bool tables_restore_property(struct database *d, int64_t id, struct error *err);
/* The indexes of an edge table's ends. */
bool tables_index_ends(struct database *d, int64_t type, const char *table, struct error *err);
/* Builds every index that the schema asks for and that is not there yet. Fails when a @unique is
 * broken by the rows there are. */
bool tables_index(struct database *d, const struct schema *schema, struct error *err);

#endif
