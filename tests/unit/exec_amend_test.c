/* lib/ledger/amend: a ledger changed in memory. */
#include "ledger/amend.h"

#include "common/composite.h"
#include "ledger/ledger.h"
#include "test.h"

#include <string.h>

static const char *const one = "1111111111111111111111111111111111111111111111111111111111111111";
static const char *const two = "2222222222222222222222222222222222222222222222222222222222222222";

static jv parse(const char *text)
{
    jv value = json_parse(text, strlen(text), NULL);
    assert_true(jv_is_valid(value));
    return value;
}

/* Checks a member of the state, by path, against JSON text; "" means that there is none. */
static void assert_at(const jv *state, const char *map, const char *key, const char *expected)
{
    jv inner = json_get(state, map);
    jv is = json_get(&inner, key);
    if (*expected) {
        jv wanted = parse(expected);
        assert_true(json_equal(&is, &wanted));
        jv_free(wanted);
    } else {
        assert_false(jv_is_valid(is));
    }
    jv_free(is);
    jv_free(inner);
}

static void a_digest_is_recorded_and_other_fields_of_its_entry_stay(void **unused)
{
    (void)unused;
    jv state = parse("{\"version\":1,\"applied_revision\":{\"config_digest\":null,\"resources\":{"
                     "\"query.g.q\":{\"digest\":\"x\",\"embedding_profile\":{\"a\":[1]}}}}}");
    amend_record(&state, "query.g.q", one);
    amend_record(&state, "schema.g", two);
    assert_string_equal(amend_peek_digest(&state, "query.g.q"), one);
    assert_string_equal(amend_peek_digest(&state, "schema.g"), two);
    assert_null(amend_peek_digest(&state, "graph.g"));
    jv resources = amend_peek_resources(&state);
    jv entry = json_get(&resources, "query.g.q");
    assert_true(json_has(&entry, "embedding_profile"));
    jv_free(entry);
    jv_free(resources);
    amend_unrecord(&state, "query.g.q");
    amend_unrecord(&state, "query.g.none");
    assert_null(amend_peek_digest(&state, "query.g.q"));
    assert_true(ledger_state_check(&state, NULL));
    jv_free(state);
}

static void a_composite_follows_from_the_recorded_parts(void **unused)
{
    (void)unused;
    jv state = ledger_state_empty();
    amend_record(&state, "schema.g", one);
    amend_record(&state, "query.g.q", two);
    amend_composite(&state, "g");
    jv resources = amend_peek_resources(&state);
    assert_string_equal(amend_peek_digest(&state, "graph.g"), composite_of("g", &resources).hex);
    jv_free(resources);
    jv_free(state);
}

static void statuses_are_set_read_and_cleared(void **unused)
{
    (void)unused;
    jv state = ledger_state_empty();
    amend_status(&state, "graph.g", "drifted", "graph_missing", "it is gone");
    amend_status(&state, "graph.h", "applied", NULL, NULL);
    assert_at(&state, "resource_statuses", "graph.g",
              "{\"status\":\"drifted\",\"conditions\":[\"graph_missing\"],\"message\":\"it is "
              "gone\"}");
    assert_at(&state, "resource_statuses", "graph.h", "{\"status\":\"applied\",\"conditions\":[]}");
    assert_true(amend_has_condition(&state, "graph.g", "graph_missing"));
    assert_false(amend_has_condition(&state, "graph.g", "schema_mismatch"));
    assert_false(amend_has_condition(&state, "graph.none", "graph_missing"));
    assert_true(amend_status_is(&state, "graph.h", "applied"));
    assert_false(amend_status_is(&state, "graph.none", "applied"));
    amend_clear_status(&state, "graph.g");
    assert_at(&state, "resource_statuses", "graph.g", "");
    jv_free(state);
}

