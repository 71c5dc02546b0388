/* Executing a saved plan: exactly what was reviewed, or nothing. */
#include "exec.h"

#include <string.h>

/* A warning that cluster-lock, which ran just now, may have added to the plan's own: the last of
 * its code, for the plan may have been made under the lock too. */
static bool is_of_this_run(const jv *all, int at)
{
    jv diag = jv_array_get(jv_copy(*all), at);
    const char *code = json_peek_string(&diag, "code");
    bool is = json_string_is(&diag, "code", "state_lock_recovered") ||
              json_string_is(&diag, "code", "state_lock_disabled");
    for (int i = at + 1, n = jv_array_length(jv_copy(*all)); is && i < n; i++) {
        jv later = jv_array_get(jv_copy(*all), i);
        is = !json_string_is(&later, "code", code);
        jv_free(later);
    }
    jv_free(diag);
    return is;
}

/* The lock that was held, or seen held, while planning says nothing of this run. */
static void drop_lock_of_planning(struct doc *doc)
{
    jv lock = doc_peek(doc, "lock");
    bool is_held_now =
        json_peek_bool(&lock, "acquired", false) && !json_string_is(&lock, "operation", "plan");
    jv_free(lock);
    if (!is_held_now)
        json_delete(&doc->root, "lock");
}

void plan_file_open(struct doc *doc)
{
    jv all = doc_take(doc, "diagnostics");
    jv kept = jv_array();
    int n = jv_get_kind(all) == JV_KIND_ARRAY ? jv_array_length(jv_copy(all)) : 0;
    for (int i = 0; i < n; i++) {
        jv diag = jv_array_get(jv_copy(all), i);
        if (json_string_is(&diag, "severity", "error") || is_of_this_run(&all, i))
            kept = jv_array_append(kept, jv_copy(diag));
        jv_free(diag);
    }
    jv_free(all);
    doc_set(doc, "diagnostics", kept);
    drop_lock_of_planning(doc);
}

static bool stale(struct exec *exec, const char *why)
{
    return exec_abort(exec, "plan_stale", LEDGER_STATE,
                      "the plan cannot be applied: %s; plan again and review that", why);
}

bool plan_file_is_current(struct exec *exec)
{
    struct ledger ledger = {.state = jv_null()};
    struct error err = ERROR_INIT;
    bool ok;
    if (!ledger_read(exec->store, &ledger, &err))
        ok = exec_abort_error(exec, LEDGER_STATE, &err);
    else if (!ledger.found || strcmp(ledger.cas, exec->cas) != 0)
        ok = stale(exec, "the ledger has changed since it was made");
    else
        ok = true;
    ledger_clear(&ledger);
    if (!ok)
        return false;

    struct diags diags;
    diags_init(&diags);
    bool unreadable = false;
    jv sidecars = ledger_read_sidecars(exec->store, &diags, &unreadable);
    bool pending = unreadable || diags.errors > 0 || jv_array_length(jv_copy(sidecars)) > 0;
    jv_free(sidecars);
    doc_add_diags(exec->doc, &diags);
    diags_free(&diags);
    return !pending || stale(exec, "an interrupted operation is to be recovered first (run apply "
                                   "without a plan, or refresh)");
}
