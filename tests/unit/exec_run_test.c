/* cmd/cluster-exec and cmd/cluster-approve on documents made here, over a scratch store. */
#include "../../cmd/cluster-exec/exec.h"

#include "../../cmd/cluster-approve/approve.h"
#include "../../cmd/cluster-observe/observe.h"
#include "common/digest.h"
#include "common/program.h"
#include "ledger/amend.h"
#include "scratch.h"
#include "test.h"

static const char source[] = "version: 1\n";
static const char *const zeros = "0000000000000000000000000000000000000000000000000000000000000000";
static const struct exec_options by_ann = {.as = "ann"};

/* Parts of a document, as text with ' for ". */
struct parts {
    const char *found;     /* "true" or "false" */
    const char *resources; /* of the ledger */
    const char *changes;   /* the section with its name, or "" */
};

static struct doc make_doc(const struct scratch *s, const struct parts *p, const char *cas)
{
    struct buf text = BUF_INIT;
    struct digest digest = digest_of(source, strlen(source));
    char *state = xasprintf("{'version':1,'state_revision':0,'applied_revision':{'resources':%s},"
                            "'resource_statuses':{},'approval_records':{},'recovery_records':{},"
                            "'observations':{}}",
                            p->resources);
    bool found = strcmp(p->found, "true") == 0;
    buf_printf(&text,
               "{'format':'cluster-run/1','config':{'dir':'.','file':'./cluster.yaml','digest':"
               "'%s','name':null,'lock':true,'storage':null,'driver':'none-such'},'store':{'root':"
               "'file://%s','display':'%s'},'resources':[{'address':'policy.p','kind':'policy',"
               "'digest':'%s','applies_to':['cluster']}],'dependencies':[],'sources':{'%s':"
               "'version: 1\\n'},'ledger':{'found':%s,'cas':%s%s%s,'state':%s,'base':%s,"
               "'approvals':[],'sidecars':[]},'sweep':{'completed':[],'pending_graphs':[],"
               "'consumed_approvals':[]}%s,'diagnostics':[]}",
               zeros, s->dir, s->dir, digest.hex, digest.hex, p->found, found ? "'" : "",
               found ? cas : "null", found ? "'" : "", state, found ? state : "null", p->changes);
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\'')
            text.data[i] = '"';
    struct doc doc;
    struct error err = ERROR_INIT;
    if (!doc_parse(text.data, text.len, &doc, &err))
        fail_msg("%s", error_text(&err));
    buf_free(&text);
    free(state);
    return doc;
}

/* An imported store: an empty ledger is in it. Its CAS is left in cas. */
static void import(const struct scratch *s, char cas[LEDGER_CAS_LEN + 1])
{
    jv state = ledger_state_empty();
    assert_true(ledger_write(s->store, NULL, &state, cas, NULL));
    jv_free(state);
}

static char *create_policy(void)
{
    struct digest digest = digest_of(source, strlen(source));
    return xasprintf(",'changes':[{'resource':'policy.p','operation':'create','after_digest':'%s',"
                     "'disposition':'applied'}]",
                     digest.hex);
}

static void assert_outcome(const struct doc *doc, bool written, bool converged)
{
    jv outcome = doc_peek(doc, "outcome");
    assert_int_equal(json_peek_bool(&outcome, "state_written", !written), written);
    assert_int_equal(json_peek_bool(&outcome, "converged", !converged), converged);
    jv_free(outcome);
}