static void a_tombstone_takes_the_subtree_and_nothing_else(void **unused)
{
    (void)unused;
    static const char *const addresses[] = {"graph.g",   "schema.g",   "query.g.a",   "query.g.b",
                                            "graph.g-2", "schema.g-2", "query.g-2.a", "policy.g"};
    jv state = ledger_state_empty();
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        amend_record(&state, addresses[i], one);
        amend_status(&state, addresses[i], "applied", NULL, NULL);
    }
    assert_true(amend_has_graph(&state, "g"));
    amend_tombstone(&state, "g", "then", "id", NULL);
    assert_false(amend_has_graph(&state, "g"));
    assert_true(amend_has_graph(&state, "g-2"));
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        bool stays = i >= 4;
        assert_true((amend_peek_digest(&state, addresses[i]) != NULL) == stays);
        assert_true(amend_status_is(&state, addresses[i], "applied") == stays);
    }
    assert_at(&state, "observations", "graph.g",
              "{\"kind\":\"tombstone\",\"deleted_at\":\"then\",\"approval_id\":\"id\","
              "\"actor\":null}");
    assert_true(ledger_state_check(&state, NULL));
    jv_free(state);
}

static void a_lone_query_keeps_a_graph_recorded(void **unused)
{
    (void)unused;
    jv state = ledger_state_empty();
    assert_false(amend_has_graph(&state, "g"));
    amend_record(&state, "query.g.a", one);
    assert_true(amend_has_graph(&state, "g"));
    jv_free(state);
}

static void a_sighting_says_what_is_known_and_null_for_the_rest(void **unused)
{
    (void)unused;
    jv state = ledger_state_empty();
    struct sighting seen = {.address = "graph.g",
                            .uri = "/x",
                            .observed_at = "now",
                            .root = SIGHTING_UNKNOWN,
                            .manifest_version = -1,
                            .error = "why"};
    amend_sighting(&state, &seen);
    assert_at(&state, "observations", "graph.g",
              "{\"kind\":\"graph\",\"address\":\"graph.g\",\"graph_uri\":\"/x\",\"observed_at\":"
              "\"now\",\"exists\":null,\"manifest_version\":null,\"schema_digest\":null,"
              "\"desired_schema_digest\":null,\"schema_matches_desired\":null,\"error\":\"why\"}");
    seen.root = SIGHTING_EXISTS;
    seen.manifest_version = 7;
    seen.schema_digest = one;
    seen.desired_schema_digest = two;
    seen.error = NULL;
    amend_sighting(&state, &seen);
    jv observations = json_get(&state, "observations");
    jv entry = json_get(&observations, "graph.g");
    assert_true(json_peek_bool(&entry, "exists", false));
    assert_false(json_peek_bool(&entry, "schema_matches_desired", true));
    assert_int_equal(json_peek_int(&entry, "manifest_version", -1), 7);
    jv_free(entry);
    jv_free(observations);
    jv_free(state);
}

static void approvals_and_recoveries_are_listed(void **unused)
{
    (void)unused;
    jv state = ledger_state_empty();
    amend_consumed(&state, "A", "then", "OP");
    assert_at(&state, "approval_records", "A",
              "{\"consumed_at\":\"then\",\"consumed_by_operation\":\"OP\"}");
    jv sidecar = parse("{\"operation_id\":\"OP\",\"kind\":\"schema_apply\",\"graph_id\":\"g\","
                       "\"actor\":null}");
    amend_recovered(&state, &sidecar, "later");
    assert_at(&state, "recovery_records", "OP",
              "{\"kind\":\"schema_apply\",\"graph_id\":\"g\",\"outcome\":\"rolled_forward\","
              "\"recovered_at\":\"later\",\"actor\":null}");
    jv_free(sidecar);
    jv_free(state);
}

/* A ledger is amended ten thousand times; a copy each time would take minutes. */
static void amending_is_linear(void **unused)
{
    (void)unused;
    jv state = ledger_state_empty();
    char address[32];
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(address, sizeof address, "query.g.q%d", i);
        amend_record(&state, address, one);
        amend_status(&state, address, "applied", NULL, NULL);
    }
    jv resources = amend_peek_resources(&state);
    assert_int_equal(jv_object_length(resources), 10000);
    jv_free(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_digest_is_recorded_and_other_fields_of_its_entry_stay),
        cmocka_unit_test(a_composite_follows_from_the_recorded_parts),
        cmocka_unit_test(statuses_are_set_read_and_cleared),
        cmocka_unit_test(a_tombstone_takes_the_subtree_and_nothing_else),
        cmocka_unit_test(a_lone_query_keeps_a_graph_recorded),
        cmocka_unit_test(a_sighting_says_what_is_known_and_null_for_the_rest),
        cmocka_unit_test(approvals_and_recoveries_are_listed),
        cmocka_unit_test(amending_is_linear),
    };
    return RUN(tests);
}
