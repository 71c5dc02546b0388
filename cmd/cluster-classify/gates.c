#include "gates.h"

#include "common/approval_match.h"

#include <string.h>

struct gatekeeper {
    struct doc *doc;
    struct facts *facts;
    struct approval_context context;
    jv unused; /* the unconsumed approvals */
};

static jv unused_approvals(const jv *ledger, const struct approval_context *context)
{
    jv unused = jv_array();
    jv approvals = json_get(ledger, "approvals");
    for (int i = 0, n = jv_is_valid(approvals) ? jv_array_length(jv_copy(approvals)) : 0; i < n;
         i++) {
        jv artifact = jv_array_get(jv_copy(approvals), i);
        if (approval_is_consumed(&artifact, context))
            jv_free(artifact);
        else
            unused = jv_array_append(unused, artifact);
    }
    jv_free(approvals);
    return unused;
}

static void warn_of_stale(const struct gatekeeper *keeper, const jv *change, bool satisfied)
{
    for (int i = 0, n = jv_array_length(jv_copy(keeper->unused)); i < n; i++) {
        jv artifact = jv_array_get(jv_copy(keeper->unused), i);
        const char *resource = json_peek_string(change, "resource");
        if (approval_judge(&artifact, change, &keeper->context) == APPROVAL_STALE)
            doc_warning(keeper->doc, "approval_stale", resource,
                        "the approval %s of %s was given for other digests than this change has, "
                        "so it authorizes nothing%s",
                        json_peek_string(&artifact, "approval_id"), resource,
                        satisfied ? "; another one does" : "; look at the plan and approve again");
        jv_free(artifact);
    }
}

static void add_gate(struct gatekeeper *keeper, const jv *change, const char *reason)
{
    const char *resource = json_peek_string(change, "resource");
    jv artifact = approval_find(&keeper->unused, change, &keeper->context);
    bool satisfied = jv_is_valid(artifact);
    jv_free(artifact);
    jv gate = jv_object();
    json_set_string(&gate, "resource", resource);
    json_set_string(&gate, "reason", reason);
    json_set_bool(&gate, "satisfied", satisfied);
    json_append(&keeper->doc->root, "approvals_required", gate);
    if (satisfied && strncmp(resource, "graph.", 6) == 0)
        facts_approve(keeper->facts, resource + 6);
    warn_of_stale(keeper, change, satisfied);
}

static void judge(struct gatekeeper *keeper, const jv *change)
{
    struct change_facts facts = facts_of(keeper->facts, change);
    if (facts.operation != CHANGE_DELETE)
        return;
    if (facts.kind == CHANGE_GRAPH)
        add_gate(keeper, change,
                 "deletes the graph with all of its data, its schema and its queries");
    else if (facts.kind == CHANGE_SCHEMA && !facts.graph_deleted)
        add_gate(keeper, change, "deletes the recorded schema of a graph that is not deleted");
}

void gates_find(struct doc *doc, struct facts *facts)
{
    jv config = doc_peek(doc, "config");
    jv ledger = doc_has(doc, "sweep") ? doc_peek(doc, "ledger") : jv_invalid();
    jv state = json_get(&ledger, "state");
    jv sweep = doc_peek(doc, "sweep");
    jv consumed = json_get(&sweep, "consumed_approvals");
    struct gatekeeper keeper = {
        doc, facts, {json_peek_string(&config, "digest"), &state, &consumed}, jv_invalid()};
    keeper.unused = unused_approvals(&ledger, &keeper.context);
    doc_set(doc, "approvals_required", jv_array());
    jv changes = doc_peek(doc, "changes");
    for (int i = 0, n = jv_array_length(jv_copy(changes)); i < n; i++) {
        jv change = jv_array_get(jv_copy(changes), i);
        judge(&keeper, &change);
        jv_free(change);
    }
    jv_free(changes);
    jv_free(keeper.unused);
    jv_free(consumed);
    jv_free(sweep);
    jv_free(state);
    jv_free(ledger);
    jv_free(config);
}
