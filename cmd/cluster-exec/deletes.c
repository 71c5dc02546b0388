/* Deleting graphs, last of all, each only behind its approval. */
#include "common/failpoint.h"
#include "common/progress.h"
#include "common/timestamp.h"
#include "exec.h"
#include "ledger/amend.h"
#include "ledger/graph_root.h"

#include <stdlib.h>

/* The artifact is used up by this operation: to be rewritten once the ledger is written. */
static void consume(struct operation *op, const char *approval_id)
{
    struct exec *exec = op->exec;
    struct timestamp now = timestamp_now();
    amend_tombstone(&exec->state, op->change->address.graph, now.text, approval_id, exec->actor);
    amend_consume(&exec->state, &exec->consumed, approval_id, now.text, op->id);
}

/* Behind the fence. */
static bool remove_root(struct operation *op, const struct graph_root_content *content)
{
    struct exec *exec = op->exec;
    struct error err = ERROR_INIT;
    progress_say(exec->progress, "%s: deleting %s", op->change->resource, op->location);
    bool ok = graph_root_delete(exec->store, op->change->address.graph, content, &err) == STORE_OK;
    if (!ok)
        operation_failed(op, true, error_text(&err));
    error_clear(&err);
    return ok;
}

/* False: the run is aborted. */
static bool fence_and_remove(struct operation *op, const char *approval_id)
{
    struct exec *exec = op->exec;
    struct error err = ERROR_INIT;
    struct graph_root_content content = GRAPH_ROOT_CONTENT_INIT;
    bool go_on = true;
    if (graph_root_look(exec->store, op->change->address.graph, &content, &err) != STORE_OK)
        operation_failed(op, false, error_text(&err));
    else if (!operation_fence(op))
        go_on = false;
    else if (remove_root(op, &content)) {
        consume(op, approval_id);
        operation_done(op, -1);
    }
    graph_root_content_clear(&content);
    error_clear(&err);
    return go_on;
}

/* False: the run is aborted. */
static bool delete_graph(struct operation *op)
{
    struct exec *exec = op->exec;
    struct error err = ERROR_INIT;
    jv approval = gate_approval(exec, op->change->address.graph);
    const char *approval_id = json_peek_string(&approval, "approval_id");
    bool go_on = true;
    if (!approval_id) {
        operation_failed_early(op, "its approval is no longer valid");
        goto out;
    }
    json_set_string(&op->sidecar, "approval_id", approval_id);
    if (!operation_begin(op))
        goto out;
    if (!FAILPOINT("cluster_apply.before_graph_delete", &err)) {
        go_on = exec_abort_error(exec, op->change->resource, &err);
        goto out;
    }
    if (!fence_and_remove(op, approval_id)) {
        go_on = false;
        goto out;
    }
    if (!FAILPOINT("cluster_apply.after_graph_delete", &err))
        go_on = exec_abort_error(exec, op->change->resource, &err);
out:
    jv_free(approval);
    return go_on;
}

bool graphs_delete(struct exec *exec)
{
    size_t n;
    struct change **list = changes_select(exec, ADDRESS_GRAPH, CHANGE_DELETE, &n);
    bool go_on = true;
    for (size_t i = 0; go_on && i < n; i++) {
        struct operation op;
        operation_init(&op, exec, list[i], "graph_delete");
        if (!operation_skip(&op))
            go_on = delete_graph(&op);
        operation_clear(&op);
    }
    if (exec->stopped)
        changes_block_dependents(exec);
    free(list);
    return go_on;
}
