/* Creating graphs and migrating their schemas, through the graph driver. */
#include "common/buf.h"
#include "common/driver.h"
#include "common/failpoint.h"
#include "common/progress.h"
#include "common/xalloc.h"
#include "exec.h"
#include "ledger/graph_root.h"

#include <stdlib.h>
#include <string.h>

/* The schema that the configuration wants for a graph. checks.c has made sure that it is there. */
struct schema_source {
    jv resource, text;
    const char *digest;
    size_t len;
};

static struct schema_source schema_of(const struct exec *exec, const char *graph)
{
    char *address = address_schema(graph);
    struct schema_source source = {.resource = desired_of(exec, address)};
    source.digest = json_peek_string(&source.resource, "digest");
    source.text = json_get(&exec->sources, source.digest);
    source.len = (size_t)jv_string_length_bytes(jv_copy(source.text));
    free(address);
    return source;
}

static void schema_clear(struct schema_source *source)
{
    jv_free(source->resource);
    jv_free(source->text);
}

static int64_t version_of(const struct driver_answer *answer)
{
    return json_peek_int(&answer->value, "manifest_version", -1);
}

static void driver_failed(struct operation *op, const struct driver_answer *answer)
{
    operation_failed(op, answer->status == DRIVER_UNKNOWN, answer->message);
}

/* Nothing moved. If something stands at the root already, say what to do about it. */
static void refused(struct operation *op, const char *message)
{
    struct error err = ERROR_INIT;
    bool exists = false;
    if (graph_root_exists(op->exec->store, op->change->address.graph, &exists, &err) != STORE_OK)
        exists = false;
    char *text =
        xasprintf("%s%s", message,
                  exists ? " (if what is there is this graph, 'cluster refresh' records it)" : "");
    operation_failed(op, false, text);
    free(text);
    error_clear(&err);
}

/* False: the run is aborted. */
static bool create(struct operation *op, const struct schema_source *schema)
{
    struct exec *exec = op->exec;
    struct error err = ERROR_INIT;
    json_set_string(&op->sidecar, "desired_schema_digest", schema->digest);
    progress_say(exec->progress, "%s: creating %s", op->change->resource, op->location);
    if (!operation_begin(op))
        return true;
    if (!FAILPOINT("cluster_apply.before_graph_create", &err))
        return exec_abort_error(exec, op->change->resource, &err);
    if (!operation_fence(op))
        return false;
    struct driver_answer answer = driver_init(
        exec->driver, op->location, jv_string_value(schema->text), schema->len, exec->actor);
    if (answer.status == DRIVER_FAILED)
        refused(op, answer.message);
    else if (answer.status != DRIVER_OK)
        driver_failed(op, &answer);
    else if (!json_string_is(&answer.value, "schema_digest", schema->digest))
        operation_failed(op, true, "the driver says that it created it with another schema");
    else
        operation_done(op, version_of(&answer));
    driver_answer_clear(&answer);
    if (!FAILPOINT("cluster_apply.after_graph_create", &err))
        return exec_abort_error(exec, op->change->resource, &err);
    return true;
}

/* Why a plan is not supported: the first step that says so. */
static char *unsupported_reason(const jv *plan)
{
    jv steps = json_get(plan, "steps");
    char *text = NULL;
    for (int i = 0, n = jv_array_length(jv_copy(steps)); !text && i < n; i++) {
        jv step = jv_array_get(jv_copy(steps), i);
        const char *entity = json_peek_string(&step, "entity");
        const char *reason = json_peek_string(&step, "reason");
        if (json_string_is(&step, "kind", "unsupported_change") && entity && reason)
            text = xasprintf("the migration is not supported: %s: %s", entity, reason);
        jv_free(step);
    }
    jv_free(steps);
    return text ? text : xstrdup("the migration is not supported");
}

/* Everything that can fail without moving the graph, so that it leaves no sidecar behind: is it
 * there, and can it be migrated? False: it cannot, and the operation has failed. */
static bool can_migrate(struct operation *op, const struct schema_source *schema)
{
    const char *driver = op->exec->driver;
    struct driver_answer seen = driver_describe(driver, op->location);
    if (seen.status != DRIVER_OK) {
        operation_failed_early(op, seen.message);
        driver_answer_clear(&seen);
        return false;
    }
    json_set_int(&op->sidecar, "observed_manifest_version", version_of(&seen));
    driver_answer_clear(&seen);

    struct driver_answer plan =
        driver_plan(driver, op->location, jv_string_value(schema->text), schema->len);
    bool ok = plan.status == DRIVER_OK && json_peek_bool(&plan.value, "supported", false);
    if (plan.status != DRIVER_OK) {
        operation_failed_early(op, plan.message);
    } else if (!ok) {
        char *reason = unsupported_reason(&plan.value);
        operation_failed_early(op, reason);
        free(reason);
    }
    driver_answer_clear(&plan);
    return ok;
}

/* An answer that nothing was applied is right only if the graph has the schema already. */
static bool has_schema(const struct operation *op, const char *digest)
{
    struct driver_answer seen = driver_describe(op->exec->driver, op->location);
    bool has = seen.status == DRIVER_OK && json_string_is(&seen.value, "schema_digest", digest);
    driver_answer_clear(&seen);
    return has;
}

static bool migrate(struct operation *op, const struct schema_source *schema)
{
    struct exec *exec = op->exec;
    struct error err = ERROR_INIT;
    json_set_string(&op->sidecar, "desired_schema_digest", schema->digest);
    progress_say(exec->progress, "%s: migrating %s", op->change->resource, op->location);
    if (!can_migrate(op, schema) || !operation_begin(op))
        return true;
    if (!FAILPOINT("cluster_apply.before_schema_apply", &err))
        return exec_abort_error(exec, op->change->resource, &err);
    if (!operation_fence(op))
        return false;
    struct driver_answer answer = driver_apply(
        exec->driver, op->location, jv_string_value(schema->text), schema->len, exec->actor);
    if (answer.status != DRIVER_OK)
        driver_failed(op, &answer);
    else if (!json_peek_bool(&answer.value, "applied", false) && !has_schema(op, schema->digest))
        operation_failed(op, true, "the driver says that it applied nothing");
    else
        operation_done(op, version_of(&answer));
    driver_answer_clear(&answer);
    if (!FAILPOINT("cluster_apply.after_schema_apply", &err))
        return exec_abort_error(exec, op->change->resource, &err);
    return true;
}

/* One operation on each applied change of this kind, in order of graph id. */
static bool each(struct exec *exec, enum address_kind kind, enum change_operation operation,
                 const char *sidecar_kind,
                 bool (*work)(struct operation *, const struct schema_source *))
{
    size_t n;
    struct change **list = changes_select(exec, kind, operation, &n);
    bool go_on = true;
    for (size_t i = 0; go_on && i < n; i++) {
        struct operation op;
        struct schema_source schema = schema_of(exec, list[i]->address.graph);
        operation_init(&op, exec, list[i], sidecar_kind);
        if (!operation_skip(&op))
            go_on = work(&op, &schema);
        operation_clear(&op);
        schema_clear(&schema);
    }
    if (exec->stopped)
        changes_block_dependents(exec);
    free(list);
    return go_on;
}

bool graphs_create(struct exec *exec)
{
    return each(exec, ADDRESS_GRAPH, CHANGE_CREATE, "graph_create", create);
}

bool graphs_migrate(struct exec *exec)
{
    return each(exec, ADDRESS_SCHEMA, CHANGE_UPDATE, "schema_apply", migrate);
}
