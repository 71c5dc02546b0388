#include "blast_radius.h"

#include "common/address.h"

#include <stdlib.h>

/* target -> {dependent: true} */
static void add_dependent(jv *dependents, const char *target, const char *dependent)
{
    jv set = json_take(dependents, target);
    if (!jv_is_valid(set))
        set = jv_object();
    json_set_bool(&set, dependent, true);
    json_set(dependents, target, set);
}

static void add_desired(jv *dependents, const struct doc *doc)
{
    jv list = doc_peek(doc, "dependencies");
    for (int i = 0, n = jv_array_length(jv_copy(list)); i < n; i++) {
        jv dependency = jv_array_get(jv_copy(list), i);
        add_dependent(dependents, json_peek_string(&dependency, "to"),
                      json_peek_string(&dependency, "from"));
        jv_free(dependency);
    }
    jv_free(list);
}

/* Adds `dependent` to `target`, which is freed, if that is deleted. */
static void add_if_deleted(jv *dependents, const jv *deleted, char *target, const char *dependent)
{
    if (json_has(deleted, target))
        add_dependent(dependents, target, dependent);
    free(target);
}

static void add_recorded_policy(jv *dependents, const jv *deleted, const char *policy,
                                const jv *entry)
{
    jv bindings = json_get(entry, "applies_to");
    int n = jv_get_kind(bindings) == JV_KIND_ARRAY ? jv_array_length(jv_copy(bindings)) : 0;
    for (int i = 0; i < n; i++) {
        jv binding = jv_array_get(jv_copy(bindings), i);
        if (jv_get_kind(binding) == JV_KIND_STRING && json_has(deleted, jv_string_value(binding)))
            add_dependent(dependents, jv_string_value(binding), policy);
        jv_free(binding);
    }
    jv_free(bindings);
}

static void add_recorded_one(jv *dependents, const jv *deleted, const char *recorded,
                             const jv *entry)
{
    struct address address;
    if (!address_parse(recorded, &address))
        return;
    if (address.kind == ADDRESS_POLICY)
        add_recorded_policy(dependents, deleted, recorded, entry);
    if (address.kind == ADDRESS_SCHEMA || address.kind == ADDRESS_QUERY)
        add_if_deleted(dependents, deleted, address_graph(address.graph), recorded);
    if (address.kind == ADDRESS_QUERY)
        add_if_deleted(dependents, deleted, address_schema(address.graph), recorded);
    address_clear(&address);
}

static void add_recorded(jv *dependents, const jv *deleted, const struct doc *doc)
{
    jv ledger = doc_peek(doc, "ledger");
    jv state = json_get(&ledger, "state");
    jv revision = json_get(&state, "applied_revision");
    jv recorded = json_get(&revision, "resources");
    if (jv_get_kind(recorded) == JV_KIND_OBJECT)
        for (int i = jv_object_iter(recorded); jv_object_iter_valid(recorded, i);
             i = jv_object_iter_next(recorded, i)) {
            jv key = jv_object_iter_key(recorded, i);
            jv entry = jv_object_iter_value(recorded, i);
            add_recorded_one(dependents, deleted, jv_string_value(key), &entry);
            jv_free(entry);
            jv_free(key);
        }
    jv_free(recorded);
    jv_free(revision);
    jv_free(state);
    jv_free(ledger);
}

static jv deleted_of(const jv *changes)
{
    jv deleted = jv_object();
    for (int i = 0, n = jv_array_length(jv_copy(*changes)); i < n; i++) {
        jv change = jv_array_get(jv_copy(*changes), i);
        if (json_string_is(&change, "operation", "delete"))
            json_set_bool(&deleted, json_peek_string(&change, "resource"), true);
        jv_free(change);
    }
    return deleted;
}

void blast_radius_fill(struct doc *doc)
{
    jv changes = doc_peek(doc, "changes");
    jv deleted = deleted_of(&changes);
    jv dependents = jv_object();
    add_desired(&dependents, doc);
    add_recorded(&dependents, &deleted, doc);
    jv radius = jv_array();
    for (int i = 0, n = jv_array_length(jv_copy(changes)); i < n; i++) {
        jv change = jv_array_get(jv_copy(changes), i);
        const char *resource = json_peek_string(&change, "resource");
        jv set = json_get(&dependents, resource);
        if (jv_is_valid(set)) {
            jv entry = jv_object();
            json_set_string(&entry, "resource", resource);
            json_set(&entry, "affected", json_sorted_keys(&set));
            radius = jv_array_append(radius, entry);
        }
        jv_free(set);
        jv_free(change);
    }
    doc_set(doc, "blast_radius", radius);
    jv_free(dependents);
    jv_free(deleted);
    jv_free(changes);
}
