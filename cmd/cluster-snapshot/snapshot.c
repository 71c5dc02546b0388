#include "snapshot.h"

#include "common/address.h"
#include "common/failpoint.h"
#include "findings.h"
#include "ledger/graph_root.h"
#include "ledger/ledger.h"
#include "payloads.h"

#include <stdlib.h>
#include <string.h>

/* How often to begin again when the ledger is replaced under us. */
enum { ATTEMPTS = 5 };

struct snapshot {
    struct store *store;
    struct findings findings;
    jv recorded; /* the ledger's applied_revision.resources */
    jv texts;    /* address -> text of its blob */
};

static void note_sidecars(struct snapshot *snapshot)
{
    bool unreadable = false;
    jv sidecars = ledger_read_sidecars(snapshot->store, &snapshot->findings.cluster, &unreadable);
    for (int i = 0, n = jv_array_length(jv_copy(sidecars)); i < n; i++) {
        jv sidecar = jv_array_get(jv_copy(sidecars), i);
        const char *graph = json_peek_string(&sidecar, "graph_id");
        char *address = address_graph(graph);
        findings_add(&snapshot->findings, graph, "cluster_recovery_pending", address,
                     "the operation %s (%s) on %s was interrupted and is not settled; run cluster "
                     "refresh or cluster apply",
                     json_peek_string(&sidecar, "operation_id"), json_peek_string(&sidecar, "kind"),
                     address);
        free(address);
        jv_free(sidecar);
    }
    jv_free(sidecars);
    if (unreadable)
        diags_error(&snapshot->findings.cluster, "cluster_recovery_pending", LEDGER_RECOVERIES,
                    "a recovery sidecar cannot be read, so nobody can say which graph it is about; "
                    "look at the warnings, settle it, and remove the file");
}

static void check_policies(struct snapshot *snapshot)
{
    jv keys = json_sorted_keys(&snapshot->recorded);
    for (int i = 0, n = jv_array_length(jv_copy(keys)); i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        jv entry = json_get(&snapshot->recorded, jv_string_value(key));
        if (strncmp(jv_string_value(key), "policy.", 7) == 0 && !json_has(&entry, "applies_to"))
            diags_error(&snapshot->findings.cluster, "policy_bindings_missing",
                        jv_string_value(key),
                        "the ledger does not record what %s applies to; run cluster apply, which "
                        "records it",
                        jv_string_value(key));
        jv_free(entry);
        jv_free(key);
    }
    jv_free(keys);
}

static bool has_graphs(const jv *recorded)
{
    for (int i = jv_object_iter(*recorded); jv_object_iter_valid(*recorded, i);
         i = jv_object_iter_next(*recorded, i)) {
        jv key = jv_object_iter_key(*recorded, i);
        bool graph = strncmp(jv_string_value(key), "graph.", 6) == 0;
        jv_free(key);
        if (graph)
            return true;
    }
    return false;
}

static void look(struct snapshot *snapshot, const jv *state)
{
    jv revision = json_get(state, "applied_revision");
    jv_free(snapshot->recorded);
    snapshot->recorded = json_get(&revision, "resources");
    jv_free(revision);
    note_sidecars(snapshot);
    check_policies(snapshot);
    jv_free(snapshot->texts);
    snapshot->texts = payloads_fetch(snapshot->store, &snapshot->recorded, &snapshot->findings);
    if (!has_graphs(&snapshot->recorded))
        diags_error(&snapshot->findings.cluster, "cluster_empty", LEDGER_STATE,
                    "the ledger records no graph, so there is nothing to serve; run cluster apply");
}

static void forget(struct snapshot *snapshot)
{
    findings_free(&snapshot->findings);
    jv_free(snapshot->recorded);
    jv_free(snapshot->texts);
    snapshot->recorded = jv_object();
    snapshot->texts = jv_object();
    findings_init(&snapshot->findings);
}

/* True if the ledger still is the one that was read. */
static bool unchanged_since(struct snapshot *snapshot, const struct ledger *before)
{
    struct ledger now;
    struct error err = ERROR_INIT;
    bool same = FAILPOINT("cluster_snapshot.before_second_look", &err);
    same = ledger_read(snapshot->store, &now, &err) && same && now.found &&
           strcmp(before->cas, now.cas) == 0;
    ledger_clear(&now);
    error_clear(&err);
    return same;
}

