#include "common/approval_match.h"
#include "exec.h"
#include "ledger/amend.h"

#include <stdlib.h>

bool gate_covers(const struct exec *exec, const struct change *change)
{
    if (change->operation != CHANGE_DELETE || !change->address.graph)
        return false;
    if (change->address.kind != ADDRESS_QUERY)
        return true; /* a graph, or a schema: never without one */
    char *graph = address_graph(change->address.graph);
    /* Without its graph, such as after that went missing, a query is free to go. */
    bool leaving = !json_has(&exec->resources, graph) && amend_peek_digest(&exec->state, graph);
    free(graph);
    return leaving;
}

/* The gate's change, from what is known here and not from what the document says of it. */
static jv gate_change(const struct exec *exec, const char *address)
{
    jv change = jv_object();
    json_set_string(&change, "resource", address);
    json_set_string(&change, "operation", "delete");
    const char *before = amend_peek_digest(&exec->state, address);
    if (before)
        json_set_string(&change, "before_digest", before);
    return change;
}

jv gate_approval(struct exec *exec, const char *graph)
{
    /* From the store: an approval that only a document holds is none. */
    struct diags diags;
    diags_init(&diags);
    jv approvals = ledger_read_approvals(exec->store, &diags);
    diags_free(&diags); /* the sweep has warned of those that cannot be read */
    jv consumed = json_get(&exec->sweep, "consumed_approvals");
    struct approval_context context = {json_peek_string(&exec->config, "digest"), &exec->state,
                                       &consumed};
    char *address = address_graph(graph);
    jv change = gate_change(exec, address);
    jv artifact = approval_find(&approvals, &change, &context);
    jv_free(change);
    free(address);
    jv_free(consumed);
    jv_free(approvals);
    return artifact;
}
