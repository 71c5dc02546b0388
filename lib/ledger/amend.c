#include "ledger/amend.h"

#include "common/address.h"
#include "common/composite.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* A missing or null map of a ledger counts as an empty one. */
static jv as_object(jv value)
{
    if (jv_get_kind(value) == JV_KIND_OBJECT)
        return value;
    jv_free(value);
    return jv_object();
}

static void set_in(jv *state, const char *map, const char *key, jv value)
{
    jv inner = as_object(json_take(state, map));
    json_set(&inner, key, value);
    json_set(state, map, inner);
}

static void delete_in(jv *state, const char *map, const char *key)
{
    jv inner = as_object(json_take(state, map));
    json_delete(&inner, key);
    json_set(state, map, inner);
}

jv amend_peek_resources(const jv *state)
{
    jv revision = json_get(state, "applied_revision");
    jv resources = as_object(json_get(&revision, "resources"));
    jv_free(revision);
    return resources;
}

jv amend_take_resources(jv *state)
{
    jv revision = as_object(json_take(state, "applied_revision"));
    jv resources = as_object(json_take(&revision, "resources"));
    json_set(state, "applied_revision", revision);
    return resources;
}

void amend_put_resources(jv *state, jv resources)
{
    set_in(state, "applied_revision", "resources", resources);
}

const char *amend_peek_digest(const jv *state, const char *address)
{
    jv resources = amend_peek_resources(state);
    jv entry = json_get(&resources, address);
    const char *digest = json_peek_string(&entry, "digest");
    jv_free(entry);
    jv_free(resources); /* the state still holds both */
    return digest;
}

void amend_record(jv *state, const char *address, const char *digest)
{
    jv resources = amend_take_resources(state);
    jv entry = as_object(json_take(&resources, address));
    json_set_string(&entry, "digest", digest);
    json_set(&resources, address, entry);
    amend_put_resources(state, resources);
}

void amend_unrecord(jv *state, const char *address)
{
    jv resources = amend_take_resources(state);
    json_delete(&resources, address);
    amend_put_resources(state, resources);
}

void amend_composite(jv *state, const char *graph)
{
    jv resources = amend_peek_resources(state);
    struct digest digest = composite_of(graph, &resources);
    jv_free(resources);
    char *address = address_graph(graph);
    amend_record(state, address, digest.hex);
    free(address);
}

/* What belongs to one graph: three ways an address can begin. */
struct subtree {
    char *graph, *schema, *queries;
};

static struct subtree subtree_of(const char *graph)
{
    struct subtree tree = {address_graph(graph), address_schema(graph),
                           xasprintf("query.%s.", graph)};
    return tree;
}

static void subtree_clear(struct subtree *tree)
{
    free(tree->graph);
    free(tree->schema);
    free(tree->queries);
}

static bool in_subtree(const struct subtree *tree, const char *address)
{
    return strcmp(address, tree->graph) == 0 || strcmp(address, tree->schema) == 0 ||
           strncmp(address, tree->queries, strlen(tree->queries)) == 0;
}

bool amend_has_graph(const jv *state, const char *graph)
{
    struct subtree tree = subtree_of(graph);
    jv resources = amend_peek_resources(state);
    bool found = false;
    for (int i = jv_object_iter(resources); !found && jv_object_iter_valid(resources, i);
         i = jv_object_iter_next(resources, i)) {
        jv key = jv_object_iter_key(resources, i);
        found = in_subtree(&tree, jv_string_value(key));
        jv_free(key);
    }
    jv_free(resources);
    subtree_clear(&tree);
    return found;
}

/* The map without the keys of the subtree. */
static jv without_subtree(jv map, const struct subtree *tree)
{
    jv keys = jv_keys(jv_copy(map));
    for (int i = 0, n = jv_array_length(jv_copy(keys)); i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        if (in_subtree(tree, jv_string_value(key)))
            map = jv_object_delete(map, key);
        else
            jv_free(key);
    }
    jv_free(keys);
    return map;
}

void amend_tombstone(jv *state, const char *graph, const char *deleted_at, const char *approval_id,
                     const char *actor)
{
    struct subtree tree = subtree_of(graph);
    amend_put_resources(state, without_subtree(amend_take_resources(state), &tree));
    jv statuses = as_object(json_take(state, "resource_statuses"));
    json_set(state, "resource_statuses", without_subtree(statuses, &tree));

    jv tombstone = jv_object();
    json_set_string(&tombstone, "kind", "tombstone");
    json_set_string(&tombstone, "deleted_at", deleted_at);
    json_set_string(&tombstone, "approval_id", approval_id);
    json_set_string(&tombstone, "actor", actor);
    set_in(state, "observations", tree.graph, tombstone);
    subtree_clear(&tree);
}

