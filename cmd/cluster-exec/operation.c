#include "common/timestamp.h"
#include "common/ulid.h"
#include "exec.h"
#include "ledger/amend.h"
#include "ledger/graph_root.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *kind, *failed, *skipped;
} kinds[] = {
    {"graph_create", "graph_create_failed", "graph_create_skipped"},
    {"schema_apply", "schema_apply_failed", "schema_apply_skipped"},
    {"graph_delete", "graph_delete_failed", "graph_delete_skipped"},
};

void operation_init(struct operation *op, struct exec *exec, struct change *change,
                    const char *kind)
{
    *op = (struct operation){.exec = exec, .change = change};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].kind, kind) == 0) {
            op->kind = kinds[i].kind;
            op->failed = kinds[i].failed;
            op->skipped = kinds[i].skipped;
        }
    op->graph_address = address_graph(change->address.graph);
    op->location = graph_root_location(exec->store, change->address.graph);

    struct ulid id = ulid_new();
    struct timestamp now = timestamp_now();
    op->sidecar = jv_object();
    json_set_int(&op->sidecar, "schema_version", 1);
    json_set_string(&op->sidecar, "operation_id", id.text);
    json_set_string(&op->sidecar, "started_at", now.text);
    json_set_string(&op->sidecar, "actor", exec->actor);
    json_set_string(&op->sidecar, "kind", op->kind);
    json_set_string(&op->sidecar, "graph_id", change->address.graph);
    json_set_string(&op->sidecar, "graph_uri", op->location);
    json_set(&op->sidecar, "observed_manifest_version", jv_null());
    json_set(&op->sidecar, "expected_manifest_version", jv_null());
    json_set_string(&op->sidecar, "desired_schema_digest", "");
    json_set_string(&op->sidecar, "state_cas_base", exec->cas);
    json_set(&op->sidecar, "approval_id", jv_null());
    op->id = json_peek_string(&op->sidecar, "operation_id");
}

void operation_clear(struct operation *op)
{
    jv_free(op->sidecar);
    free(op->location);
    free(op->graph_address);
}

bool operation_skip(struct operation *op)
{
    if (!exec_interrupted(op->exec) && !op->exec->stopped)
        return false;
    change_block(op->change, "skipped_after_failure", NULL);
    doc_warning(op->exec->doc, op->skipped, op->change->resource,
                "%s was not begun, because the run had stopped before it; apply again",
                op->change->resource);
    return true;
}

/* The graph as the driver has just told it: an observation like any other. */
static void record_sighting(struct operation *op, int64_t manifest_version)
{
    struct timestamp now = timestamp_now();
    const char *digest = json_peek_string(&op->sidecar, "desired_schema_digest");
    const struct sighting seen = {
        .address = op->graph_address,
        .uri = op->location,
        .observed_at = now.text,
        .root = SIGHTING_EXISTS,
        .manifest_version = manifest_version,
        .schema_digest = digest,
        .desired_schema_digest = digest,
    };
    amend_sighting(&op->exec->state, &seen);
}

void operation_done(struct operation *op, int64_t manifest_version)
{
    struct exec *exec = op->exec;
    exec->completed = jv_array_append(exec->completed, jv_string(op->id));
    if (manifest_version < 0)
        return;
    record_sighting(op, manifest_version);
    struct error err = ERROR_INIT;
    json_set_int(&op->sidecar, "expected_manifest_version", manifest_version);
    /* For people only: the sweep decides by the schema that is really there. */
    if (!ledger_write_sidecar(exec->store, &op->sidecar, &err))
        doc_warning(exec->doc, "recovery_sidecar_write_error", op->change->resource,
                    "the recovery sidecar of operation %s could not be brought up to date: %s",
                    op->id, error_text(&err));
    error_clear(&err);
}

/* Removes the sidecar, for nothing moved. */
static void withdraw(struct operation *op)
{
    struct error err = ERROR_INIT;
    if (!ledger_delete_sidecars(op->exec->store, &op->id, 1, &err))
        doc_warning(op->exec->doc, "recovery_sidecar_write_error", op->change->resource,
                    "the recovery sidecar of operation %s could not be removed (the next apply "
                    "does it): %s",
                    op->id, error_text(&err));
    error_clear(&err);
}

static void fail(struct operation *op, const char *message, const char *note)
{
    struct exec *exec = op->exec;
    doc_error(exec->doc, op->failed, op->change->resource, "%s on graph '%s' failed: %s%s",
              op->kind, op->change->address.graph, message, note);
    change_block(op->change, op->failed, message);
    exec->stopped = true;
    changes_block_dependents(exec);
}

void operation_failed_early(struct operation *op, const char *message)
{
    fail(op, message, "");
}

void operation_failed(struct operation *op, bool may_have_moved, const char *message)
{
    if (may_have_moved) {
        fail(op, message, " (whether it took effect is not known; the next apply finds out)");
    } else {
        fail(op, message, "");
        withdraw(op);
    }
}

bool operation_begin(struct operation *op)
{
    struct error err = ERROR_INIT;
    if (ledger_write_sidecar(op->exec->store, &op->sidecar, &err))
        return true;
    error_prefix(&err, "its recovery sidecar cannot be written");
    /* It may be there all the same; the store could not tell. */
    operation_failed(op, false, error_text(&err));
    error_clear(&err);
    return false;
}

bool operation_fence(struct operation *op)
{
    if (exec_fence(op->exec))
        return true;
    withdraw(op);
    return false;
}
