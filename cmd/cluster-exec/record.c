/* What happened, put into the ledger in memory. */
#include "common/changes.h"
#include "common/composite.h"
#include "exec.h"
#include "ledger/amend.h"

#include <stdlib.h>
#include <string.h>

static void add_graph(jv *set, const char *graph)
{
    char *address = address_graph(graph);
    json_set_bool(set, address, true);
    free(address);
    address = address_schema(graph);
    json_set_bool(set, address, true);
    free(address);
}

/* The graphs of operations that this run's sweep has rolled forward to. */
static void add_recovered(const struct exec *exec, jv *set)
{
    jv completed = json_get(&exec->sweep, "completed");
    jv records = json_get(&exec->state, "recovery_records");
    int n = jv_get_kind(completed) == JV_KIND_ARRAY ? jv_array_length(jv_copy(completed)) : 0;
    for (int i = 0; i < n; i++) {
        jv id = jv_array_get(jv_copy(completed), i);
        jv record = json_get(&records, jv_string_value(id));
        const char *graph = json_peek_string(&record, "graph_id");
        if (graph && json_string_is(&record, "outcome", "rolled_forward"))
            add_graph(set, graph);
        jv_free(record);
        jv_free(id);
    }
    jv_free(records);
    jv_free(completed);
}

/* A kept sidecar's complaint is set again by each sweep, so it need not differ from before. */
static bool is_complaint(const struct exec *exec, const char *address)
{
    return amend_has_condition(&exec->state, address, "graph_create_incomplete") ||
           amend_has_condition(&exec->state, address, "actual_applied_state_pending");
}

/* {address: true} of the statuses that the sweep has set, which are not to be overwritten. */
static jv statuses_of_sweep(const struct exec *exec)
{
    jv set = jv_object();
    jv now = json_get(&exec->state, "resource_statuses");
    jv before = json_get(&exec->base, "resource_statuses");
    for (int i = jv_object_iter(now); jv_object_iter_valid(now, i);
         i = jv_object_iter_next(now, i)) {
        jv key = jv_object_iter_key(now, i);
        const char *address = jv_string_value(key);
        jv is = jv_object_iter_value(now, i), was = json_get(&before, address);
        if (!jv_is_valid(was) || !json_equal(&is, &was) || is_complaint(exec, address))
            json_set_bool(&set, address, true);
        jv_free(is);
        jv_free(was);
        jv_free(key);
    }
    jv_free(now);
    jv_free(before);
    add_recovered(exec, &set);
    return set;
}

static void set_status(struct exec *exec, const jv *of_sweep, const char *address,
                       const char *status, const char *condition, const char *message)
{
    if (!json_has(of_sweep, address))
        amend_status(&exec->state, address, status, condition, message);
}

static void record_bindings(struct exec *exec, const struct change *change)
{
    jv resource = desired_of(exec, change->resource);
    jv resources = amend_take_resources(&exec->state);
    jv entry = json_take(&resources, change->resource);
    json_set(&entry, "applies_to", json_get(&resource, "applies_to"));
    json_set(&resources, change->resource, entry);
    amend_put_resources(&exec->state, resources);
    jv_free(resource);
}

static void record_published(struct exec *exec, const jv *of_sweep, const struct change *change)
{
    amend_record(&exec->state, change->resource, change->after);
    set_status(exec, of_sweep, change->resource, "applied", NULL, NULL);
    if (change->address.kind == ADDRESS_POLICY)
        record_bindings(exec, change);
    if (change->address.kind != ADDRESS_GRAPH)
        return;
    /* A graph comes with its schema, even if that change was filtered out. */
    char *address = address_schema(change->address.graph);
    jv schema = desired_of(exec, address);
    amend_record(&exec->state, address, json_peek_string(&schema, "digest"));
    set_status(exec, of_sweep, address, "applied", NULL, NULL);
    jv_free(schema);
    free(address);
}

static void record_change(struct exec *exec, const jv *of_sweep, const struct change *change)
{
    switch (change->disposition) {
    case DISPOSITION_APPLIED:
        if (change_publishes(change)) {
            record_published(exec, of_sweep, change);
        } else { /* a graph's subtree has left with it */
            amend_unrecord(&exec->state, change->resource);
            amend_clear_status(&exec->state, change->resource);
        }
        break;
    case DISPOSITION_DERIVED:
        set_status(exec, of_sweep, change->resource, "applied", NULL, NULL);
        break;
    case DISPOSITION_BLOCKED:
        set_status(exec, of_sweep, change->resource, "blocked",
                   json_peek_string(&change->json, "reason"), change->message);
        break;
    case DISPOSITION_DEFERRED:
        break;
    }
}

/* {address: true} of what still differs from the configuration. */
static jv still_different(const struct exec *exec)
{
    jv desired = doc_peek(exec->doc, "resources");
    jv recorded = amend_peek_resources(&exec->state);
    jv left = changes_between(&desired, &recorded);
    jv set = jv_object();
    for (int i = 0, n = jv_array_length(jv_copy(left)); i < n; i++) {
        jv change = jv_array_get(jv_copy(left), i);
        json_set_bool(&set, json_peek_string(&change, "resource"), true);
        jv_free(change);
    }
    jv_free(left);
    jv_free(recorded);
    jv_free(desired);
    return set;
}

/* What was blocked once and is no longer to be changed is blocked no longer. */
static void clear_settled(struct exec *exec, const jv *of_sweep, const jv *left)
{
    jv statuses = json_get(&exec->state, "resource_statuses");
    jv keys = jv_keys(statuses);
    for (int i = 0, n = jv_array_length(jv_copy(keys)); i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        const char *address = jv_string_value(key);
        if (amend_status_is(&exec->state, address, "blocked") && !json_has(left, address) &&
            !json_has(of_sweep, address)) {
            if (amend_peek_digest(&exec->state, address))
                amend_status(&exec->state, address, "applied", NULL, NULL);
            else
                amend_clear_status(&exec->state, address);
        }
        jv_free(key);
    }
    jv_free(keys);
}

void record_changes(struct exec *exec)
{
    jv of_sweep = statuses_of_sweep(exec);
    for (size_t i = 0; i < exec->n; i++)
        record_change(exec, &of_sweep, &exec->changes[i]);
    jv resources = amend_take_resources(&exec->state);
    composite_refresh_all(&resources);
    amend_put_resources(&exec->state, resources);

    jv left = still_different(exec);
    clear_settled(exec, &of_sweep, &left);
    exec->converged = jv_object_length(jv_copy(left)) == 0;
    if (exec->converged) {
        jv revision = json_take(&exec->state, "applied_revision");
        json_set_string(&revision, "config_digest", json_peek_string(&exec->config, "digest"));
        json_set(&exec->state, "applied_revision", revision);
    }
    jv_free(left);
    jv_free(of_sweep);
}
