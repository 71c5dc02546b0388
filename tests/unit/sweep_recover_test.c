/* cmd/cluster-sweep/recover: rows of the matrix that need no driver, and the approvals. */
#include "../../cmd/cluster-sweep/recover.h"

#include "ledger/amend.h"
#include "ledger/ledger.h"
#include "scratch.h"
#include "test.h"

static const char *const digest =
    "1111111111111111111111111111111111111111111111111111111111111111";

/* A scratch store and a recovery over a ledger that records graph g, if asked to. */
struct wreck {
    struct scratch scratch;
    struct recovery r;
};

static void wreck_make(struct wreck *w, bool recorded)
{
    w->scratch = scratch_make();
    jv state = ledger_state_empty();
    if (recorded) {
        amend_record(&state, "graph.g", digest);
        amend_record(&state, "schema.g", digest);
        amend_record(&state, "query.g.q", digest);
    }
    recovery_init(&w->r, w->scratch.store, "none-such", state);
}

static void wreck_remove(struct wreck *w)
{
    recovery_free(&w->r);
    scratch_remove(&w->scratch);
}

static void settle(struct wreck *w, const char *kind, const char *approval)
{
    jv sidecar = jv_object();
    json_set_string(&sidecar, "operation_id", "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    json_set_string(&sidecar, "kind", kind);
    json_set_string(&sidecar, "graph_id", "g");
    json_set_string(&sidecar, "actor", "ann");
    json_set_string(&sidecar, "desired_schema_digest", NULL);
    json_set_string(&sidecar, "approval_id", approval);
    recover_sidecar(&w->r, &sidecar);
    jv_free(sidecar);
}

static void assert_retired(const struct wreck *w, bool retired)
{
    assert_int_equal(jv_array_length(jv_copy(w->r.completed)), retired);
    assert_int_equal(jv_object_length(jv_copy(w->r.pending)), !retired);
}

static void assert_said(const struct wreck *w, const char *code)
{
    jv first = jv_array_get(jv_copy(w->r.diags.list), 0);
    assert_true(code ? json_string_is(&first, "code", code) : !jv_is_valid(first));
    jv_free(first);
}

static void row_1_a_create_without_a_root_is_retired(void **unused)
{
    (void)unused;
    struct wreck w;
    wreck_make(&w, false);
    amend_status(&w.r.state, "graph.g", "error", "graph_create_incomplete", NULL);
    settle(&w, "graph_create", NULL);
    assert_retired(&w, true);
    assert_said(&w, NULL);
    assert_false(amend_status_is(&w.r.state, "graph.g", "error"));
    wreck_remove(&w);
}

static void row_5_a_driver_that_is_not_there_opens_nothing(void **unused)
{
    (void)unused;
    struct wreck w;
    wreck_make(&w, false);
    scratch_write(&w.scratch, "graphs/g.omni/graph.db", "x");
    settle(&w, "graph_create", NULL);
    assert_retired(&w, false);
    assert_said(&w, "graph_create_incomplete");
    assert_int_equal(w.r.diags.errors, 1);
    assert_true(amend_has_condition(&w.r.state, "graph.g", "graph_create_incomplete"));
    wreck_remove(&w);
}

static void row_5s_a_migration_without_a_root_is_kept(void **unused)
{
    (void)unused;
    struct wreck w;
    wreck_make(&w, true);
    settle(&w, "schema_apply", NULL);
    assert_retired(&w, false);
    assert_said(&w, "cluster_recovery_pending");
    assert_int_equal(w.r.diags.errors, 0);
    wreck_remove(&w);
}

static void row_7_a_delete_that_the_ledger_has_is_retired(void **unused)
{
    (void)unused;
    struct wreck w;
    wreck_make(&w, false);
    settle(&w, "graph_delete", "A");
    assert_retired(&w, true);
    assert_said(&w, NULL);
    assert_int_equal(jv_array_length(jv_copy(w.r.consumed)), 0);
    wreck_remove(&w);
}

static void row_7b_a_delete_is_rolled_forward_and_its_approval_used_once(void **unused)
{
    (void)unused;
    struct wreck w;
    wreck_make(&w, true);
    settle(&w, "graph_delete", "A");
    assert_retired(&w, true);
    assert_said(&w, "cluster_recovery_rolled_forward");
    assert_false(amend_has_graph(&w.r.state, "g"));
    assert_int_equal(jv_array_length(jv_copy(w.r.consumed)), 1);
    wreck_remove(&w);

    wreck_make(&w, true);
    amend_consumed(&w.r.state, "A", "then", "another");
    settle(&w, "graph_delete", "A");
    assert_int_equal(jv_array_length(jv_copy(w.r.consumed)), 0);
    wreck_remove(&w);

    wreck_make(&w, true);
    settle(&w, "graph_delete", NULL);
    assert_retired(&w, true);
    assert_int_equal(jv_array_length(jv_copy(w.r.consumed)), 0);
    wreck_remove(&w);
}

static void row_8_a_delete_whose_root_stands_is_retired_with_a_warning(void **unused)
{
    (void)unused;
    struct wreck w;
    wreck_make(&w, true);
    scratch_write(&w.scratch, "graphs/g.omni/graph.db", "x");
    settle(&w, "graph_delete", "A");
    assert_retired(&w, true);
    assert_said(&w, "graph_delete_incomplete");
    assert_true(amend_has_graph(&w.r.state, "g"));
    assert_int_equal(jv_array_length(jv_copy(w.r.consumed)), 0);
    wreck_remove(&w);
}

static jv artifact(const char *id, const char *consumed_at)
{
    jv value = jv_object();
    json_set_string(&value, "approval_id", id);
    json_set_string(&value, "consumed_at", consumed_at);
    return value;
}

static void an_artifact_that_the_ledger_lists_as_used_is_written_back(void **unused)
{
    (void)unused;
    struct wreck w;
    wreck_make(&w, false);
    amend_consumed(&w.r.state, "A", "then", "OP");
    amend_consumed(&w.r.state, "B", NULL, NULL);
    const char *const ids[] = {"A", "B", "C"};
    for (size_t i = 0; i < 3; i++) {
        jv fresh = artifact(ids[i], NULL), used = artifact(ids[i], "before");
        recover_approval(&w.r, &fresh);
        recover_approval(&w.r, &used);
        jv_free(fresh);
        jv_free(used);
    }
    assert_int_equal(jv_array_length(jv_copy(w.r.consumed)), 2);
    jv first = jv_array_get(jv_copy(w.r.consumed), 0);
    assert_true(json_string_is(&first, "consumed_at", "then"));
    assert_true(json_string_is(&first, "consumed_by_operation", "OP"));
    jv_free(first);
    jv second = jv_array_get(jv_copy(w.r.consumed), 1);
    assert_non_null(json_peek_string(&second, "consumed_at")); /* a time has to be given */
    jv_free(second);
    wreck_remove(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_1_a_create_without_a_root_is_retired),
        cmocka_unit_test(row_5_a_driver_that_is_not_there_opens_nothing),
        cmocka_unit_test(row_5s_a_migration_without_a_root_is_kept),
        cmocka_unit_test(row_7_a_delete_that_the_ledger_has_is_retired),
        cmocka_unit_test(row_7b_a_delete_is_rolled_forward_and_its_approval_used_once),
        cmocka_unit_test(row_8_a_delete_whose_root_stands_is_retired_with_a_warning),
        cmocka_unit_test(an_artifact_that_the_ledger_lists_as_used_is_written_back),
    };
    return RUN(tests);
}
