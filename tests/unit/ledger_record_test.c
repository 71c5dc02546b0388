/* The stored records: what is read, what is refused and as what. */
#include "ledger_expect.h"

struct refusal {
    const char *text, *code;
    const char *names; /* what the message must name, or NULL */
};

static void check_refusals(parser *parse, const struct refusal *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct error err = ERROR_INIT;
        jv value = parse(cases[i].text, strlen(cases[i].text), &err);
        if (jv_is_valid(value))
            print_message("accepted: %s\n", cases[i].text);
        assert_false(jv_is_valid(value));
        jv_free(value);
        assert_non_null(err.code);
        assert_string_equal(err.code, cases[i].code);
        if (cases[i].names && !strstr(error_text(&err), cases[i].names))
            print_message("does not name %s: %s\n", cases[i].names, error_text(&err));
        if (cases[i].names)
            assert_non_null(strstr(error_text(&err), cases[i].names));
        error_clear(&err);
    }
}

#define REFUSES(parse, cases) check_refusals(parse, cases, sizeof(cases) / sizeof *(cases))

static void an_old_minimal_ledger_reads_with_defaults(void **state)
{
    (void)state;
    jv ledger = parsed(ledger_state_parse, MINIMAL);
    jv empty = ledger_state_empty();
    assert_true(json_equal(&ledger, &empty));
    assert_int_equal(json_peek_int(&ledger, "state_revision", -1), 0);
    jv_free(ledger);
    jv_free(empty);
}

static void a_full_ledger_is_kept_verbatim(void **state)
{
    (void)state;
    static const char text[] =
        "{\"version\":1,\"state_revision\":7,\"applied_revision\":{\"config_digest\":\"" DIGEST
        "\",\"resources\":{\"graph.g\":{\"digest\":\"" DIGEST
        "\"},\"policy.p\":{\"digest\":\"" DIGEST
        "\",\"applies_to\":[\"cluster\"],\"embedding_provider\":{\"a\":[1]},"
        "\"embedding_profile\":null,\"external_blob_policy\":\"x\"}}},"
        "\"resource_statuses\":{\"graph.g\":{\"status\":\"applied\"},"
        "\"policy.p\":{\"status\":\"drifted\",\"conditions\":[\"c\"],\"message\":null}},"
        "\"approval_records\":{\"a\":{\"free\":[1,{\"x\":null}]}},\"recovery_records\":{\"r\":1},"
        "\"observations\":{\"graph.g\":{\"anything\":true}}}";
    jv ledger = parsed(ledger_state_parse, text);
    jv same = json_parse(text, strlen(text), NULL);
    assert_true(json_equal(&ledger, &same));
    jv_free(ledger);
    jv_free(same);
    jv_free(parsed(ledger_state_parse,
                   "{\"version\":1,\"applied_revision\":{\"config_digest\":null}}"));
}

