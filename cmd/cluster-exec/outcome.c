/* What the run comes to, for the report. */
#include "common/changes.h"
#include "exec.h"
#include "ledger/amend.h"

/* Nothing of an aborted run is recorded, so nothing of it is reported as applied. What its graphs
 * did is left to the next sweep. */
static void block_unrecorded(struct exec *exec)
{
    for (size_t i = 0; i < exec->n; i++) {
        struct change *change = &exec->changes[i];
        if (change->disposition == DISPOSITION_APPLIED ||
            change->disposition == DISPOSITION_DERIVED)
            change_block(change, exec->moving ? exec->abort_code : "skipped_after_failure", NULL);
    }
}

static void set_changes(struct exec *exec, jv *outcome)
{
    jv list = jv_array();
    int64_t applied = 0, deferred = 0;
    for (size_t i = 0; i < exec->n; i++) {
        struct change *change = &exec->changes[i];
        list = jv_array_append(list, jv_copy(change->json));
        applied += change->disposition == DISPOSITION_APPLIED;
        deferred += change->disposition == DISPOSITION_DEFERRED ||
                    change->disposition == DISPOSITION_BLOCKED;
    }
    if (exec->apply)
        json_set(outcome, "changes", list);
    else
        jv_free(list);
    json_set_int(outcome, "applied_count", applied);
    json_set_int(outcome, "deferred_count", deferred);
}

/* The ledger as it is on disk now. After an abort somebody else may have written it. */
static void set_state(struct exec *exec, jv *outcome)
{
    struct ledger ledger = {.state = jv_null()};
    struct error err = ERROR_INIT;
    if (exec->written) {
        json_set(outcome, "state", jv_copy(exec->state));
        json_set_string(outcome, "cas", exec->new_cas);
    } else if (exec->abort_code && exec->store && ledger_read(exec->store, &ledger, &err)) {
        json_set(outcome, "state", jv_copy(ledger.state));
        json_set_string(outcome, "cas", ledger.found ? ledger.cas : NULL);
    } else {
        bool known = !exec->abort_code && exec->found;
        json_set(outcome, "state", known ? jv_copy(exec->base) : jv_null());
        json_set_string(outcome, "cas", known ? exec->cas : NULL);
    }
    ledger_clear(&ledger);
    error_clear(&err);
}

void outcome_set(struct exec *exec)
{
    if (exec->abort_code && !exec->written)
        block_unrecorded(exec);
    jv outcome = jv_object();
    json_set_string(&outcome, "actor", exec->actor);
    set_changes(exec, &outcome);
    json_set_bool(&outcome, "converged", exec->converged && (exec->written || !exec->abort_code));
    json_set_bool(&outcome, "state_written", exec->written);
    set_state(exec, &outcome);
    doc_set(exec->doc, "outcome", outcome);
}