/* One reading; true if the ledger was the same after it as before, so that all of it fits. */
static bool read_once(struct snapshot *snapshot)
{
    struct ledger before;
    struct error err = ERROR_INIT;
    bool settled = true;
    if (!ledger_read(snapshot->store, &before, &err)) {
        diags_error(&snapshot->findings.cluster, err.code, LEDGER_STATE, "%s", error_text(&err));
        /* A store that cannot be read is one matter. */
        if (strcmp(err.code, "state_read_error") != 0)
            note_sidecars(snapshot);
    } else if (!before.found) {
        diags_error(&snapshot->findings.cluster, "cluster_state_missing", LEDGER_STATE,
                    "there is no ledger, so nothing was ever applied; run cluster import and then "
                    "cluster apply");
        note_sidecars(snapshot);
    } else {
        look(snapshot, &before.state);
        /* Operations write their sidecar before and the ledger after they move a graph, so with
         * the same ledger on both sides none came and went unseen. */
        settled = unchanged_since(snapshot, &before);
    }
    ledger_clear(&before);
    error_clear(&err);
    return settled;
}

static void read_settled(struct snapshot *snapshot)
{
    for (int attempt = 1; !read_once(snapshot); attempt++) {
        forget(snapshot);
        if (attempt == ATTEMPTS) {
            diags_error(&snapshot->findings.cluster, "state_cas_mismatch", LEDGER_STATE,
                        "the ledger was replaced during each of %d readings; try again when the "
                        "running commands are done",
                        ATTEMPTS);
            return;
        }
    }
}

/* ---- what is served ---- */

static void add_graph(jv *out, const struct snapshot *snapshot, const char *graph)
{
    char *root = graph_root_location(snapshot->store, graph);
    jv entry = jv_object();
    json_set_string(&entry, "graph_id", graph);
    json_set_string(&entry, "root", root);
    json_append(out, "graphs", entry);
    free(root);
}

static void add_query(jv *out, const struct snapshot *snapshot, const struct address *address,
                      const char *text, const jv *recorded)
{
    char *graph = address_graph(address->graph);
    bool known = json_has(&snapshot->recorded, graph);
    if (known) {
        jv entry = jv_object();
        json_set_string(&entry, "graph_id", address->graph);
        json_set_string(&entry, "name", address->name);
        json_set(&entry, "digest", json_get(recorded, "digest"));
        json_set(&entry, "source", json_get(&snapshot->texts, text));
        json_append(out, "queries", entry);
    } else {
        jv diag = diag_make(SEVERITY_WARNING, "dangling_graph_reference", text,
                            "its graph is not recorded, so it is left out; run cluster apply");
        json_append(out, "diagnostics", diag);
    }
    free(graph);
}

/* The bindings without the graphs that are left out; *any tells whether some remain. */
static jv kept_bindings(const struct snapshot *snapshot, const jv *recorded, bool *any)
{
    jv bindings = json_get(recorded, "applies_to");
    jv kept = jv_array();
    int n = jv_array_length(jv_copy(bindings));
    *any = n == 0;
    for (int i = 0; i < n; i++) {
        jv binding = jv_array_get(jv_copy(bindings), i);
        const char *text = jv_string_value(binding);
        if (strncmp(text, "graph.", 6) == 0 && findings_has(&snapshot->findings, text + 6)) {
            jv_free(binding);
            continue;
        }
        kept = jv_array_append(kept, binding);
        *any = true;
    }
    jv_free(bindings);
    return kept;
}

static void add_policy(jv *out, const struct snapshot *snapshot, const char *name, const char *text,
                       const jv *recorded)
{
    bool any;
    jv bindings = kept_bindings(snapshot, recorded, &any);
    if (!any) {
        jv_free(bindings);
        return;
    }
    jv entry = jv_object();
    json_set_string(&entry, "name", name);
    json_set(&entry, "digest", json_get(recorded, "digest"));
    json_set(&entry, "source", json_get(&snapshot->texts, text));
    json_set(&entry, "applies_to", bindings);
    json_append(out, "policies", entry);
}

static void add_resource(jv *out, const struct snapshot *snapshot, const char *text,
                         const jv *recorded)
{
    struct address address;
    if (!address_parse(text, &address))
        return;
    if (address.kind == ADDRESS_POLICY)
        add_policy(out, snapshot, address.name, text, recorded);
    else if (!findings_has(&snapshot->findings, address.graph)) {
        if (address.kind == ADDRESS_GRAPH)
            add_graph(out, snapshot, address.graph);
        else if (address.kind == ADDRESS_QUERY)
            add_query(out, snapshot, &address, text, recorded);
    }
    address_clear(&address);
}

