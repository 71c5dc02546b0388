#include "common/changes.h"

#include "common/shape.h"

#include <string.h>

static const struct shape entry_shape = {
    .kind = SHAPE_OBJECT,
    .open = true,
    .fields = (const struct shape_field[]){
        {"digest", true, &shape_digest}, {"applies_to", false, &shape_strings}, {0}}};
static const struct shape recorded_shape = {.kind = SHAPE_MAP, .of = &entry_shape};

bool changes_recorded_is_valid(const jv *recorded, struct error *err)
{
    return shape_check(recorded, &recorded_shape, "applied_revision.resources", err);
}

/* The strings of a list as the keys of an object: what two lists of bindings are compared by. */
static jv set_of(const jv *entry, const char *key)
{
    jv set = jv_object();
    jv list = json_get(entry, key);
    if (jv_get_kind(list) == JV_KIND_ARRAY)
        for (int i = 0, n = jv_array_length(jv_copy(list)); i < n; i++)
            set = jv_object_set(set, jv_array_get(jv_copy(list), i), jv_true());
    jv_free(list);
    return set;
}

static bool bindings_differ(const jv *resource, const jv *entry)
{
    if (!json_has(entry, "applies_to"))
        return true; /* recorded before bindings were */
    jv desired = set_of(resource, "applies_to");
    jv recorded = set_of(entry, "applies_to");
    bool differ = !json_equal(&desired, &recorded);
    jv_free(desired);
    jv_free(recorded);
    return differ;
}

static jv change_of(const char *address, const char *operation, const char *before,
                    const char *after)
{
    jv change = jv_object();
    json_set_string(&change, "resource", address);
    json_set_string(&change, "operation", operation);
    if (before)
        json_set_string(&change, "before_digest", before);
    if (after)
        json_set_string(&change, "after_digest", after);
    return change;
}

/* What a resource that is both desired and recorded needs; invalid if nothing. */
static jv compare(const char *address, const jv *resource, const jv *entry)
{
    const char *before = json_peek_string(entry, "digest");
    const char *after = json_peek_string(resource, "digest");
    if (!before || !after || strcmp(before, after) != 0)
        return change_of(address, "update", before, after);
    if (!json_string_is(resource, "kind", "policy") || !bindings_differ(resource, entry))
        return jv_invalid();
    jv change = change_of(address, "update", before, after);
    json_set_bool(&change, "binding_change", true);
    return change;
}

/* Addresses are ASCII, so the order of bytes is the canonical one of keys. */
static jv change_at(const char *address, const jv *desired, const jv *recorded)
{
    jv resource = json_get(desired, address);
    jv entry = json_get(recorded, address);
    jv change;
    if (!jv_is_valid(entry))
        change = change_of(address, "create", NULL, json_peek_string(&resource, "digest"));
    else if (!jv_is_valid(resource))
        change = change_of(address, "delete", json_peek_string(&entry, "digest"), NULL);
    else
        change = compare(address, &resource, &entry);
    jv_free(resource);
    jv_free(entry);
    return change;
}

static jv by_address(const jv *resources)
{
    jv map = jv_object();
    for (int i = 0, n = jv_array_length(jv_copy(*resources)); i < n; i++) {
        jv resource = jv_array_get(jv_copy(*resources), i);
        const char *address = json_peek_string(&resource, "address");
        if (address)
            json_set(&map, address, jv_copy(resource));
        jv_free(resource);
    }
    return map;
}

jv changes_between(const jv *resources, const jv *recorded)
{
    jv desired = by_address(resources);
    jv all = jv_copy(desired);
    if (jv_get_kind(*recorded) == JV_KIND_OBJECT)
        all = jv_object_merge(all, jv_copy(*recorded));
    jv keys = json_sorted_keys(&all);
    jv_free(all);
    jv changes = jv_array();
    for (int i = 0, n = jv_array_length(jv_copy(keys)); i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        jv change = change_at(jv_string_value(key), &desired, recorded);
        if (jv_is_valid(change))
            changes = jv_array_append(changes, change);
        else
            jv_free(change);
        jv_free(key);
    }
    jv_free(keys);
    jv_free(desired);
    return changes;
}
