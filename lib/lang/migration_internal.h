/*
 * migration_internal.h - the parts of the planner; for lib/lang/migration*.c.
 *
 *   migration.c             the kinds, their declarations, dropped types
 *   migration_match.c       which accepted name each desired name continues
 *   migration_type.c        one declaration that stays: its properties, ends, interfaces
 *   migration_annotation.c  what changed in annotations
 *   migration_constraint.c  what changed in constraints
 *   migration_step.c        the steps as JSON
 */
#ifndef CLUSTER_LANG_MIGRATION_INTERNAL_H
#define CLUSTER_LANG_MIGRATION_INTERNAL_H

#include "common/json.h"
#include "lang/schema.h"

/* How a desired name goes on from the accepted ones. */
enum match {
    MATCH_NEW,
    MATCH_SAME,
    MATCH_RENAMED,
    MATCH_NO_OLD, /* @rename_from names nothing accepted */
    MATCH_TAKEN,  /* @rename_from names what another desired one continues */
};

struct match_item {
    const char *name;
    const char *rename_from; /* or NULL; of accepted ones not looked at */
    const void *thing;       /* the type or property */
};

struct match_old {
    const char *name;
    const void *thing;
    const char *successor; /* the desired name, or NULL: dropped */
};

struct match_new {
    enum match match;
    const void *old; /* MATCH_SAME, MATCH_RENAMED */
};

/* Made by matching_init(), freed by matching_free(). */
struct matching {
    struct match_old *old; /* sorted by name */
    size_t old_count;
    struct match_new *desired; /* in the order given */
    size_t desired_count;
};

/* Copies neither names nor things. O(n log n). */
void matching_init(struct matching *m, const struct match_item *accepted, size_t accepted_count,
                   const struct match_item *desired, size_t desired_count);
void matching_free(struct matching *m);
/* What an accepted name is called now; NULL if it is dropped or was not there. */
const char *matching_successor(const struct matching *m, const char *old);

struct plan {
    const struct schema *accepted, *desired;
    struct matching kinds[SCHEMA_EDGE + 1];
    jv steps;
    bool supported;
};

/* Adds the steps for a declaration that was accepted as `old`. */
void plan_type(struct plan *plan, const struct schema_type *old, const struct schema_type *new);

/* Adds the metadata step, or the unsupported change, of a type or property. */
void plan_type_annotations(struct plan *plan, const struct schema_type *old,
                           const struct schema_type *new);
void plan_property_annotations(struct plan *plan, const struct schema_type *type,
                               const struct matching *properties, const struct schema_property *old,
                               const struct schema_property *new);

/* Adds the steps for constraints. `properties` tells where the accepted properties went. */
void plan_constraints(struct plan *plan, const struct schema_type *old,
                      const struct schema_type *new, const struct matching *properties);

/* Steps. `type` is of the desired schema where there is a choice. */
void step_add_type(struct plan *plan, const struct schema_type *type);
void step_rename_type(struct plan *plan, const struct schema_type *type, const char *from);
void step_drop_type(struct plan *plan, const struct schema_type *type);
void step_type_metadata(struct plan *plan, const struct schema_type *type);
void step_add_property(struct plan *plan, const struct schema_type *type,
                       const struct schema_property *property);
void step_rename_property(struct plan *plan, const struct schema_type *type, const char *from,
                          const char *to);
void step_extend_enum(struct plan *plan, const struct schema_type *type, const char *property,
                      jv added_values);
void step_property_metadata(struct plan *plan, const struct schema_type *type,
                            const struct schema_property *property);
void step_drop_property(struct plan *plan, const struct schema_type *type, const char *property);
/* add_constraint: the only kind that can be added is an index. */
void step_add_index(struct plan *plan, const struct schema_type *type,
                    const struct schema_constraint *index);
/* property may be NULL: then the entity is the type. code may be NULL. */
void step_unsupported(struct plan *plan, const struct schema_type *type, const char *property,
                      const char *code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
