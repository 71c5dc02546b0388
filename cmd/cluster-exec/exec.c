#include "exec.h"
#include "interrupt.h"

#include "common/actor.h"
#include "common/progress.h"
#include "common/xalloc.h"
#include "ledger/amend.h"
#include "ledger/lock.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool exec_abort(struct exec *exec, const char *code, const char *path, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    char *message = xvasprintf(format, ap);
    va_end(ap);
    doc_error(exec->doc, code, path, "%s", message);
    free(message);
    doc_halt(exec->doc);
    if (!exec->abort_code)
        exec->abort_code = code;
    return false;
}

bool exec_abort_error(struct exec *exec, const char *path, struct error *err)
{
    exec_abort(exec, err->code ? err->code : "state_write_error", path, "%s", error_text(err));
    error_clear(err);
    return false;
}

bool exec_interrupted(struct exec *exec)
{
    int number = exec->interrupted ? 0 : interrupt_pending();
    if (number) {
        exec->interrupted = true;
        exec->stopped = true;
        doc_error(
            exec->doc, "interrupted", "",
            "the run was interrupted (SIG%s) and began nothing further; what had been done is "
            "recorded, apply again for the rest",
            sigabbrev_np(number));
    }
    return exec->interrupted;
}

bool exec_fence(struct exec *exec)
{
    struct error err = ERROR_INIT;
    if (!exec->lock_id || lock_is_ours(exec->store, exec->lock_id, &err))
        return true;
    return exec_abort_error(exec, LEDGER_LOCK, &err);
}

/* {address: resource} of the section, which may be absent. */
static jv index_resources(const struct doc *doc)
{
    jv index = jv_object();
    jv list = doc_peek(doc, "resources");
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    for (int i = 0; i < n; i++) {
        jv resource = jv_array_get(jv_copy(list), i);
        json_set(&index, json_peek_string(&resource, "address"), jv_copy(resource));
        jv_free(resource);
    }
    jv_free(list);
    return index;
}

static char *copy_string(const jv *object, const char *key)
{
    const char *text = json_peek_string(object, key);
    return text ? xstrdup(text) : NULL;
}

static jv section_or(const struct doc *doc, const char *name, jv otherwise)
{
    jv section = doc_peek(doc, name);
    if (!jv_is_valid(section))
        return otherwise;
    jv_free(otherwise);
    return section;
}

/* The lock that is held for this run, if any. A document without one runs as if the configuration
 * had said `lock: false`, and says so. */
static void read_lock(struct exec *exec)
{
    jv lock = doc_peek(exec->doc, "lock");
    if (json_peek_bool(&lock, "acquired", false))
        exec->lock_id = copy_string(&lock, "lock_id");
    jv_free(lock);
    if (!exec->lock_id && !doc_has_diag(exec->doc, "state_lock_disabled"))
        doc_warning(exec->doc, "state_lock_disabled", LEDGER_LOCK,
                    "no lock is held for this run; two at once are told apart only when the ledger "
                    "is written");
}

static bool check_ledger(struct exec *exec, const jv *ledger, bool plan)
{
    struct error err = ERROR_INIT;
    if (exec->apply && !exec->found && plan)
        return exec_abort(exec, "state_missing", LEDGER_STATE,
                          "the plan was made when this store had no ledger; run 'cluster import' "
                          "if there is none yet, then plan again");
    if (exec->apply && !exec->found)
        return exec_abort(exec, "state_missing", LEDGER_STATE,
                          "this store has no ledger yet; run 'cluster import' once to make one");
    if (!ledger_state_check(&exec->state, &err) ||
        (exec->found && !ledger_state_check(&exec->base, &err)))
        return exec_abort_error(exec, LEDGER_STATE, &err);
    if (exec->found && !json_peek_string(ledger, "cas"))
        return exec_abort(exec, "stage_input_missing", "ledger.cas",
                          "the document has a ledger but not its CAS; run cluster-sweep again");
    return true;
}

static bool open_run(struct exec *exec, const struct exec_options *options)
{
    jv ledger = doc_peek(exec->doc, "ledger");
    exec->found = json_peek_bool(&ledger, "found", false);
    exec->cas = copy_string(&ledger, "cas");
    exec->state = json_get(&ledger, "state");
    exec->base = json_get(&ledger, "base");
    exec->config = doc_peek(exec->doc, "config");
    exec->driver = copy_string(&exec->config, "driver");
    exec->resources = index_resources(exec->doc);
    exec->dependencies = section_or(exec->doc, "dependencies", jv_array());
    exec->sources = section_or(exec->doc, "sources", jv_object());
    exec->sweep = section_or(exec->doc, "sweep", jv_object());
    exec->progress = progress_wanted(options->progress);

    jv where = doc_peek(exec->doc, "store");
    struct error err = ERROR_INIT;
    bool ok = store_open(json_peek_string(&where, "root"), &exec->store, &err) == STORE_OK;
    jv_free(where);
    if (!ok)
        ok = exec_abort(exec, "state_read_error", LEDGER_STATE, "%s", error_text(&err));
    else
        ok = check_ledger(exec, &ledger, options->plan);
    error_clear(&err);
    if (!actor_find(options->as, &exec->actor, &err))
        doc_warning(exec->doc, "actor_unknown", "", "nobody is named as the actor of this run: %s",
                    error_text(&err));
    error_clear(&err);
    jv_free(ledger);
    return ok;
}

static void exec_free(struct exec *exec)
{
    changes_free(exec);
    jv_free(exec->state);
    jv_free(exec->base);
    jv_free(exec->config);
    jv_free(exec->resources);
    jv_free(exec->dependencies);
    jv_free(exec->sources);
    jv_free(exec->sweep);
    jv_free(exec->completed);
    jv_free(exec->consumed);
    free(exec->driver);
    free(exec->actor);
    free(exec->lock_id);
    free(exec->cas);
    if (exec->store)
        store_close(exec->store);
}

static bool have_sections(struct doc *doc, bool apply)
{
    return doc_need(doc, "config") && doc_need(doc, "store") && doc_need(doc, "ledger") &&
           (!apply || (doc_need(doc, "resources") && doc_need(doc, "dependencies") &&
                       doc_need(doc, "sources") && doc_need(doc, "sweep")));
}

static void apply(struct exec *exec, bool plan)
{
    if ((plan && !plan_file_is_current(exec)) || !changes_load(exec) || !checks_pass(exec))
        return;
    exec->moving = true;
    if (graphs_create(exec) && graphs_migrate(exec) && catalog_publish(exec) &&
        graphs_delete(exec)) {
        record_changes(exec);
        (void)ledger_commit(exec); /* an abort is in the document and the outcome */
    }
}

void exec_run(struct doc *doc, const struct exec_options *options)
{
    struct exec exec = {.doc = doc, .apply = options->plan || doc_has(doc, "changes")};
    if (options->plan)
        plan_file_open(doc);
    if ((options->plan && !doc_need(doc, "changes")) || !have_sections(doc, exec.apply))
        return;
    exec.index = jv_object();
    exec.completed = jv_array();
    exec.consumed = jv_array();
    if (open_run(&exec, options)) {
        read_lock(&exec);
        interrupt_defer();
        if (exec.apply)
            apply(&exec, options->plan);
        else if (!exec.found && doc_has_errors(doc))
            doc_halt(doc); /* a first ledger must not begin with what went wrong */
        else
            (void)ledger_commit(&exec);
    }
    outcome_set(&exec);
    exec_free(&exec);
}