static void a_ledger_that_is_not_exactly_right_is_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"", "invalid_state_json", NULL},
        {"{", "invalid_state_json", NULL},
        {"[]", "invalid_state_json", NULL},
        {"null", "invalid_state_json", NULL},
        {MINIMAL " x", "invalid_state_json", NULL},
        {"\xff", "invalid_state_json", NULL},
        {"{}", "invalid_state_json", "version"},
        {"{\"version\":1}", "invalid_state_json", "applied_revision"},
        {"{\"version\":\"1\",\"applied_revision\":{}}", "invalid_state_json", "version"},
        {"{\"version\":1.5,\"applied_revision\":{}}", "invalid_state_json", "version"},
        {"{\"version\":-1,\"applied_revision\":{}}", "invalid_state_json", "version"},
        {"{\"version\":null,\"applied_revision\":{}}", "invalid_state_json", "version"},
        {"{\"version\":2}", "unsupported_state_version", "2"},
        {"{\"version\":0,\"applied_revision\":{}}", "unsupported_state_version", "0"},
        {"{\"version\":2,\"anything\":{\"else\":1}}", "unsupported_state_version", "Omnigraph"},
        {"{\"version\":1,\"applied_revision\":{},\"extra\":1}", "invalid_state_json", "extra"},
        {"{\"version\":1,\"applied_revision\":{\"resource\":{}}}", "invalid_state_json",
         "applied_revision.resource"},
        {"{\"version\":1,\"applied_revision\":{\"resources\":{\"a\":{}}}}", "invalid_state_json",
         "digest"},
        {"{\"version\":1,\"applied_revision\":{\"resources\":{\"a\":{\"digest\":\"XY\"}}}}",
         "invalid_state_json", "a.digest"},
        {"{\"version\":1,\"applied_revision\":{\"resources\":{\"a\":{\"digest\":\"" DIGEST
         "\",\"x\":1}}}}",
         "invalid_state_json", "a.x"},
        {"{\"version\":1,\"applied_revision\":{\"config_digest\":\"\"}}", "invalid_state_json",
         "config_digest"},
        {"{\"version\":1,\"applied_revision\":{},\"state_revision\":-1}", "invalid_state_json",
         "state_revision"},
        {"{\"version\":1,\"applied_revision\":{},\"state_revision\":null}", "invalid_state_json",
         "state_revision"},
        {"{\"version\":1,\"applied_revision\":{},\"resource_statuses\":{\"a\":{\"status\":"
         "\"fine\"}}}",
         "invalid_state_json", "fine"},
        {"{\"version\":1,\"applied_revision\":{},\"resource_statuses\":{\"a\":{}}}",
         "invalid_state_json", "status"},
        {"{\"version\":1,\"applied_revision\":{},\"observations\":[]}", "invalid_state_json",
         "observations"},
        {"{\"version\":1,\"applied_revision\":{},\"version\":1}", "invalid_state_json", "version"},
        {"{\"version\":1,\"applied_revision\":{},\"observations\":{\"a:\\\"\":[\"x\",{\"b\":1}],"
         "\"c\":[{\"b\" : 1, \"\\u0062\"\t:2}]}}",
         "invalid_state_json", "b: given twice"},
    };
    REFUSES(ledger_state_parse, cases);
    /* In several objects, in a list, in strings: no name is given twice. */
    jv_free(parsed(ledger_state_parse,
                   "{\"version\":1,\"applied_revision\":{},\"observations\":{\"a\":{\"a\":[\"a\","
                   "\"a\",{\"a\":\"{\\\"a\\\":1,\\\"a\\\":\\\\\"},{\"a\":\":\"}]},\"b\":{}}}"));
}

static void a_sidecar_reads_with_unknown_values_as_null(void **state)
{
    (void)state;
    jv sidecar = parsed(ledger_sidecar_parse, SIDECAR(""));
    const char *const nulls[] = {"actor", "observed_manifest_version", "expected_manifest_version",
                                 "state_cas_base", "approval_id"};
    for (size_t i = 0; i < 5; i++) {
        jv member = json_get(&sidecar, nulls[i]);
        assert_int_equal(jv_get_kind(member), JV_KIND_NULL);
    }
    jv_free(sidecar);
    sidecar = parsed(ledger_sidecar_parse, SIDECAR(",\"observed_manifest_version\":3"));
    assert_int_equal(json_peek_int(&sidecar, "observed_manifest_version", -1), 3);
    jv_free(sidecar);
    jv_free(parsed(ledger_sidecar_parse,
                   "{\"schema_version\":1,\"operation_id\":\"01A\",\"started_at\":\"t\",\"kind\":"
                   "\"graph_delete\",\"graph_id\":\"g\",\"graph_uri\":\"/x\","
                   "\"desired_schema_digest\":\"\"}"));
}

