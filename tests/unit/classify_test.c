#include "../../cmd/cluster-classify/decide.h"
#include "common/approval_match.h"
#include "test.h"

#include <string.h>

enum { ANY = -1 };

/* The table of dispositions, written as the manual has it. The first row that fits counts. */
static const struct row {
    enum change_kind kind;
    int operation;
    int pending, created, deleted, approved, schema_pending;
    const char *disposition, *reason;
} rows[] = {
    /* A kept sidecar blocks its graph, schema, queries, and what policies gain by it. */
    {CHANGE_GRAPH, ANY, 1, ANY, ANY, ANY, ANY, "blocked", "cluster_recovery_pending"},
    {CHANGE_SCHEMA, ANY, 1, ANY, ANY, ANY, ANY, "blocked", "cluster_recovery_pending"},
    {CHANGE_QUERY, ANY, 1, ANY, ANY, ANY, ANY, "blocked", "cluster_recovery_pending"},
    {CHANGE_POLICY, CHANGE_CREATE, 1, ANY, ANY, ANY, ANY, "blocked", "cluster_recovery_pending"},
    {CHANGE_POLICY, CHANGE_UPDATE, 1, ANY, ANY, ANY, ANY, "blocked", "cluster_recovery_pending"},
    {CHANGE_POLICY, CHANGE_DELETE, 1, ANY, ANY, ANY, ANY, "applied", NULL},
    {CHANGE_GRAPH, CHANGE_CREATE, 0, ANY, ANY, ANY, ANY, "applied", NULL},
    {CHANGE_SCHEMA, CHANGE_CREATE, 0, 1, ANY, ANY, ANY, "applied", NULL},
    {CHANGE_SCHEMA, CHANGE_CREATE, 0, 0, ANY, ANY, ANY, "deferred", "apply_unsupported_kind"},
    {CHANGE_SCHEMA, CHANGE_UPDATE, 0, ANY, ANY, ANY, ANY, "applied", NULL},
    {CHANGE_GRAPH, CHANGE_UPDATE, 0, ANY, ANY, ANY, 0, "derived", NULL},
    {CHANGE_GRAPH, CHANGE_UPDATE, 0, ANY, ANY, ANY, 1, "deferred", "apply_unsupported_kind"},
    {CHANGE_GRAPH, CHANGE_DELETE, 0, ANY, ANY, 1, ANY, "applied", NULL},
    {CHANGE_GRAPH, CHANGE_DELETE, 0, ANY, ANY, 0, ANY, "blocked", "approval_required"},
    {CHANGE_SCHEMA, CHANGE_DELETE, 0, ANY, 1, 1, ANY, "applied", NULL},
    {CHANGE_SCHEMA, CHANGE_DELETE, 0, ANY, 1, 0, ANY, "blocked", "approval_required"},
    {CHANGE_SCHEMA, CHANGE_DELETE, 0, ANY, 0, ANY, ANY, "deferred", "apply_unsupported_kind"},
    {CHANGE_QUERY, CHANGE_DELETE, 0, ANY, 1, 1, ANY, "applied", NULL},
    {CHANGE_QUERY, CHANGE_DELETE, 0, ANY, 1, 0, ANY, "blocked", "approval_required"},
    {CHANGE_QUERY, CHANGE_DELETE, 0, ANY, 0, ANY, ANY, "applied", NULL},
    {CHANGE_QUERY, CHANGE_CREATE, 0, ANY, ANY, ANY, 0, "applied", NULL},
    {CHANGE_QUERY, CHANGE_UPDATE, 0, ANY, ANY, ANY, 0, "applied", NULL},
    {CHANGE_QUERY, CHANGE_CREATE, 0, ANY, ANY, ANY, 1, "blocked", "dependency_not_applied"},
    {CHANGE_QUERY, CHANGE_UPDATE, 0, ANY, ANY, ANY, 1, "blocked", "dependency_not_applied"},
    {CHANGE_POLICY, ANY, 0, ANY, ANY, ANY, ANY, "applied", NULL},
    {CHANGE_OTHER, ANY, ANY, ANY, ANY, ANY, ANY, "deferred", "apply_unsupported_kind"},
};

static bool fits(int wanted, int is)
{
    return wanted == ANY || wanted == is;
}

static const struct row *row_for(const struct change_facts *facts)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        if (row->kind == facts->kind && fits(row->operation, (int)facts->operation) &&
            fits(row->pending, facts->graph_pending) && fits(row->created, facts->graph_created) &&
            fits(row->deleted, facts->graph_deleted) &&
            fits(row->approved, facts->graph_approved) &&
            fits(row->schema_pending, facts->schema_pending))
            return row;
    }
    return NULL;
}

static void every_combination_of_facts_has_the_tables_disposition(void **unused)
{
    (void)unused;
    for (int kind = CHANGE_GRAPH; kind <= CHANGE_OTHER; kind++)
        for (int operation = CHANGE_CREATE; operation <= CHANGE_DELETE; operation++)
            for (int bits = 0; bits < 32; bits++) {
                struct change_facts facts = {.kind = (enum change_kind)kind,
                                             .operation = (enum change_operation)operation,
                                             .graph_pending = bits & 1,
                                             .graph_created = bits & 2,
                                             .graph_deleted = bits & 4,
                                             .graph_approved = bits & 8,
                                             .schema_pending = bits & 16};
                const struct row *row = row_for(&facts);
                assert_non_null(row);
                struct decision decision = decide(&facts);
                assert_string_equal(decision.disposition, row->disposition);
                if (row->reason)
                    assert_string_equal(decision.reason, row->reason);
                else
                    assert_null(decision.reason);
                assert_int_equal(decision_applies(&decision), row->reason == NULL);
            }
}

