/* What nodes get from their interfaces. See pg_internal.h, and schema.h for the rules of merging.
 */
#include "common/xalloc.h"
#include "lang/pg_internal.h"

#include <stdlib.h>
#include <string.h>

/* No more properties (and annotations that must be merged) are handed from interfaces to nodes in
 * one schema: wide interfaces times many nodes would be more memory than the file lets expect. */
enum { INHERITED_MAX = 1000 * 1000 };

static bool spend(struct pg_file *file, const struct schema_type *node, size_t count)
{
    file->inherited += count;
    return file->inherited <= INHERITED_MAX ||
           pg_catalog_error(file, node->at,
                            "the nodes up to %s inherit more than %d properties in all", node->name,
                            INHERITED_MAX);
}

/* A property that an interface offers to a node. */
struct offer {
    struct schema_property *property; /* inherited_from is set */
    size_t place;                     /* in the order of interfaces and their properties */
};

static int compare_offers(const void *a, const void *b)
{
    const struct offer *x = a, *y = b;
    int order = strcmp(x->property->name, y->property->name);
    if (order == 0)
        order = strcmp(x->property->inherited_from->name, y->property->inherited_from->name);
    return order ? order : x->place < y->place ? -1 : x->place > y->place;
}

static int compare_places(const void *a, const void *b)
{
    const struct offer *x = a, *y = b;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* Makes what all nodes that implement the interface share. */
static void prepare(struct pg_file *file, struct pg_draft *interface)
{
    if (interface->gives.count)
        return;
    for (size_t i = 0; i < interface->own.count; i++) {
        struct schema_property *copy =
            arena_copy(file->p.arena, interface->own.items[i], 1, sizeof *copy);
        copy->inherited_from = interface->type;
        pg_list_add(&interface->gives, copy);
    }
    for (size_t i = 0; i < interface->constraints.count; i++) {
        struct schema_constraint *copy =
            arena_copy(file->p.arena, interface->constraints.items[i], 1, sizeof *copy);
        copy->inherited_from = interface->type;
        pg_list_add(&interface->gives_constraints, copy);
    }
}

static bool type_clash(struct pg_file *file, const struct schema_type *node, struct position at,
                       const struct schema_property *a, const struct schema_property *b)
{
    char *is = property_type_text(&a->type), *wanted = property_type_text(&b->type);
    struct buf text = BUF_INIT;
    source_clean(&text, is, strlen(is), 60);
    buf_puts(&text, a->inherited_from ? " in interface " : " here");
    buf_puts(&text, a->inherited_from ? a->inherited_from->name : "");
    buf_puts(&text, " and ");
    source_clean(&text, wanted, strlen(wanted), 60);
    pg_catalog_error(file, at, "property \"%s\" of node %s is %s in interface %s", a->name,
                     node->name, buf_text(&text), b->inherited_from->name);
    buf_free(&text);
    free(is);
    free(wanted);
    return false;
}

/* An annotation of one of the offers of a property. */
struct given {
    const struct schema_annotation *annotation;
    size_t rank;  /* which offer: the interface whose name sorts first has 0 */
    size_t place; /* among all of them */
};

static int compare_given(const void *a, const void *b)
{
    const struct given *x = a, *y = b;
    int order = strcmp(x->annotation->name, y->annotation->name);
    return order ? order : x->place < y->place ? -1 : x->place > y->place;
}

static int compare_given_places(const void *a, const void *b)
{
    const struct given *x = a, *y = b;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* The annotations of n offers: of each name those of the first offer that has it. */
static void unite_annotations(struct pg_file *file, struct schema_property *property,
                              const struct offer *offers, size_t n, size_t total)
{
    struct given *all = xcalloc(total, sizeof *all);
    size_t count = 0, kept = 0;
    for (size_t rank = 0; rank < n; rank++)
        for (size_t i = 0; i < offers[rank].property->annotation_count; i++, count++)
            all[count] = (struct given){&offers[rank].property->annotations[i], rank, count};
    if (count)
        qsort(all, count, sizeof *all, compare_given);
    for (size_t i = 0; i < count; i++) {
        const struct given *last = kept ? &all[kept - 1] : NULL;
        if (!last || last->rank == all[i].rank ||
            strcmp(last->annotation->name, all[i].annotation->name) != 0)
            all[kept++] = all[i];
    }
    if (kept)
        qsort(all, kept, sizeof *all, compare_given_places);
    struct schema_annotation *list = arena_array(file->p.arena, kept, sizeof *list);
    for (size_t i = 0; i < kept; i++)
        list[i] = *all[i].annotation;
    property->annotations = list;
    property->annotation_count = kept;
    free(all);
}

/* One property out of n > 1 offers of it. NULL, reported, when that takes too much. */
static struct schema_property *unite(struct pg_file *file, const struct schema_type *node,
                                     const struct offer *offers, size_t n)
{
    struct schema_property *both = arena_copy(file->p.arena, offers[0].property, 1, sizeof *both);
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        const struct schema_property *p = offers[i].property;
        total += p->annotation_count;
        if (!both->description)
            both->description = p->description;
        if (!both->rename_from)
            both->rename_from = p->rename_from;
        if (!both->embed_source) {
            both->embed_source = p->embed_source;
            both->embed_model = p->embed_model;
        }
    }
    if (!spend(file, node, total))
        return NULL;
    unite_annotations(file, both, offers, n, total);
    return both;
}

/* Collects what the node does not declare itself; checks the types of what it does. */
static size_t collect(struct pg_file *file, struct pg_draft *draft, struct offer *offers)
{
    const struct schema_type *node = draft->type;
    size_t count = 0;
    for (size_t i = 0; i < draft->implements.count; i++) {
        const struct pg_reference *ref = draft->implements.items[i];
        if (!ref->draft || ref->draft->broken)
            continue;
        for (size_t k = 0; k < ref->draft->gives.count; k++) {
            struct schema_property *given = ref->draft->gives.items[k];
            const struct schema_property *own = schema_type_property(node, given->name);
            if (!own) {
                offers[count] = (struct offer){given, count};
                count++;
            } else if (!property_type_equal(&own->type, &given->type)) {
                (void)type_clash(file, node, own->at, own, given); /* reported; look on */
            }
        }
    }
    return count;
}

/* Of several offers of one name makes one; leaves the offers in the order of their places. */
static void merge(struct pg_file *file, const struct schema_type *node, struct offer *offers,
                  size_t *count)
{
    size_t n = 0, next;
    qsort(offers, *count, sizeof *offers, compare_offers);
    for (size_t i = 0; i < *count; i = next) {
        struct offer one = offers[i];
        bool same = true;
        for (next = i + 1; next < *count; next++) {
            const struct schema_property *other = offers[next].property;
            if (strcmp(other->name, one.property->name) != 0)
                break;
            if (same && !property_type_equal(&one.property->type, &other->type))
                same = type_clash(file, node, node->at, one.property, other);
            if (offers[next].place < one.place)
                one.place = offers[next].place;
        }
        if (next > i + 1) {
            struct schema_property *both = unite(file, node, offers + i, next - i);
            one.property = both ? both : one.property;
        }
        offers[n++] = one;
    }
    qsort(offers, n, sizeof *offers, compare_places);
    *count = n;
}

static void give_constraints(struct pg_draft *draft)
{
    for (size_t i = 0; i < draft->implements.count; i++) {
        const struct pg_reference *ref = draft->implements.items[i];
        for (size_t k = 0; ref->draft && k < ref->draft->gives_constraints.count; k++) {
            struct schema_constraint *given = ref->draft->gives_constraints.items[k];
            /* Asked while type->by_name holds the own properties alone. */
            if (!schema_type_property(draft->type, given->names[0]))
                pg_list_add(&draft->constraints, given);
        }
    }
}

static size_t prepare_all(struct pg_file *file, struct pg_draft *draft)
{
    size_t count = 0;
    for (size_t i = 0; i < draft->implements.count; i++) {
        const struct pg_reference *ref = draft->implements.items[i];
        if (!ref->draft || ref->draft->broken)
            continue;
        prepare(file, ref->draft);
        count += ref->draft->gives.count + ref->draft->gives_constraints.count;
    }
    return count;
}

void catalog_inherit(struct pg_file *file, struct pg_draft *draft)
{
    struct schema_type *type = draft->type;
    size_t count = prepare_all(file, draft);
    if (count == 0)
        return;
    if (!spend(file, type, count)) {
        draft->unsure = true;
        return;
    }
    struct offer *offers = xcalloc(count, sizeof *offers);
    count = collect(file, draft, offers);
    if (count)
        merge(file, type, offers, &count);
    give_constraints(draft);
    const struct schema_property **all =
        arena_array(file->p.arena, type->own_count + count, sizeof(void *));
    for (size_t i = 0; i < type->own_count; i++)
        all[i] = type->properties[i];
    for (size_t i = 0; i < count; i++)
        all[type->own_count + i] = offers[i].property;
    type->properties = all;
    type->property_count = type->own_count + count;
    free(offers);
}
