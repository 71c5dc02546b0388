#include "warnings.h"

#include "view.h"

#include <string.h>

/* True if a stage has said that something stands where the lock belongs which it could not read. */
static bool is_unreadable(const struct doc *doc)
{
    return doc_has_diag(doc, "invalid_state_lock") ||
           doc_has_diag(doc, "unsupported_state_lock_version") ||
           doc_has_diag(doc, "state_lock_read_error");
}

static void warn_of_lock(struct doc *doc, const struct view *view)
{
    jv held = view_held_lock(view);
    const char *operation = json_peek_string(&held, "operation");
    const char *id = json_peek_string(&held, "lock_id");
    if (!jv_is_valid(held))
        return;
    if (!id && is_unreadable(doc)) {
        /* has been said */
    } else if (json_peek_bool(&held, "stale", false))
        doc_warning(doc, "state_lock_stale", "__cluster/lock.json",
                    "the lock %s was left by %s, which is dead; the next command that takes the "
                    "lock recovers it",
                    id ? id : "", operation ? operation : "a command");
    else
        doc_warning(doc, "state_lock_held", "__cluster/lock.json",
                    "%s holds the lock%s%s, so the ledger may change before this plan is applied; "
                    "plan again when it is done",
                    operation ? operation : "somebody", id ? " " : "", id ? id : "");
    jv_free(held);
}

static bool has_condition(const jv *status, const char *condition)
{
    bool has = false;
    jv conditions = json_get(status, "conditions");
    int n = jv_get_kind(conditions) == JV_KIND_ARRAY ? jv_array_length(jv_copy(conditions)) : 0;
    for (int i = 0; !has && i < n; i++) {
        jv text = jv_array_get(jv_copy(conditions), i);
        has = jv_get_kind(text) == JV_KIND_STRING && strcmp(jv_string_value(text), condition) == 0;
        jv_free(text);
    }
    jv_free(conditions);
    return has;
}

static void warn_of_empty_graphs(struct doc *doc, const struct view *view)
{
    jv statuses = view_map(view, "resource_statuses");
    jv changes = doc_peek(doc, "changes");
    for (int i = 0, n = jv_is_valid(changes) ? jv_array_length(jv_copy(changes)) : 0; i < n; i++) {
        jv change = jv_array_get(jv_copy(changes), i);
        const char *resource = json_peek_string(&change, "resource");
        jv status = json_get(&statuses, resource);
        if (strncmp(resource, "graph.", 6) == 0 && json_string_is(&change, "operation", "create") &&
            has_condition(&status, "graph_missing"))
            doc_warning(doc, "graph_missing", resource,
                        "%s has no root in the store; apply creates it empty, and brings back no "
                        "data: if there was some, restore the root first and refresh",
                        resource);
        jv_free(status);
        jv_free(change);
    }
    jv_free(changes);
    jv_free(statuses);
}

static void warn_of_no_ledger(struct doc *doc, const struct view *view)
{
    if (jv_is_valid(view->ledger) && !json_peek_bool(&view->ledger, "found", false) &&
        !doc_has_diag(doc, "state_missing"))
        doc_warning(doc, "state_missing", "__cluster/state.json",
                    "there is no ledger yet; run cluster import to make the first one");
}

static void warn_of_no_lock(struct doc *doc, const struct view *view)
{
    if (!json_peek_bool(&view->lock, "acquired", false) &&
        !doc_has_diag(doc, "state_lock_disabled"))
        doc_warning(doc, "state_lock_disabled", "__cluster/lock.json",
                    "the run did not hold the lock; run it under cluster-lock to keep others out");
}

void warnings_add(struct doc *doc, enum report_command command)
{
    if (doc_halted(doc))
        return;
    struct view view;
    view_open(&view, doc);
    switch (command) {
    case REPORT_PLAN:
        warn_of_lock(doc, &view);
        warn_of_empty_graphs(doc, &view);
        break;
    case REPORT_STATUS:
        warn_of_no_ledger(doc, &view);
        break;
    case REPORT_APPLY:
    case REPORT_APPROVE:
    case REPORT_REFRESH:
    case REPORT_IMPORT:
        warn_of_no_lock(doc, &view);
        break;
    case REPORT_VALIDATE:
    case REPORT_FORCE_UNLOCK:
        break;
    }
    view_close(&view);
}