void amend_status(jv *state, const char *address, const char *status, const char *condition,
                  const char *message)
{
    jv entry = jv_object();
    json_set_string(&entry, "status", status);
    jv conditions = jv_array();
    if (condition)
        conditions = jv_array_append(conditions, jv_string(condition));
    json_set(&entry, "conditions", conditions);
    if (message)
        json_set_string(&entry, "message", message);
    set_in(state, "resource_statuses", address, entry);
}

static jv peek_status(const jv *state, const char *address)
{
    jv statuses = json_get(state, "resource_statuses");
    jv entry = json_get(&statuses, address);
    jv_free(statuses);
    return entry;
}

bool amend_has_condition(const jv *state, const char *address, const char *condition)
{
    jv entry = peek_status(state, address);
    jv conditions = json_get(&entry, "conditions");
    int n = jv_get_kind(conditions) == JV_KIND_ARRAY ? jv_array_length(jv_copy(conditions)) : 0;
    bool found = false;
    for (int i = 0; !found && i < n; i++) {
        jv item = jv_array_get(jv_copy(conditions), i);
        found =
            jv_get_kind(item) == JV_KIND_STRING && strcmp(jv_string_value(item), condition) == 0;
        jv_free(item);
    }
    jv_free(conditions);
    jv_free(entry);
    return found;
}

bool amend_status_is(const jv *state, const char *address, const char *status)
{
    jv entry = peek_status(state, address);
    bool is = json_string_is(&entry, "status", status);
    jv_free(entry);
    return is;
}

void amend_clear_status(jv *state, const char *address)
{
    delete_in(state, "resource_statuses", address);
}

void amend_sighting(jv *state, const struct sighting *seen)
{
    bool judged = seen->schema_digest && seen->desired_schema_digest;
    jv entry = jv_object();
    json_set_string(&entry, "kind", "graph");
    json_set_string(&entry, "address", seen->address);
    json_set_string(&entry, "graph_uri", seen->uri);
    json_set_string(&entry, "observed_at", seen->observed_at);
    json_set(&entry, "exists",
             seen->root == SIGHTING_UNKNOWN ? jv_null() : jv_bool(seen->root == SIGHTING_EXISTS));
    json_set(&entry, "manifest_version",
             seen->manifest_version < 0 ? jv_null() : jv_number((double)seen->manifest_version));
    json_set_string(&entry, "schema_digest", seen->schema_digest);
    json_set_string(&entry, "desired_schema_digest", seen->desired_schema_digest);
    json_set(&entry, "schema_matches_desired",
             judged ? jv_bool(strcmp(seen->schema_digest, seen->desired_schema_digest) == 0)
                    : jv_null());
    json_set_string(&entry, "error", seen->error);
    set_in(state, "observations", seen->address, entry);
}

void amend_consumed(jv *state, const char *approval_id, const char *consumed_at,
                    const char *operation)
{
    jv record = jv_object();
    json_set_string(&record, "consumed_at", consumed_at);
    json_set_string(&record, "consumed_by_operation", operation);
    set_in(state, "approval_records", approval_id, record);
}

void amend_consume(jv *state, jv *list, const char *approval_id, const char *consumed_at,
                   const char *operation)
{
    amend_consumed(state, approval_id, consumed_at, operation);
    jv entry = jv_object();
    json_set_string(&entry, "approval_id", approval_id);
    json_set_string(&entry, "consumed_at", consumed_at);
    json_set_string(&entry, "consumed_by_operation", operation);
    *list = jv_array_append(*list, entry);
}

void amend_recovered(jv *state, const jv *sidecar, const char *recovered_at)
{
    jv record = jv_object();
    json_set_string(&record, "kind", json_peek_string(sidecar, "kind"));
    json_set_string(&record, "graph_id", json_peek_string(sidecar, "graph_id"));
    json_set_string(&record, "outcome", "rolled_forward");
    json_set_string(&record, "recovered_at", recovered_at);
    json_set_string(&record, "actor", json_peek_string(sidecar, "actor"));
    set_in(state, "recovery_records", json_peek_string(sidecar, "operation_id"), record);
}