/* ---- approvals ---- */

static jv parsed(const char *text)
{
    struct error err = ERROR_INIT;
    jv value = json_parse(text, strlen(text), &err);
    assert_true(jv_is_valid(value));
    return value;
}

static const char artifact_text[] =
    "{\"schema_version\":1,\"approval_id\":\"A1\",\"resource\":\"graph.x\",\"operation\":"
    "\"delete\",\"reason\":\"\",\"bound_config_digest\":\"cc\",\"bound_before_digest\":\"bb\","
    "\"bound_after_digest\":null,\"approved_by\":\"ann\",\"created_at\":\"\",\"consumed_at\":null,"
    "\"consumed_by_operation\":null}";
static const char change_text[] =
    "{\"resource\":\"graph.x\",\"operation\":\"delete\",\"before_digest\":\"bb\"}";

/* The verdict on the artifact with one field set to a JSON text (NULL: as it is). */
static enum approval_verdict judge_with(const char *field, const char *value,
                                        const struct approval_context *context)
{
    jv artifact = parsed(artifact_text), change = parsed(change_text);
    if (field)
        json_set(&artifact, field, parsed(value));
    enum approval_verdict verdict = approval_judge(&artifact, &change, context);
    jv_free(artifact);
    jv_free(change);
    return verdict;
}

static void an_approval_authorizes_only_if_everything_matches(void **unused)
{
    (void)unused;
    struct approval_context context = {"cc", NULL, NULL};
    assert_int_equal(judge_with(NULL, NULL, &context), APPROVAL_AUTHORIZES);
    assert_int_equal(judge_with("bound_after_digest", "\"\"", &context), APPROVAL_AUTHORIZES);
    assert_int_equal(judge_with("resource", "\"graph.y\"", &context), APPROVAL_OTHER);
    assert_int_equal(judge_with("resource", "7", &context), APPROVAL_OTHER);
    assert_int_equal(judge_with("operation", "\"update\"", &context), APPROVAL_STALE);
    assert_int_equal(judge_with("bound_config_digest", "\"cd\"", &context), APPROVAL_STALE);
    assert_int_equal(judge_with("bound_config_digest", "null", &context), APPROVAL_STALE);
    assert_int_equal(judge_with("bound_before_digest", "\"ba\"", &context), APPROVAL_STALE);
    assert_int_equal(judge_with("bound_before_digest", "null", &context), APPROVAL_STALE);
    assert_int_equal(judge_with("bound_after_digest", "\"aa\"", &context), APPROVAL_STALE);
    assert_int_equal(judge_with("bound_after_digest", "1", &context), APPROVAL_STALE);
    context.config_digest = NULL;
    assert_int_equal(judge_with(NULL, NULL, &context), APPROVAL_STALE);
}

static void a_consumed_approval_never_authorizes(void **unused)
{
    (void)unused;
    jv state = parsed("{\"approval_records\":{\"A1\":{}}}");
    jv other = parsed("{\"approval_records\":{\"A2\":{}}}");
    jv consumed = parsed("[{\"approval_id\":\"A0\"},{\"approval_id\":\"A1\"}]");
    jv none = parsed("[]");
    struct approval_context context = {"cc", &other, &none};
    assert_int_equal(judge_with(NULL, NULL, &context), APPROVAL_AUTHORIZES);
    assert_int_equal(judge_with("consumed_at", "\"2026\"", &context), APPROVAL_CONSUMED);
    assert_int_equal(judge_with("consumed_by_operation", "\"O\"", &context), APPROVAL_CONSUMED);
    assert_int_equal(judge_with("approval_id", "null", &context), APPROVAL_CONSUMED);
    context.state = &state;
    assert_int_equal(judge_with(NULL, NULL, &context), APPROVAL_CONSUMED);
    context = (struct approval_context){"cc", &other, &consumed};
    assert_int_equal(judge_with(NULL, NULL, &context), APPROVAL_CONSUMED);
    jv_free(state);
    jv_free(other);
    jv_free(consumed);
    jv_free(none);
}

static void the_approval_that_authorizes_is_found_among_others(void **unused)
{
    (void)unused;
    struct approval_context context = {"cc", NULL, NULL};
    jv change = parsed(change_text);
    jv stale = parsed(artifact_text), good = parsed(artifact_text);
    json_set_string(&stale, "bound_config_digest", "old");
    json_set_string(&good, "approval_id", "A2");
    jv list = jv_array_append(jv_array_append(jv_array(), jv_copy(stale)), good);
    jv found = approval_find(&list, &change, &context);
    assert_true(json_string_is(&found, "approval_id", "A2"));
    jv_free(found);
    jv only_stale = jv_array_append(jv_array(), stale);
    found = approval_find(&only_stale, &change, &context);
    assert_false(jv_is_valid(found));
    jv nothing = jv_null();
    found = approval_find(&nothing, &change, &context);
    assert_false(jv_is_valid(found));
    jv_free(only_stale);
    jv_free(list);
    jv_free(change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_of_facts_has_the_tables_disposition),
        cmocka_unit_test(an_approval_authorizes_only_if_everything_matches),
        cmocka_unit_test(a_consumed_approval_never_authorizes),
        cmocka_unit_test(the_approval_that_authorizes_is_found_among_others),
    };
    return RUN(tests);
}