static void a_policy_is_published_and_recorded_in_one_write(void **unused)
{
    (void)unused;
    struct scratch s = scratch_make();
    char cas[LEDGER_CAS_LEN + 1];
    import(&s, cas);
    char *changes = create_policy();
    struct parts parts = {"true", "{}", changes};
    struct doc doc = make_doc(&s, &parts, cas);
    exec_run(&doc, &by_ann);
    assert_false(doc_has_errors(&doc));
    assert_outcome(&doc, true, true);
    doc_free(&doc);

    struct ledger ledger;
    assert_true(ledger_read(s.store, &ledger, NULL));
    struct digest digest = digest_of(source, strlen(source));
    assert_string_equal(amend_peek_digest(&ledger.state, "policy.p"), digest.hex);
    assert_int_equal(json_peek_int(&ledger.state, "state_revision", -1), 1);
    ledger_clear(&ledger);
    char *blob = xasprintf("__cluster/resources/policy/p/%s.yaml", digest.hex);
    scratch_assert(&s, blob, source);
    free(blob);

    /* The same document again has been overtaken by its own first run. */
    doc = make_doc(&s, &parts, cas);
    exec_run(&doc, &by_ann);
    assert_true(doc_has_diag(&doc, "state_cas_mismatch"));
    assert_true(doc_halted(&doc));
    assert_outcome(&doc, false, false);
    doc_free(&doc);
    free(changes);
    scratch_remove(&s);
}

static void a_source_of_other_content_is_refused(void **unused)
{
    (void)unused;
    struct scratch s = scratch_make();
    char cas[LEDGER_CAS_LEN + 1];
    import(&s, cas);
    char *changes = create_policy();
    struct parts parts = {"true", "{}", changes};
    struct doc doc = make_doc(&s, &parts, cas);
    struct digest digest = digest_of(source, strlen(source));
    jv sources = jv_object();
    json_set_string(&sources, digest.hex, "version: 2\n");
    doc_set(&doc, "sources", sources);
    exec_run(&doc, &by_ann);
    assert_true(doc_has_diag(&doc, "resource_content_changed"));
    assert_outcome(&doc, false, false);
    assert_int_equal(scratch_count(&s, digest.hex), 0);
    doc_free(&doc);
    free(changes);
    scratch_remove(&s);
}

static void an_import_writes_the_first_ledger(void **unused)
{
    (void)unused;
    struct scratch s = scratch_make();
    struct parts parts = {"false", "{}", ""};
    struct doc doc = make_doc(&s, &parts, NULL);
    observe(&doc, false);
    assert_false(doc_halted(&doc));
    exec_run(&doc, &by_ann);
    assert_outcome(&doc, true, false);
    doc_free(&doc);
    struct ledger ledger;
    assert_true(ledger_read(s.store, &ledger, NULL));
    assert_true(ledger.found);
    assert_int_equal(json_peek_int(&ledger.state, "state_revision", -1), 1);
    ledger_clear(&ledger);
    scratch_remove(&s);
}

static void a_blob_that_is_gone_leaves_the_record(void **unused)
{
    (void)unused;
    struct scratch s = scratch_make();
    char cas[LEDGER_CAS_LEN + 1];
    import(&s, cas);
    char *resources = xasprintf("{'policy.p':{'digest':'%s','applies_to':['cluster']}}", zeros);
    struct parts parts = {"true", resources, ""};
    struct doc doc = make_doc(&s, &parts, cas);
    observe_catalog(&doc);
    assert_true(doc_has_diag(&doc, "catalog_payload_missing"));
    jv ledger = doc_peek(&doc, "ledger");
    jv state = json_get(&ledger, "state");
    assert_non_null(amend_peek_digest(&state, "policy.p"));
    jv_free(state);
    jv_free(ledger);
    observe(&doc, false);
    ledger = doc_peek(&doc, "ledger");
    state = json_get(&ledger, "state");
    assert_null(amend_peek_digest(&state, "policy.p"));
    assert_true(amend_has_condition(&state, "policy.p", "payload_missing"));
    jv_free(state);
    jv_free(ledger);
    doc_free(&doc);
    free(resources);
    scratch_remove(&s);
}