static void a_sidecar_that_is_not_exactly_right_is_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"{", "invalid_recovery_sidecar", NULL},
        {"{\"version\":1}", "invalid_recovery_sidecar", "schema_version"},
        {"{\"schema_version\":2}", "unsupported_recovery_sidecar_version", "2"},
        {"{\"schema_version\":1}", "invalid_recovery_sidecar", "operation_id"},
        {SIDECAR(",\"extra\":1"), "invalid_recovery_sidecar", "extra"},
        {SIDECAR(",\"actor\":1"), "invalid_recovery_sidecar", "actor"},
        {SIDECAR(",\"expected_manifest_version\":\"1\""), "invalid_recovery_sidecar",
         "expected_manifest_version"},
        {SIDECAR(",\"kind\":\"graph_rename\""), "invalid_recovery_sidecar", "graph_rename"},
        {SIDECAR(",\"graph_id\":\"../x\""), "invalid_recovery_sidecar", "graph_id"},
        {SIDECAR(",\"graph_id\":\"a/b\""), "invalid_recovery_sidecar", "graph_id"},
        {SIDECAR(",\"desired_schema_digest\":\"abc\""), "invalid_recovery_sidecar",
         "desired_schema_digest"},
        {SIDECAR(",\"desired_schema_digest\":null"), "invalid_recovery_sidecar",
         "desired_schema_digest"},
    };
    REFUSES(ledger_sidecar_parse, cases);
}

static void an_approval_reads_with_unknown_values_as_null(void **state)
{
    (void)state;
    jv approval =
        parsed(ledger_approval_parse, APPROVAL(",\"bound_config_digest\":\"" DIGEST "\""));
    assert_string_equal(json_peek_string(&approval, "bound_config_digest"), DIGEST);
    assert_true(json_has(&approval, "consumed_at"));
    assert_null(json_peek_string(&approval, "consumed_at"));
    assert_true(json_has(&approval, "bound_after_digest"));
    jv_free(approval);
}

static void an_approval_that_is_not_exactly_right_is_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"true", "invalid_approval_artifact", NULL},
        {"{\"schema_version\":3}", "unsupported_approval_version", "3"},
        {"{\"schema_version\":1}", "invalid_approval_artifact", "approval_id"},
        {APPROVAL(",\"consumed\":true"), "invalid_approval_artifact", "consumed"},
        {APPROVAL(",\"consumed_at\":5"), "invalid_approval_artifact", "consumed_at"},
        {APPROVAL(",\"approved_by\":null"), "invalid_approval_artifact", "approved_by"},
    };
    REFUSES(ledger_approval_parse, cases);
}

static void a_lock_that_is_not_exactly_right_is_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"{\"version\":1", "invalid_state_lock", NULL},
        {"{\"version\":9}", "unsupported_state_lock_version", "9"},
        {"{\"version\":1,\"lock_id\":\"a\",\"operation\":\"o\",\"created_at\":\"t\"}",
         "invalid_state_lock", "pid"},
        {"{\"version\":1,\"lock_id\":\"\",\"operation\":\"o\",\"created_at\":\"t\",\"pid\":1}",
         "invalid_state_lock", "lock_id"},
        {"{\"version\":1,\"lock_id\":\"a\",\"operation\":\"o\",\"created_at\":\"t\",\"pid\":1,"
         "\"host\":\"h\"}",
         "invalid_state_lock", "host"},
        {"{\"version\":1,\"lock_id\":\"a\",\"lock_id\":\"b\",\"operation\":\"o\",\"created_at\":"
         "\"t\","
         "\"pid\":1}",
         "invalid_state_lock", "lock_id"},
    };
    REFUSES(ledger_lock_parse, cases);
    jv_free(parsed(ledger_lock_parse, "{\"pid\":1,\"version\":1,\"created_at\":\"t\","
                                      "\"operation\":\"o\",\"lock_id\":\"a\"}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_minimal_ledger_reads_with_defaults),
        cmocka_unit_test(a_full_ledger_is_kept_verbatim),
        cmocka_unit_test(a_ledger_that_is_not_exactly_right_is_refused),
        cmocka_unit_test(a_sidecar_reads_with_unknown_values_as_null),
        cmocka_unit_test(a_sidecar_that_is_not_exactly_right_is_refused),
        cmocka_unit_test(an_approval_reads_with_unknown_values_as_null),
        cmocka_unit_test(an_approval_that_is_not_exactly_right_is_refused),
        cmocka_unit_test(a_lock_that_is_not_exactly_right_is_refused),
    };
    return RUN(tests);
}
