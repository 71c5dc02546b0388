/* One declaration that stays. See migration_internal.h. */
#include "common/xalloc.h"
#include "lang/migration_internal.h"

#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a node's interfaces, sorted. m: where accepted ones went, or NULL for their own
 * names; one that was dropped keeps its name, which no desired interface has. */
static const char **interface_names(const struct schema_type *type, const struct matching *m)
{
    const char **names = xcalloc(type->interface_count, sizeof *names);
    for (size_t i = 0; i < type->interface_count; i++) {
        const char *successor = m ? matching_successor(m, type->interfaces[i]->name) : NULL;
        names[i] = successor ? successor : type->interfaces[i]->name;
    }
    if (type->interface_count)
        qsort(names, type->interface_count, sizeof *names, compare_names);
    return names;
}

static void plan_interfaces(struct plan *plan, const struct schema_type *old,
                            const struct schema_type *new)
{
    const char **before = interface_names(old, &plan->kinds[SCHEMA_INTERFACE]);
    const char **after = interface_names(new, NULL);
    bool same = old->interface_count == new->interface_count;
    for (size_t i = 0; same && i < new->interface_count; i++)
        same = strcmp(before[i], after[i]) == 0;
    if (!same)
        step_unsupported(plan, new, NULL, NULL, "the interfaces of a node cannot change");
    free(before);
    free(after);
}

static bool same_end(const struct plan *plan, const struct schema_type *old,
                     const struct schema_type *new)
{
    const char *successor = matching_successor(&plan->kinds[SCHEMA_NODE], old->name);
    return successor && strcmp(successor, new->name) == 0;
}

static void plan_ends(struct plan *plan, const struct schema_type *old,
                      const struct schema_type *new)
{
    if (!same_end(plan, old->from, new->from) || !same_end(plan, old->to, new->to))
        step_unsupported(plan, new, NULL, NULL,
                         "the ends of an edge cannot change: it goes "
                         "from %s to %s",
                         old->from->name, old->to->name);
    if (old->card_min != new->card_min || old->card_max != new->card_max)
        step_unsupported(plan, new, NULL, NULL, "the cardinality of an edge cannot change");
}

/* The desired words that are not accepted yet, sorted; an invalid jv if the change is more than
 * added words. */
static jv added_words(const struct property_type *old, const struct property_type *new)
{
    if (!old->word_count || !new->word_count || old->nullable != new->nullable)
        return jv_invalid();
    for (size_t i = 0; i < old->word_count; i++)
        if (!property_type_has_word(new, old->sorted_words[i]))
            return jv_invalid();
    jv added = jv_array();
    for (size_t i = 0; i < new->word_count; i++)
        if (!property_type_has_word(old, new->sorted_words[i]))
            added = jv_array_append(added, jv_string(new->sorted_words[i]));
    return added;
}

static void plan_property_type(struct plan *plan, const struct schema_type *type,
                               const struct schema_property *old, const struct schema_property *new)
{
    if (property_type_equal(&old->type, &new->type))
        return;
    jv added = added_words(&old->type, &new->type);
    if (jv_is_valid(added)) {
        step_extend_enum(plan, type, new->name, added);
        return;
    }
    jv_free(added);
    char *before = property_type_text(&old->type), *after = property_type_text(&new->type);
    step_unsupported(plan, type, new->name, "OG-MF-106",
                     "the type of a property cannot change from %s to %s", before, after);
    free(before);
    free(after);
}

static void plan_new_property(struct plan *plan, const struct schema_type *type,
                              const struct schema_property *property, enum match match)
{
    if (match == MATCH_NO_OLD)
        step_unsupported(plan, type, property->name, NULL, "there is no property \"%s\" to rename",
                         property->rename_from);
    else if (match == MATCH_TAKEN)
        step_unsupported(plan, type, property->name, NULL,
                         "property \"%s\" goes on under another name already and cannot be renamed",
                         property->rename_from);
    else if (!property->type.nullable)
        step_unsupported(plan, type, property->name, "OG-MF-103",
                         "an added property must be nullable: end its type with \"?\"");
    else
        step_add_property(plan, type, property);
}

static void plan_properties(struct plan *plan, const struct schema_type *old,
                            const struct schema_type *new, const struct matching *m)
{
    for (size_t i = 0; i < new->property_count; i++) {
        const struct schema_property *property = new->properties[i];
        const struct schema_property *before = m->desired[i].old;
        if (!before) {
            plan_new_property(plan, new, property, m->desired[i].match);
            continue;
        }
        if (m->desired[i].match == MATCH_RENAMED)
            step_rename_property(plan, new, before->name, property->name);
        plan_property_type(plan, new, before, property);
        plan_property_annotations(plan, new, m, before, property);
    }
    for (size_t i = 0; i < old->property_count; i++)
        if (!matching_successor(m, old->properties[i]->name))
            step_drop_property(plan, new, old->properties[i]->name);
}

static struct match_item *property_items(const struct schema_type *type)
{
    struct match_item *items = xcalloc(type->property_count, sizeof *items);
    for (size_t i = 0; i < type->property_count; i++) {
        const struct schema_property *property = type->properties[i];
        items[i] = (struct match_item){property->name, property->rename_from, property};
    }
    return items;
}

void plan_type(struct plan *plan, const struct schema_type *old, const struct schema_type *new)
{
    struct matching properties;
    struct match_item *before = property_items(old), *after = property_items(new);
    matching_init(&properties, before, old->property_count, after, new->property_count);
    free(before);
    free(after);
    if (strcmp(old->name, new->name) != 0)
        step_rename_type(plan, new, old->name);
    if (new->kind == SCHEMA_NODE)
        plan_interfaces(plan, old, new);
    if (new->kind == SCHEMA_EDGE)
        plan_ends(plan, old, new);
    plan_type_annotations(plan, old, new);
    plan_properties(plan, old, new, &properties);
    plan_constraints(plan, old, new, &properties);
    matching_free(&properties);
}
