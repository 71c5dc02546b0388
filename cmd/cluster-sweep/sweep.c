#include "sweep.h"

#include "common/address.h"
#include "ledger/ledger.h"
#include "ledger/lock.h"
#include "recover.h"
#include "store/store.h"

#include <stdlib.h>

/* What was read: the sections' raw material. */
struct found {
    struct ledger ledger;
    jv sidecars, approvals;
};

static void set_sections(struct doc *doc, const struct found *found, jv state,
                         const struct recovery *r)
{
    jv ledger = jv_object();
    const struct ledger *read = &found->ledger;
    json_set_bool(&ledger, "found", read->found);
    json_set_string(&ledger, "cas", read->cas[0] ? read->cas : NULL);
    json_set(&ledger, "base", read->found ? jv_copy(read->state) : jv_null());
    json_set(&ledger, "state", state);
    json_set(&ledger, "approvals", jv_copy(found->approvals));
    json_set(&ledger, "sidecars", jv_copy(found->sidecars));
    doc_set(doc, "ledger", ledger);

    jv section = jv_object();
    json_set(&section, "completed", jv_copy(r->completed));
    json_set(&section, "pending_graphs", json_sorted_keys(&r->pending));
    json_set(&section, "consumed_approvals", jv_copy(r->consumed));
    doc_set(doc, "sweep", section);
}

/* Nobody took the lock: say whether somebody else holds it. err is set if that cannot be told. */
static void observe_lock(struct doc *doc, struct store *store, struct error *err)
{
    bool held = false;
    jv observed;
    (void)lock_observe(store, &held, &observed, err);
    jv lock = jv_object();
    json_set_bool(&lock, "acquired", false);
    json_set_string(&lock, "operation", "");
    char *path = store_location(store, LEDGER_LOCK);
    json_set_string(&lock, "path", path);
    free(path);
    if (held)
        json_set(&lock, "observed", observed);
    else
        jv_free(observed);
    doc_set(doc, "lock", lock);
}

/* Reading only: every sidecar closes its graph, without asking what is really there. */
static void warn_of_sidecars(struct recovery *r, const jv *sidecars)
{
    for (int i = 0, n = jv_array_length(jv_copy(*sidecars)); i < n; i++) {
        jv sidecar = jv_array_get(jv_copy(*sidecars), i);
        const char *graph = json_peek_string(&sidecar, "graph_id");
        char *path = address_graph(graph);
        diags_warning(&r->diags, "cluster_recovery_pending", path,
                      "operation %s (%s) on graph '%s', begun %s, did not finish; the next apply, "
                      "refresh or import settles it",
                      json_peek_string(&sidecar, "operation_id"),
                      json_peek_string(&sidecar, "kind"), graph,
                      json_peek_string(&sidecar, "started_at"));
        free(path);
        json_set_bool(&r->pending, graph, true);
        jv_free(sidecar);
    }
}

static void settle_all(struct recovery *r, const struct found *found)
{
    for (int i = 0, n = jv_array_length(jv_copy(found->approvals)); i < n; i++) {
        jv artifact = jv_array_get(jv_copy(found->approvals), i);
        recover_approval(r, &artifact);
        jv_free(artifact);
    }
    for (int i = 0, n = jv_array_length(jv_copy(found->sidecars)); i < n; i++) {
        jv sidecar = jv_array_get(jv_copy(found->sidecars), i);
        recover_sidecar(r, &sidecar);
        jv_free(sidecar);
    }
}

/* Whether there is a ledger must fit the command. False: it does not, and the work ends here. */
static bool ledger_fits(struct doc *doc, const struct sweep_options *options, bool exists)
{
    if (options->read_only || exists != options->import)
        return true;
    if (!exists)
        doc_error(doc, "state_missing", LEDGER_STATE,
                  "this store has no ledger yet; run 'cluster import' once to make one");
    else if (options->if_missing)
        doc_warning(doc, "state_already_exists", LEDGER_STATE,
                    "this store has a ledger already; nothing was imported");
    else
        doc_error(doc, "state_already_exists", LEDGER_STATE,
                  "this store has a ledger already; run 'cluster refresh' to update it");
    doc_halt(doc);
    return false;
}

static jv starting_state(const struct sweep_options *options, const struct ledger *ledger)
{
    if (ledger->found)
        return jv_copy(ledger->state);
    return options->read_only || !options->import ? jv_null() : ledger_state_empty();
}

static void sweep_store(struct doc *doc, const struct sweep_options *options, struct store *store,
                        const char *driver)
{
    struct found found = {.sidecars = jv_array(), .approvals = jv_array()};
    struct error err = ERROR_INIT;
    bool readable = ledger_read(store, &found.ledger, &err);
    struct recovery r;
    recovery_init(&r, store, driver, readable ? starting_state(options, &found.ledger) : jv_null());
    if (!readable) {
        doc_error(doc, err.code, LEDGER_STATE, "%s", error_text(&err));
        doc_halt(doc);
        goto out;
    }
    jv_free(found.sidecars);
    found.sidecars = ledger_read_sidecars(store, &r.diags, NULL);
    bool blind = r.diags.errors > 0; /* the folder cannot be listed: anything may be pending */
    jv_free(found.approvals);
    found.approvals = ledger_read_approvals(store, &r.diags);
    if (!ledger_fits(doc, options, found.ledger.found))
        goto out;
    if (options->read_only) {
        warn_of_sidecars(&r, &found.sidecars);
    } else if (blind) {
        doc_halt(doc);
    } else {
        store_remove_stale_temporaries(store);
        settle_all(&r, &found);
    }
out:
    set_sections(doc, &found, jv_copy(r.state), &r);
    doc_add_diags(doc, &r.diags);
    recovery_free(&r);
    ledger_clear(&found.ledger);
    jv_free(found.sidecars);
    jv_free(found.approvals);
    error_clear(&err);
}

void sweep(struct doc *doc, const struct sweep_options *options)
{
    if (!doc_need(doc, "store") || (!options->read_only && !doc_need(doc, "config")))
        return;
    jv where = doc_peek(doc, "store");
    jv config = doc_peek(doc, "config");
    const char *driver = json_peek_string(&config, "driver");
    struct store *store = NULL;
    struct error err = ERROR_INIT;
    if (store_open(json_peek_string(&where, "root"), &store, &err) != STORE_OK) {
        doc_error(doc, "state_read_error", LEDGER_STATE, "%s", error_text(&err));
        doc_halt(doc);
    } else {
        if (!doc_has(doc, "lock"))
            observe_lock(doc, store, &err);
        sweep_store(doc, options, store, driver ? driver : "");
        /* A store that cannot be read is one matter, and has been said of its ledger. */
        if (err.message && !doc_has_diag(doc, "state_read_error"))
            doc_warning(doc, err.code, LEDGER_LOCK, "%s", error_text(&err));
        store_close(store);
    }
    error_clear(&err);
    jv_free(where);
    jv_free(config);
}
