/* Inserts, updates, deletes. */
#include "lang/typecheck.h"

#include "lang/gq_tree.h"

#include <string.h>

/* The ends of an edge, in inserts and after `where`. */
static const struct property_type end_type = {.scalar = SCALAR_STRING};

static bool is_end(const char *name)
{
    return strcmp(name, "from") == 0 || strcmp(name, "to") == 0;
}

static int compare(const void *a, const void *b)
{
    const struct query_assignment *x = a, *y = b;
    return strcmp(x->name.text, y->name.text);
}

static const struct schema_type *target(struct checker *c, const struct query_name *name)
{
    const struct schema_type *type = schema_find(c->schema, SCHEMA_NODE, name->text);
    if (!type)
        type = schema_find(c->schema, SCHEMA_EDGE, name->text);
    if (type)
        return type;
    const char *near = nearest_type(c, SCHEMA_NODE, name->text);
    (void)check_error(c, 10, name->at, near ? near : nearest_type(c, SCHEMA_EDGE, name->text),
                      "there is no node or edge type \"%.60s\"", name->text);
    return NULL;
}

/* The type of what is assigned or compared; NULL after having reported, or without a type. */
static const struct property_type *property(struct checker *c, const struct schema_type *type,
                                            const struct query_name *name, enum place place)
{
    if (!type)
        return NULL;
    if (type->kind == SCHEMA_EDGE && is_end(name->text))
        return &end_type;
    const struct schema_property *p = schema_type_property(type, name->text);
    if (!p)
        (void)check_error(c, 11, name->at, nearest_property(c, type, name->text),
                          "%s %.60s has no property \"%.60s\"", schema_kind_name(type->kind),
                          type->name, name->text);
    if (p && place == PLACE_WHERE && p->type.scalar == SCALAR_BLOB) {
        (void)check_error(c, 11, name->at, NULL,
                          "property \"%.60s\" is a blob, which cannot be compared", name->text);
        return NULL;
    }
    return p ? &p->type : NULL;
}

/* *assigned becomes a tree of the assignments. */
static void check_assignments(struct checker *c, const struct schema_type *type,
                              const struct query_assignment *assignments, void **assigned)
{
    for (const struct query_assignment *a = assignments; a; a = a->next) {
        if (gq_tree_add(assigned, a, compare) != a)
            (void)check_error(c, 13, a->name.at, NULL, "\"%.60s\" is assigned twice", a->name.text);
        check_value(c, &a->name, property(c, type, &a->name, PLACE_ASSIGNMENT), a->value,
                    PLACE_ASSIGNMENT, QUERY_EQ);
    }
}

static bool is_assigned(void *const *assigned, const char *name)
{
    struct query_assignment key = {.name = {.text = name}};
    return gq_tree_find(assigned, &key, compare) != NULL;
}

static void missing(struct buf *out, const char *name)
{
    buf_printf(out, "%s%.60s", out->len ? ", " : "", name);
}

/* Rule T12. A message names as many as one can read. */
static void check_complete(struct checker *c, const struct query_mutation *m,
                           const struct schema_type *type, void *const *assigned)
{
    enum { NAMED = 10 };
    struct buf names = BUF_INIT;
    size_t count = 0;
    if (type->kind == SCHEMA_EDGE) {
        static const char *const ends[] = {"from", "to"};
        for (size_t i = 0; i < 2; i++)
            if (!is_assigned(assigned, ends[i]) && ++count)
                missing(&names, ends[i]);
    }
    for (size_t i = 0; i < type->property_count; i++) {
        const struct schema_property *p = type->properties[i];
        if (p->type.nullable || is_assigned(assigned, p->name) ||
            (p->embed_source && is_assigned(assigned, p->embed_source)))
            continue;
        if (++count <= NAMED)
            missing(&names, p->name);
    }
    if (count)
        (void)check_error(c, 12, m->type.at, NULL, "an insert of %.60s must also give %s%s",
                          type->name, buf_text(&names), count > NAMED ? " and others" : "");
    buf_free(&names);
}

static void check_mutation(struct checker *c, const struct query_mutation *m)
{
    const struct schema_type *type = target(c, &m->type);
    void *assigned = NULL;
    if (type && type->kind == SCHEMA_EDGE && m->kind == QUERY_UPDATE) {
        (void)check_error(c, 16, m->type.at, NULL,
                          "%.60s is an edge, and edges cannot be updated; delete it and insert "
                          "another",
                          type->name);
        type = NULL; /* what follows is still looked at for its parameters */
    }
    check_assignments(c, type, m->assignments, &assigned);
    if (type && m->kind == QUERY_INSERT)
        check_complete(c, m, type, &assigned);
    gq_tree_free(&assigned);
    if (m->kind != QUERY_INSERT)
        check_value(c, &m->where.property, property(c, type, &m->where.property, PLACE_WHERE),
                    m->where.value, PLACE_WHERE, m->where.op);
}

void check_mutations(struct checker *c, const struct query_mutation *mutations)
{
    for (const struct query_mutation *m = mutations; m; m = m->next)
        check_mutation(c, m);
}
