#include "observe.h"

#include "catalog.h"
#include "common/address.h"
#include "common/composite.h"
#include "common/progress.h"
#include "graphs.h"
#include "ledger/amend.h"
#include "ledger/ledger.h"
#include "store/store.h"

#include <stdlib.h>

/* The configuration's schema digests, {graph id: digest}, and in order the graphs it names. */
struct desired {
    jv schemas;
    jv graphs;
};

static struct desired desired_graphs(const struct doc *doc)
{
    struct desired desired = {jv_object(), jv_array()};
    jv resources = doc_peek(doc, "resources");
    for (int i = 0, n = jv_array_length(jv_copy(resources)); i < n; i++) {
        jv resource = jv_array_get(jv_copy(resources), i);
        struct address address;
        if (address_parse(json_peek_string(&resource, "address"), &address)) {
            if (address.kind == ADDRESS_GRAPH)
                desired.graphs = jv_array_append(desired.graphs, jv_string(address.graph));
            if (address.kind == ADDRESS_SCHEMA)
                json_set(&desired.schemas, address.graph, json_get(&resource, "digest"));
            address_clear(&address);
        }
        jv_free(resource);
    }
    jv_free(resources);
    return desired;
}

/* The graphs of kept sidecars, as an object's keys. */
static jv pending_graphs(const struct doc *doc)
{
    jv set = jv_object();
    jv sweep = doc_peek(doc, "sweep");
    jv list = json_get(&sweep, "pending_graphs");
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    for (int i = 0; i < n; i++)
        set = jv_object_set(set, jv_array_get(jv_copy(list), i), jv_true());
    jv_free(list);
    jv_free(sweep);
    return set;
}

static void observe_graphs(struct doc *doc, struct graph_observer *o, bool progress)
{
    struct desired desired = desired_graphs(doc);
    jv pending = pending_graphs(doc);
    for (int i = 0, n = jv_array_length(jv_copy(desired.graphs)); i < n; i++) {
        jv graph = jv_array_get(jv_copy(desired.graphs), i);
        const char *id = jv_string_value(graph);
        progress_say(progress, "observing graph.%s", id);
        graph_observe(o, id, json_peek_string(&desired.schemas, id), json_has(&pending, id));
        jv_free(graph);
    }
    jv_free(pending);
    jv_free(desired.graphs);
    jv_free(desired.schemas);
}

static struct store *open_store(struct doc *doc)
{
    struct store *store = NULL;
    struct error err = ERROR_INIT;
    jv where = doc_peek(doc, "store");
    if (store_open(json_peek_string(&where, "root"), &store, &err) != STORE_OK) {
        doc_error(doc, "state_read_error", LEDGER_STATE, "%s", error_text(&err));
        doc_halt(doc);
        store = NULL;
    }
    jv_free(where);
    error_clear(&err);
    return store;
}

/* Amends the ledger to all that is there. False: there is none, or none that can be amended. */
static bool observe_all(struct doc *doc, struct graph_observer *o, bool progress)
{
    struct error err = ERROR_INIT;
    bool ok = false;
    if (jv_get_kind(*o->state) != JV_KIND_OBJECT) {
        diags_error(o->diags, "state_missing", LEDGER_STATE,
                    "there is no ledger to record observations in; run 'cluster import' once");
    } else if (!ledger_state_check(o->state, &err)) {
        diags_error(o->diags, err.code, LEDGER_STATE, "%s", error_text(&err));
    } else {
        progress_say(progress, "verifying the catalog");
        catalog_verify(o->store, o->state, true, o->diags);
        observe_graphs(doc, o, progress);
        jv resources = amend_take_resources(o->state);
        composite_refresh_all(&resources);
        amend_put_resources(o->state, resources);
        ok = true;
    }
    error_clear(&err);
    return ok;
}

void observe(struct doc *doc, bool progress)
{
    if (!doc_need(doc, "config") || !doc_need(doc, "store") || !doc_need(doc, "resources") ||
        !doc_need(doc, "ledger"))
        return;
    struct store *store = open_store(doc);
    if (!store)
        return;
    jv ledger = doc_take(doc, "ledger");
    jv state = json_take(&ledger, "state");
    jv config = doc_peek(doc, "config");
    struct diags diags;
    diags_init(&diags);
    struct graph_observer observer = {store, json_peek_string(&config, "driver"), &state, &diags};
    if (!observe_all(doc, &observer, progress))
        doc_halt(doc);
    json_set(&ledger, "state", state);
    bool import = !json_peek_bool(&ledger, "found", false);
    doc_set(doc, "ledger", ledger);
    doc_add_diags(doc, &diags);
    if (import && doc_has_errors(doc))
        doc_halt(doc); /* a first ledger must not begin with what could not be seen */
    diags_free(&diags);
    jv_free(config);
    store_close(store);
}

void observe_catalog(struct doc *doc)
{
    if (!doc_need(doc, "store") || !doc_need(doc, "ledger"))
        return;
    jv ledger = doc_peek(doc, "ledger");
    jv state = json_get(&ledger, "state");
    jv_free(ledger);
    if (jv_get_kind(state) == JV_KIND_OBJECT) {
        struct store *store = open_store(doc);
        if (store) {
            struct diags diags;
            diags_init(&diags);
            catalog_verify(store, &state, false, &diags);
            doc_add_diags(doc, &diags);
            diags_free(&diags);
            store_close(store);
        }
    }
    jv_free(state);
}