static void add_all(jv *out, const struct snapshot *snapshot)
{
    jv keys = json_sorted_keys(&snapshot->recorded);
    for (int i = 0, n = jv_array_length(jv_copy(keys)); i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        jv entry = json_get(&snapshot->recorded, jv_string_value(key));
        add_resource(out, snapshot, jv_string_value(key), &entry);
        jv_free(entry);
        jv_free(key);
    }
    jv_free(keys);
}

/* ---- the verdict ---- */

static jv output_begin(bool quarantine, struct diags *diags)
{
    jv out = jv_object();
    json_set(&out, "graphs", jv_array());
    json_set(&out, "queries", jv_array());
    json_set(&out, "policies", jv_array());
    if (quarantine)
        json_set(&out, "quarantined", jv_array());
    json_set(&out, "diagnostics", diags->list);
    diags_init(diags);
    return out;
}

static void append_all(jv *out, const char *key, jv list)
{
    json_set(out, key, jv_array_concat(json_take(out, key), list));
}

/* What is wrong with single graphs: with quarantine beside the output, else part of the refusal. */
static void add_graph_findings(jv *out, const struct snapshot *snapshot, bool quarantine)
{
    jv graphs = json_sorted_keys(&snapshot->findings.graphs);
    for (int i = 0, n = jv_array_length(jv_copy(graphs)); i < n; i++) {
        jv graph = jv_array_get(jv_copy(graphs), i);
        jv reasons = json_get(&snapshot->findings.graphs, jv_string_value(graph));
        if (quarantine) {
            jv entry = jv_object();
            json_set(&entry, "graph_id", graph);
            json_set(&entry, "reasons", reasons);
            json_append(out, "quarantined", entry);
        } else {
            append_all(out, "diagnostics", reasons);
            jv_free(graph);
        }
    }
    jv_free(graphs);
}

/* True if some recorded graph has nothing wrong with it. */
static bool any_healthy(const struct snapshot *snapshot)
{
    bool healthy = false;
    for (int i = jv_object_iter(snapshot->recorded);
         !healthy && jv_object_iter_valid(snapshot->recorded, i);
         i = jv_object_iter_next(snapshot->recorded, i)) {
        jv key = jv_object_iter_key(snapshot->recorded, i);
        healthy = strncmp(jv_string_value(key), "graph.", 6) == 0 &&
                  !findings_has(&snapshot->findings, jv_string_value(key) + 6);
        jv_free(key);
    }
    return healthy;
}

static bool has_error(const jv *out)
{
    bool error = false;
    jv list = json_get(out, "diagnostics");
    for (int i = 0, n = jv_array_length(jv_copy(list)); !error && i < n; i++) {
        jv diag = jv_array_get(jv_copy(list), i);
        error = json_string_is(&diag, "severity", "error");
        jv_free(diag);
    }
    jv_free(list);
    return error;
}

jv snapshot_take(struct store *store, bool quarantine, struct diags *diags)
{
    struct snapshot snapshot = {.store = store, .recorded = jv_object(), .texts = jv_object()};
    findings_init(&snapshot.findings);
    read_settled(&snapshot);
    if (quarantine && has_graphs(&snapshot.recorded) && !any_healthy(&snapshot))
        diags_error(&snapshot.findings.cluster, "cluster_no_healthy_graphs", LEDGER_STATE,
                    "something is wrong with every graph, so there is nothing to serve; "
                    "`quarantined` says what");
    jv out = output_begin(quarantine, diags);
    append_all(&out, "diagnostics", jv_copy(snapshot.findings.cluster.list));
    add_graph_findings(&out, &snapshot, quarantine);
    bool refused = has_error(&out);
    if (!refused)
        add_all(&out, &snapshot);
    json_set_bool(&out, "ok", !refused);
    findings_free(&snapshot.findings);
    jv_free(snapshot.recorded);
    jv_free(snapshot.texts);
    return out;
}

jv snapshot_refused(bool quarantine, struct diags *diags)
{
    jv out = output_begin(quarantine, diags);
    json_set_bool(&out, "ok", false);
    return out;
}