static void a_gated_delete_is_approved_once_and_then_applied(void **unused)
{
    (void)unused;
    struct scratch s = scratch_make();
    char cas[LEDGER_CAS_LEN + 1];
    struct digest digest = digest_of(source, strlen(source));
    char *resources = xasprintf("{'graph.g':{'digest':'%s'},'schema.g':{'digest':'%s'},'policy.p':"
                                "{'digest':'%s','applies_to':['cluster']}}",
                                zeros, zeros, digest.hex);
    char *changes = xasprintf(
        ",'changes':[{'resource':'graph.g','operation':'delete','before_digest':'%s','disposition':"
        "'applied'}],'approvals_required':[{'resource':'graph.g','reason':'r','satisfied':false}]",
        zeros);
    import(&s, cas);
    scratch_write(&s, "graphs/g.omni/graph.db", "x");
    struct parts parts = {"true", resources, changes};

    struct doc doc = make_doc(&s, &parts, cas);
    exec_run(&doc, &by_ann);
    assert_true(doc_has_diag(&doc, "apply_approval_invariant_violation"));
    scratch_assert(&s, "graphs/g.omni/graph.db", "x");
    doc_free(&doc);

    doc = make_doc(&s, &parts, cas);
    approve(&doc, "graph.g", "ann");
    assert_false(doc_has_errors(&doc));
    assert_true(doc_has(&doc, "approval"));
    doc_free(&doc);
    doc = make_doc(&s, &parts, cas);
    approve(&doc, "schema.g", "ann");
    assert_true(doc_has_diag(&doc, "approval_not_required"));
    doc_free(&doc);

    doc = make_doc(&s, &parts, cas);
    exec_run(&doc, &by_ann);
    assert_false(doc_has_errors(&doc));
    assert_outcome(&doc, true, true);
    scratch_assert(&s, "graphs/g.omni/graph.db", NULL);
    doc_free(&doc);
    struct diags diags;
    diags_init(&diags);
    jv approvals = ledger_read_approvals(s.store, &diags);
    assert_int_equal(jv_array_length(jv_copy(approvals)), 1);
    jv artifact = jv_array_get(approvals, 0);
    assert_non_null(json_peek_string(&artifact, "consumed_by_operation"));
    jv_free(artifact);
    diags_free(&diags);
    free(resources);
    free(changes);
    scratch_remove(&s);
}

static void a_graph_whose_driver_is_not_there_is_not_created(void **unused)
{
    (void)unused;
    struct scratch s = scratch_make();
    char cas[LEDGER_CAS_LEN + 1];
    import(&s, cas);
    struct digest digest = digest_of(source, strlen(source));
    char *changes = xasprintf(",'changes':[{'resource':'graph.g','operation':'create',"
                              "'after_digest':'%s','disposition':'applied'}]",
                              zeros);
    struct parts parts = {"true", "{}", changes};
    struct doc doc = make_doc(&s, &parts, cas);
    jv resources = doc_take(&doc, "resources");
    const char *const wanted[][2] = {{"graph.g", zeros}, {"schema.g", digest.hex}};
    for (size_t i = 0; i < 2; i++) {
        jv resource = jv_object();
        json_set_string(&resource, "address", wanted[i][0]);
        json_set_string(&resource, "kind", i == 0 ? "graph" : "schema");
        json_set_string(&resource, "digest", wanted[i][1]);
        resources = jv_array_append(resources, resource);
    }
    doc_set(&doc, "resources", resources);
    exec_run(&doc, &by_ann);
    assert_true(doc_has_diag(&doc, "graph_create_failed"));
    assert_false(doc_halted(&doc));
    jv outcome = doc_peek(&doc, "outcome");
    assert_int_equal(json_peek_int(&outcome, "deferred_count", -1), 1);
    jv_free(outcome);
    doc_free(&doc);
    assert_int_equal(scratch_count(&s, "01"), 0); /* no sidecar stays */
    free(changes);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_published_and_recorded_in_one_write),
        cmocka_unit_test(a_source_of_other_content_is_refused),
        cmocka_unit_test(an_import_writes_the_first_ledger),
        cmocka_unit_test(a_blob_that_is_gone_leaves_the_record),
        cmocka_unit_test(a_gated_delete_is_approved_once_and_then_applied),
        cmocka_unit_test(a_graph_whose_driver_is_not_there_is_not_created),
    };
    return RUN(tests);
}
