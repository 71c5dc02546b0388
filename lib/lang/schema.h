/*
 * schema.h - a compiled .pg schema.
 *
 *     struct schema *s = schema_compile(&src, &diags);   // NULL: errors are in diags
 *     const struct schema_type *person = schema_find(s, SCHEMA_NODE, "Person");
 *     const struct schema_property *name = schema_type_property(person, "name");
 *     schema_free(s);
 *
 * What compiles is sound: every rule of the language was checked, interface properties are merged
 * into the nodes, names are resolved to pointers. Everything is owned by the schema and constant.
 * Nothing points into the source text: it may be freed after compiling.
 *
 * Errors: schema_parse_error (a declaration is broken; the parser goes on with the next one) and
 * schema_catalog_error (declarations that do not fit together).
 *
 * Merging: a node has its own properties in file order, then those it inherits, in the order of
 * its interfaces and of their properties. A property that several interfaces give has the
 * annotations and constraints of all of them; where two give an annotation of one name, the
 * interface whose name sorts first wins (so the order of interfaces never matters).
 */
#ifndef CLUSTER_LANG_SCHEMA_H
#define CLUSTER_LANG_SCHEMA_H

#include "common/diag.h"
#include "lang/literal.h"
#include "lang/property_type.h"
#include "lang/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_kind { SCHEMA_INTERFACE, SCHEMA_NODE, SCHEMA_EDGE };

struct schema_argument {
    const char *name;
    struct literal value;
};

struct schema_annotation {
    const char *name; /* without the @ */
    struct position at;
    bool has_value;
    struct literal value;                    /* LITERAL_NAME for a bare name */
    const struct schema_argument *arguments; /* the named ones */
    size_t argument_count;
};

struct schema_type;

struct schema_property {
    const char *name;
    struct position at;
    struct property_type type;
    /* All as written, but @key, @unique and @index: those are constraints of the type. */
    const struct schema_annotation *annotations;
    size_t annotation_count;
    const char *description;                  /* or NULL */
    const char *rename_from;                  /* or NULL */
    const char *embed_source;                 /* @embed: the name of the source property, or NULL */
    const char *embed_model;                  /* or NULL */
    const struct schema_type *inherited_from; /* an interface, or NULL when declared here */
};

enum constraint_kind {
    CONSTRAINT_KEY,
    CONSTRAINT_UNIQUE,
    CONSTRAINT_INDEX,
    CONSTRAINT_RANGE,
    CONSTRAINT_CHECK,
};

/* A bound of @range, exactly as written: an integer or a float. */
struct schema_bound {
    bool present;
    bool is_float;
    int64_t integer; /* unless is_float */
    double number;   /* either way */
};

struct schema_constraint {
    enum constraint_kind kind;
    struct position at;
    const char *const *names; /* as written; on edges also "src" and "dst" */
    const char *const *sorted_names;
    size_t name_count;                        /* 1 for RANGE and CHECK */
    struct schema_bound min, max;             /* CONSTRAINT_RANGE */
    const char *pattern;                      /* CONSTRAINT_CHECK: PCRE2, in UTF mode */
    const struct schema_type *inherited_from; /* an interface, or NULL */
};

#define CARDINALITY_UNBOUNDED UINT64_MAX

struct schema_type {
    enum schema_kind kind;
    const char *name;
    struct position at;
    /* All as written. */
    const struct schema_annotation *annotations;
    size_t annotation_count;
    const char *description; /* or NULL */
    const char *instruction; /* or NULL */
    const char *rename_from; /* or NULL */

    const struct schema_property *const *properties; /* own ones, then inherited ones */
    const struct schema_property *const *by_name;    /* the same, sorted by strcmp */
    size_t property_count;
    size_t own_count; /* how many of `properties` stand in the declaration itself */

    /* Of both forms, property-level and body, own and inherited; no two are the same. */
    const struct schema_constraint *const *constraints;
    size_t constraint_count;
    const struct schema_constraint *key; /* or NULL: no @key */

    /* SCHEMA_NODE: without duplicates, in file order. */
    const struct schema_type *const *interfaces;
    size_t interface_count;

    /* SCHEMA_EDGE: how many edges of this type may leave one source node. */
    const struct schema_type *from, *to;
    uint64_t card_min, card_max; /* 0 and CARDINALITY_UNBOUNDED without @card */
};

struct schema;

/* NULL when there was an error. src->text need not outlive the call. */
struct schema *schema_compile(const struct source *src, struct diags *diags);
void schema_free(struct schema *schema);

/* The declarations of one kind, in file order. */
const struct schema_type *const *schema_types(const struct schema *schema, enum schema_kind kind,
                                              size_t *count);
/* By exact name, or NULL. O(log n). */
const struct schema_type *schema_find(const struct schema *schema, enum schema_kind kind,
                                      const char *name);
/* An edge by name, case (ASCII) ignored: a query writes `worksAt`. Or NULL. O(log n). */
const struct schema_type *schema_find_edge_folded(const struct schema *schema, const char *name);
/* By exact name, or NULL. O(log n). */
const struct schema_property *schema_type_property(const struct schema_type *type,
                                                   const char *name);

/* "interface", "node", "edge". */
const char *schema_kind_name(enum schema_kind kind);

/* "key", "unique", "index", "range", "check". */
const char *schema_constraint_name(enum constraint_kind kind);
/* Order: by kind, then sorted names, then bounds or pattern. 0: they say the same. */
int schema_constraint_compare(const struct schema_constraint *a, const struct schema_constraint *b);
/* By value; an absent one comes first. */
int schema_bound_compare(const struct schema_bound *a, const struct schema_bound *b);

#endif
