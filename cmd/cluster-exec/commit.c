/* The one write of the ledger, and what may be cleaned up only after it. */
#include "common/failpoint.h"
#include "common/progress.h"
#include "common/xalloc.h"
#include "exec.h"

#include <stdlib.h>

static bool before_write(const struct exec *exec, struct error *err)
{
    return exec->apply ? FAILPOINT("cluster_apply.before_state_write", err)
                       : FAILPOINT("cluster_sync.before_state_write", err);
}

static bool write_ledger(struct exec *exec)
{
    struct error err = ERROR_INIT;
    json_set_int(&exec->state, "state_revision",
                 json_peek_int(&exec->state, "state_revision", 0) + 1);
    if (!before_write(exec, &err))
        return exec_abort_error(exec, LEDGER_STATE, &err);
    if (!exec_fence(exec))
        return false;
    if (!ledger_write(exec->store, exec->found ? exec->cas : NULL, &exec->state, exec->new_cas,
                      &err))
        return exec_abort_error(exec, LEDGER_STATE, &err);
    exec->written = true;
    if (exec->apply && !FAILPOINT("cluster_apply.after_state_write", &err))
        return exec_abort_error(exec, LEDGER_STATE, &err);
    return true;
}

/* Sidecars of what the ledger now tells. One that stays is retired by the next sweep. */
static void retire_sidecars(struct exec *exec)
{
    jv ids = json_get(&exec->sweep, "completed");
    ids = jv_array_concat(jv_get_kind(ids) == JV_KIND_ARRAY ? ids : jv_array(),
                          jv_copy(exec->completed));
    size_t n = (size_t)jv_array_length(jv_copy(ids));
    const char **list = xcalloc(n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++) {
        jv id = jv_array_get(jv_copy(ids), (int)i);
        list[i] = jv_string_value(id);
        jv_free(id); /* the array still holds it */
    }
    struct error err = ERROR_INIT;
    if (n > 0 && !ledger_delete_sidecars(exec->store, list, n, &err))
        doc_warning(exec->doc, "recovery_sidecar_write_error", LEDGER_RECOVERIES,
                    "a settled recovery sidecar could not be removed; the next apply does it: %s",
                    error_text(&err));
    error_clear(&err);
    free(list);
    jv_free(ids);
}

static jv find_artifact(const jv *approvals, const char *id)
{
    for (int i = 0, n = jv_array_length(jv_copy(*approvals)); i < n; i++) {
        jv artifact = jv_array_get(jv_copy(*approvals), i);
        if (json_string_is(&artifact, "approval_id", id))
            return artifact;
        jv_free(artifact);
    }
    return jv_invalid();
}

static void rewrite_approval(struct exec *exec, const jv *approvals, const jv *consumed)
{
    const char *id = json_peek_string(consumed, "approval_id");
    jv artifact = find_artifact(approvals, id);
    if (!jv_is_valid(artifact) || json_peek_string(&artifact, "consumed_at")) {
        jv_free(artifact);
        return;
    }
    json_set(&artifact, "consumed_at", json_get(consumed, "consumed_at"));
    json_set(&artifact, "consumed_by_operation", json_get(consumed, "consumed_by_operation"));
    struct error err = ERROR_INIT;
    if (!ledger_write_approval(exec->store, &artifact, &err))
        doc_warning(exec->doc, "approval_write_error", LEDGER_APPROVALS,
                    "approval %s is used up and the ledger says so, but the artifact could not be "
                    "rewritten; the next apply does it: %s",
                    id, error_text(&err));
    error_clear(&err);
    jv_free(artifact);
}

static void rewrite_approvals(struct exec *exec)
{
    jv list = json_get(&exec->sweep, "consumed_approvals");
    list = jv_array_concat(jv_get_kind(list) == JV_KIND_ARRAY ? list : jv_array(),
                           jv_copy(exec->consumed));
    int n = jv_array_length(jv_copy(list));
    if (n > 0) {
        struct diags diags;
        diags_init(&diags);
        jv approvals = ledger_read_approvals(exec->store, &diags);
        diags_free(&diags); /* the sweep has warned of those that cannot be read */
        for (int i = 0; i < n; i++) {
            jv consumed = jv_array_get(jv_copy(list), i);
            rewrite_approval(exec, &approvals, &consumed);
            jv_free(consumed);
        }
        jv_free(approvals);
    }
    jv_free(list);
}

bool ledger_commit(struct exec *exec)
{
    if (!exec->found || !json_equal(&exec->state, &exec->base)) {
        progress_say(exec->progress, "writing the ledger");
        if (!write_ledger(exec))
            return false;
    }
    retire_sidecars(exec);
    rewrite_approvals(exec);
    return true;
}
