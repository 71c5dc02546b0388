/*
 * pg_internal.h - how a .pg file becomes a schema; for lib/lang/pg_*.c, catalog*.c and schema.c.
 *
 *   pg_parse.c       the file and its declarations          -> drafts
 *   pg_body.c        properties and constraints of a body
 *   pg_annotation.c  annotations and the rules for the known ones
 *   catalog.c        names across declarations: twice, unknown; resolves them
 *   catalog_inherit.c  what nodes get from their interfaces
 *   pg_check.c       the rules inside one declaration that need its whole list of properties
 *
 * A draft is a declaration on its way: its final struct schema_type (in the schema's arena), and
 * beside it the lists that grow, and the names that are not resolved yet.
 */
#ifndef CLUSTER_LANG_PG_INTERNAL_H
#define CLUSTER_LANG_PG_INTERNAL_H

#include "lang/schema.h"

#define PG_PARSE_ERROR "schema_parse_error"
#define PG_CATALOG_ERROR "schema_catalog_error"

/* A growing list of pointers, from malloc. */
struct pg_list {
    void **items;
    size_t count, cap;
};

void pg_list_add(struct pg_list *list, void *item);
/* Its items in the arena; NULL if there are none. */
void *pg_list_copy(const struct pg_list *list, struct arena *arena);

/* A name that refers to another declaration. */
struct pg_reference {
    const char *name;
    struct position at;
    struct pg_draft *draft; /* once resolved, else NULL */
};

struct pg_draft {
    struct schema_type *type;
    bool broken;                /* a syntax error: only its name counts */
    bool unsure;                /* an interface is missing or broken: properties may be missing */
    struct pg_list own;         /* struct schema_property, in file order */
    struct pg_list constraints; /* struct schema_constraint: own ones, then inherited ones */
    struct pg_list implements;  /* struct pg_reference */
    struct pg_reference from, to;
    /* An interface's properties and constraints as nodes have them (inherited_from is set); made
     * when first needed. */
    struct pg_list gives, gives_constraints;
};

struct schema_kind_list {
    const struct schema_type **list;
    const struct schema_type **sorted;
    size_t count;
};

struct schema {
    struct arena arena;
    struct schema_kind_list kinds[SCHEMA_EDGE + 1];
    const struct schema_type **folded_edges;
};

struct pg_file {
    struct parser p;
    struct schema *schema;
    struct pg_list drafts;                   /* all, in file order */
    struct pg_list by_name[SCHEMA_EDGE + 1]; /* sorted by name, then by place */
    size_t inherited;                        /* how many properties nodes were given so far */
};

void pg_file_free(struct pg_file *file);

/* Reads the declarations. Errors are reported; the drafts are what was understood. */
void pg_parse(struct pg_file *file);

/* One property of a body (a name stands next), or one constraint (its @kind stands next). */
bool pg_property(struct pg_file *file, struct pg_draft *draft);
bool pg_constraint(struct pg_file *file, struct pg_draft *draft, enum constraint_kind kind);
/* True for the names of constraints: key, unique, index, range, check. */
bool pg_constraint_kind(const struct token *at, enum constraint_kind *kind);
/* Adds a constraint that names one property, as @key, @unique and @index behind it do. */
void pg_constraint_add(struct pg_file *file, struct pg_draft *draft, enum constraint_kind kind,
                       struct position at, const char *name);

/* Annotations up to what is none. A property's end also where a constraint begins ("@index(").
 * The list is in the arena. */
bool pg_annotations(struct pg_file *file, bool of_property, struct pg_list *out);
/* Applies the rules of the known ones (reports what breaks them), fills description, rename_from
 * and the like, and keeps the list. */
void pg_type_annotations(struct pg_file *file, struct pg_draft *draft, struct pg_list *list);
void pg_property_annotations(struct pg_file *file, struct pg_draft *draft,
                             struct schema_property *property, struct pg_list *list);

/* Names across declarations, and inheritance; completes the types. */
void catalog_build(struct pg_file *file);
/* Gives a node what its (resolved) interfaces hold; reports what does not fit. On entry the type
 * holds its own properties, by name too; sets type->properties, extends draft->constraints. */
void catalog_inherit(struct pg_file *file, struct pg_draft *draft);

/* The rules inside one declaration that look at its properties. The type is complete. */
void pg_check(struct pg_file *file, struct pg_draft *draft);
/* Sorts the constraints' names, and drops what says the same twice. */
void pg_constraints_finish(struct pg_file *file, struct pg_draft *draft);

/* Reports about a place. Returns false. */
bool pg_error(struct pg_file *file, struct position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool pg_catalog_error(struct pg_file *file, struct position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* No nearest spelling is looked for among more names, so that many errors in a large file stay
 * cheap. */
enum { PG_SUGGEST_MAX = 1000 };

#endif
