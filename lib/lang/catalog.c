/* Names across declarations. See pg_internal.h. */
#include "common/xalloc.h"
#include "lang/pg_internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct schema_type *type_of(const void *element)
{
    const struct pg_draft *draft = *(const struct pg_draft *const *)element;
    return draft->type;
}

static int by_place(const struct position *a, const struct position *b)
{
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int compare_drafts(const void *a, const void *b)
{
    int order = strcmp(type_of(a)->name, type_of(b)->name);
    return order ? order : by_place(&type_of(a)->at, &type_of(b)->at);
}

static int compare_folded(const void *a, const void *b)
{
    int order = strcasecmp(type_of(a)->name, type_of(b)->name);
    return order ? order : compare_drafts(a, b);
}

static int compare_key(const void *name, const void *element)
{
    return strcmp(name, type_of(element)->name);
}

static void sort(struct pg_list *list, int (*compare)(const void *, const void *))
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare);
}

static void check_names(struct pg_file *file, enum schema_kind kind)
{
    const struct pg_list *list = &file->by_name[kind];
    for (size_t i = 1; i < list->count; i++) {
        const struct schema_type *a = type_of(&list->items[i - 1]), *b = type_of(&list->items[i]);
        if (strcmp(a->name, b->name) == 0)
            pg_catalog_error(file, b->at, "there is %s %s %s already, on line %u",
                             kind == SCHEMA_NODE ? "a" : "an", schema_kind_name(kind), b->name,
                             a->at.line);
    }
}

/* In a query the case of an edge's name does not count. */
static void check_folded_names(struct pg_file *file)
{
    struct pg_list *list = &file->by_name[SCHEMA_EDGE];
    sort(list, compare_folded);
    for (size_t i = 1; i < list->count; i++) {
        const struct schema_type *a = type_of(&list->items[i - 1]), *b = type_of(&list->items[i]);
        if (strcasecmp(a->name, b->name) == 0 && strcmp(a->name, b->name) != 0)
            pg_catalog_error(file, b->at, "edges %s and %s (line %u) differ only by case", b->name,
                             a->name, a->at.line);
    }
    sort(list, compare_drafts);
}

static bool resolve(struct pg_file *file, struct pg_reference *ref, enum schema_kind kind)
{
    const struct pg_list *list = &file->by_name[kind];
    void *const *found =
        list->count ? bsearch(ref->name, list->items, list->count, sizeof *list->items, compare_key)
                    : NULL;
    if (found) {
        ref->draft = *found;
        return true;
    }
    struct suggestion near;
    suggest_begin(&near, ref->name);
    if (list->count <= PG_SUGGEST_MAX)
        for (size_t i = 0; i < list->count; i++)
            suggest_offer(&near, type_of(&list->items[i])->name);
    return pg_catalog_error(file, ref->at, "there is no %s %s%s", schema_kind_name(kind), ref->name,
                            parser_hint(&file->p, &near));
}

static int compare_references(const void *a, const void *b)
{
    const struct pg_reference *x = *(const struct pg_reference *const *)a;
    const struct pg_reference *y = *(const struct pg_reference *const *)b;
    int order = strcmp(x->name, y->name);
    return order ? order : by_place(&x->at, &y->at);
}

static int compare_places(const void *a, const void *b)
{
    return by_place(&(*(const struct pg_reference *const *)a)->at,
                    &(*(const struct pg_reference *const *)b)->at);
}

/* Naming an interface twice is naming it once. */
static void drop_repeated(struct pg_list *list)
{
    size_t n = 0;
    sort(list, compare_references);
    for (size_t i = 0; i < list->count; i++) {
        const struct pg_reference *ref = list->items[i];
        const struct pg_reference *last = n ? list->items[n - 1] : NULL;
        if (!last || strcmp(last->name, ref->name) != 0)
            list->items[n++] = list->items[i];
    }
    list->count = n;
    sort(list, compare_places);
}

static void resolve_node(struct pg_file *file, struct pg_draft *draft)
{
    drop_repeated(&draft->implements);
    size_t count = draft->implements.count;
    const struct schema_type **list = arena_array(file->p.arena, count, sizeof(void *));
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        struct pg_reference *ref = draft->implements.items[i];
        if (resolve(file, ref, SCHEMA_INTERFACE))
            list[n++] = ref->draft->type;
        draft->unsure = draft->unsure || !ref->draft || ref->draft->broken;
    }
    draft->type->interfaces = list;
    draft->type->interface_count = n;
}

static void resolve_edge(struct pg_file *file, struct pg_draft *draft)
{
    if (resolve(file, &draft->from, SCHEMA_NODE))
        draft->type->from = draft->from.draft->type;
    if (resolve(file, &draft->to, SCHEMA_NODE))
        draft->type->to = draft->to.draft->type;
}

static int compare_properties(const void *a, const void *b)
{
    const struct schema_property *x = *(const struct schema_property *const *)a;
    const struct schema_property *y = *(const struct schema_property *const *)b;
    int order = strcmp(x->name, y->name);
    return order ? order : by_place(&x->at, &y->at);
}

static void sort_properties(struct pg_file *file, struct schema_type *type)
{
    const struct schema_property **sorted =
        arena_copy(file->p.arena, type->properties, type->property_count, sizeof(void *));
    if (type->property_count)
        qsort(sorted, type->property_count, sizeof(void *), compare_properties);
    type->by_name = sorted;
}

static void complete(struct pg_file *file, struct pg_draft *draft)
{
    struct schema_type *type = draft->type;
    type->own_count = type->property_count = draft->own.count;
    type->properties = pg_list_copy(&draft->own, file->p.arena);
    sort_properties(file, type);
    if (type->interface_count) {
        catalog_inherit(file, draft);
        sort_properties(file, type);
    }
    pg_constraints_finish(file, draft);
}

/* A type's keys, own and inherited, must be one. */
static void check_inherited_keys(struct pg_file *file, const struct schema_type *type)
{
    for (size_t i = 0; i < type->constraint_count; i++) {
        const struct schema_constraint *c = type->constraints[i];
        if (c->kind == CONSTRAINT_KEY && c->inherited_from && c != type->key) {
            pg_catalog_error(file, type->at, "node %s gets a second @key, \"%s\", from %s",
                             type->name, c->names[0], c->inherited_from->name);
            return;
        }
    }
}

void catalog_build(struct pg_file *file)
{
    for (size_t i = 0; i < file->drafts.count; i++) {
        struct pg_draft *draft = file->drafts.items[i];
        pg_list_add(&file->by_name[draft->type->kind], draft);
    }
    for (enum schema_kind kind = SCHEMA_INTERFACE; kind <= SCHEMA_EDGE; kind++) {
        sort(&file->by_name[kind], compare_drafts);
        check_names(file, kind);
    }
    check_folded_names(file);
    for (enum schema_kind kind = SCHEMA_INTERFACE; kind <= SCHEMA_EDGE; kind++) {
        for (size_t i = 0; i < file->drafts.count; i++) { /* interfaces are complete before nodes */
            struct pg_draft *draft = file->drafts.items[i];
            if (draft->type->kind != kind || draft->broken)
                continue;
            if (kind == SCHEMA_NODE)
                resolve_node(file, draft);
            else if (kind == SCHEMA_EDGE)
                resolve_edge(file, draft);
            complete(file, draft);
            check_inherited_keys(file, draft->type);
        }
    }
    for (size_t i = 0; i < file->drafts.count; i++) {
        struct pg_draft *draft = file->drafts.items[i];
        if (!draft->broken)
            pg_check(file, draft);
    }
}
