/* The stored records: what is read, what is refused and as what, and how they are written. */
#include "ledger/ledger.h"

#include "common/digest.h"
#include "scratch.h"

#define DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define MINIMAL "{\"version\": 1, \"applied_revision\": {}}"

typedef jv parser(const char *text, size_t len, struct error *err);

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

static jv parsed(parser *parse, const char *text)
{
    struct error err = ERROR_INIT;
    jv value = parse(text, strlen(text), &err);
    if (!jv_is_valid(value))
        print_message("refused: %s\n", error_text(&err));
    assert_true(jv_is_valid(value));
    error_clear(&err);
    return value;
}

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
    };
    REFUSES(ledger_state_parse, cases);
}

#define SIDECAR(more)                                                                       \
    "{\"schema_version\":1,\"operation_id\":\"01A\",\"started_at\":\"t\",\"kind\":\"graph_" \
    "create\","                                                                             \
    "\"graph_id\":\"g\",\"graph_uri\":\"/x\",\"desired_schema_digest\":\"" DIGEST "\"" more "}"

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

#define APPROVAL(more)                                                                      \
    "{\"schema_version\":1,\"approval_id\":\"01A\",\"resource\":\"graph.g\",\"operation\":" \
    "\"delete\",\"approved_by\":\"me\",\"created_at\":\"t\"" more "}"

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
    };
    REFUSES(ledger_lock_parse, cases);
    jv_free(parsed(ledger_lock_parse, "{\"pid\":1,\"version\":1,\"created_at\":\"t\","
                                      "\"operation\":\"o\",\"lock_id\":\"a\"}"));
}

/* Writes the ledger with this revision; true if that worked, else *code says why not. */
static bool write_revision(struct scratch *s, const char *cas, int revision,
                           char new_cas[LEDGER_CAS_LEN + 1], const char **code)
{
    struct error err = ERROR_INIT;
    jv ledger = ledger_state_empty();
    json_set_int(&ledger, "state_revision", revision);
    bool ok = ledger_write(s->store, cas, &ledger, new_cas, &err);
    *code = ok ? "" : err.code;
    assert_int_equal(*error_text(&err) == '\0', ok);
    jv_free(ledger);
    error_clear(&err);
    return ok;
}

static void the_cas_is_the_digest_of_the_files_bytes(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct ledger ledger;
    const char *code;
    char cas[LEDGER_CAS_LEN + 1];
    assert_true(ledger_read(s.store, &ledger, NULL));
    assert_false(ledger.found);
    assert_string_equal(ledger.cas, "");
    ledger_clear(&ledger);
    assert_true(write_revision(&s, NULL, 1, cas, &code));
    char *bytes = scratch_read(&s, LEDGER_STATE);
    char *expected = xasprintf("sha256:%s", digest_of(bytes, strlen(bytes)).hex);
    assert_string_equal(cas, expected);
    assert_true(ledger_read(s.store, &ledger, NULL));
    assert_true(ledger.found);
    assert_string_equal(ledger.cas, expected);
    assert_int_equal(json_peek_int(&ledger.state, "state_revision", -1), 1);
    ledger_clear(&ledger);
    free(bytes);
    free(expected);
    scratch_remove(&s);
}

static void a_ledger_is_written_for_people_and_any_layout_is_read(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    const char *code;
    assert_true(write_revision(&s, NULL, 1, NULL, &code));
    scratch_assert(&s, LEDGER_STATE,
                   "{\n  \"applied_revision\": {\n    \"resources\": {}\n  },\n"
                   "  \"approval_records\": {},\n  \"observations\": {},\n"
                   "  \"recovery_records\": {},\n  \"resource_statuses\": {},\n"
                   "  \"state_revision\": 1,\n  \"version\": 1\n}\n");
    scratch_write(&s, LEDGER_STATE, "{\"version\"  :1,\n\n\"applied_revision\":{}}");
    struct ledger ledger;
    assert_true(ledger_read(s.store, &ledger, NULL));
    ledger_clear(&ledger);
    scratch_remove(&s);
}

static void a_ledger_that_somebody_else_wrote_is_never_overwritten(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    const char *code;
    char one[LEDGER_CAS_LEN + 1], two[LEDGER_CAS_LEN + 1];
    assert_true(write_revision(&s, NULL, 1, one, &code));
    assert_false(write_revision(&s, NULL, 9, NULL, &code)); /* a second import */
    assert_string_equal(code, "state_cas_mismatch");
    assert_true(write_revision(&s, one, 2, two, &code));
    assert_false(write_revision(&s, one, 3, NULL, &code));
    assert_string_equal(code, "state_cas_mismatch");
    /* The same content in another layout is another version. */
    scratch_write(&s, LEDGER_STATE, MINIMAL);
    assert_false(write_revision(&s, two, 3, NULL, &code));
    assert_string_equal(code, "state_cas_mismatch");
    scratch_assert(&s, LEDGER_STATE, MINIMAL);
    assert_int_equal(store_delete(s.store, LEDGER_STATE, NULL), STORE_OK);
    assert_false(write_revision(&s, two, 3, NULL, &code));
    assert_string_equal(code, "state_cas_mismatch");
    scratch_assert(&s, LEDGER_STATE, NULL);
    scratch_remove(&s);
}

static void a_ledger_that_cannot_be_read_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *code;
    } cases[] = {{LEDGER_STATE "/a", "", "state_read_error"}, /* a directory */
                 {"__cluster", "", "state_read_error"},
                 {LEDGER_STATE, "{", "invalid_state_json"},
                 {LEDGER_STATE, "", "invalid_state_json"},
                 {LEDGER_STATE, "{\"version\":2}", "unsupported_state_version"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scratch s = scratch_make();
        struct ledger ledger;
        struct error err = ERROR_INIT;
        scratch_write(&s, cases[i].name, cases[i].text);
        assert_false(ledger_read(s.store, &ledger, &err));
        assert_string_equal(err.code, cases[i].code);
        ledger_clear(&ledger);
        error_clear(&err);
        scratch_remove(&s);
    }
}

static void a_ledger_that_cannot_be_written_says_why(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    const char *code;
    struct error err = ERROR_INIT;
    scratch_write(&s, LEDGER_STATE "/a", "");
    assert_false(write_revision(&s, NULL, 1, NULL, &code));
    assert_string_equal(code, "state_write_error");
    assert_false(write_revision(&s, "sha256:x", 1, NULL, &code));
    assert_string_equal(code, "state_write_error");
    scratch_remove(&s);
    s = scratch_make();
    jv broken = ledger_state_empty();
    json_set_string(&broken, "surprise", "x");
    assert_false(ledger_write(s.store, NULL, &broken, NULL, &err));
    assert_string_equal(err.code, "state_write_error");
    scratch_assert(&s, LEDGER_STATE, NULL);
    setenv("CLUSTER_FAILPOINTS", "store.before_put=error", 1);
    assert_false(write_revision(&s, NULL, 1, NULL, &code));
    unsetenv("CLUSTER_FAILPOINTS");
    assert_string_equal(code, "injected_failpoint");
    jv_free(broken);
    error_clear(&err);
    scratch_remove(&s);
}

static jv sidecar_of(const char *id)
{
    jv sidecar = parsed(ledger_sidecar_parse, SIDECAR(""));
    json_set_string(&sidecar, "operation_id", id);
    return sidecar;
}

static void assert_diag(const struct diags *diags, int i, const char *code, const char *severity,
                        const char *path)
{
    jv diag = jv_array_get(jv_copy(diags->list), i);
    assert_true(json_string_is(&diag, "code", code));
    assert_true(json_string_is(&diag, "severity", severity));
    assert_true(json_string_is(&diag, "path", path));
    jv_free(diag);
}

static void sidecars_come_in_the_order_of_their_ids(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct diags diags;
    bool unreadable = true;
    const char *const ids[] = {"01C", "01A", "01B"};
    diags_init(&diags);
    jv none = ledger_read_sidecars(s.store, &diags, &unreadable);
    assert_int_equal(jv_array_length(none), 0);
    assert_false(unreadable);
    for (int i = 0; i < 3; i++) {
        jv sidecar = sidecar_of(ids[i]);
        assert_true(ledger_write_sidecar(s.store, &sidecar, NULL));
        jv_free(sidecar);
    }
    jv all = ledger_read_sidecars(s.store, &diags, NULL);
    assert_int_equal(jv_array_length(jv_copy(all)), 3);
    for (int i = 0; i < 3; i++) {
        jv sidecar = jv_array_get(jv_copy(all), i);
        assert_int_equal(json_peek_string(&sidecar, "operation_id")[2], 'A' + i);
        jv_free(sidecar);
    }
    jv_free(all);
    const char *const gone[] = {"01A", "01X", "01C"};
    assert_true(ledger_delete_sidecars(s.store, gone, 3, NULL));
    assert_true(ledger_delete_sidecars(s.store, NULL, 0, NULL));
    assert_int_equal(scratch_count(&s, "01"), 1);
    assert_int_equal(jv_array_length(jv_copy(diags.list)), 0);
    diags_free(&diags);
    scratch_remove(&s);
}

static void a_sidecar_that_cannot_be_read_warns_and_stays(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct diags diags;
    bool unreadable = false;
    diags_init(&diags);
    scratch_write(&s, LEDGER_RECOVERIES "01A.json", "{");
    scratch_write(&s, LEDGER_RECOVERIES "01B.json", "{\"schema_version\":2}");
    scratch_write(&s, LEDGER_RECOVERIES "01C.json", SIDECAR("")); /* its id is 01A */
    scratch_write(&s, LEDGER_RECOVERIES "README", "not a record");
    scratch_write(&s, LEDGER_RECOVERIES "deeper/01D.json", "{");
    scratch_write(&s, LEDGER_RECOVERIES ".json", "{");
    char *fifo = scratch_path(&s, LEDGER_RECOVERIES "01E.json");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    free(fifo);
    jv sidecar = sidecar_of("01F");
    assert_true(ledger_write_sidecar(s.store, &sidecar, NULL));
    jv_free(sidecar);
    jv all = ledger_read_sidecars(s.store, &diags, &unreadable);
    assert_int_equal(jv_array_length(all), 1);
    assert_true(unreadable);
    assert_int_equal(jv_array_length(jv_copy(diags.list)), 3);
    assert_int_equal(diags.errors, 0);
    assert_diag(&diags, 0, "invalid_recovery_sidecar", "warning", LEDGER_RECOVERIES "01A.json");
    assert_diag(&diags, 1, "unsupported_recovery_sidecar_version", "warning",
                LEDGER_RECOVERIES "01B.json");
    assert_diag(&diags, 2, "invalid_recovery_sidecar", "warning", LEDGER_RECOVERIES "01C.json");
    scratch_assert(&s, LEDGER_RECOVERIES "01A.json", "{");
    diags_free(&diags);
    scratch_remove(&s);
}

static void a_folder_that_cannot_be_listed_is_an_error(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct diags diags;
    bool unreadable = false;
    diags_init(&diags);
    scratch_write(&s, "__cluster", "a file where the folder belongs");
    jv all = ledger_read_sidecars(s.store, &diags, &unreadable);
    assert_int_equal(jv_array_length(all), 0);
    assert_true(unreadable);
    all = ledger_read_approvals(s.store, &diags);
    assert_int_equal(jv_array_length(all), 0);
    assert_int_equal(diags.errors, 2);
    assert_diag(&diags, 0, "recovery_sidecar_read_error", "error", LEDGER_RECOVERIES);
    assert_diag(&diags, 1, "approval_read_error", "error", LEDGER_APPROVALS);
    diags_free(&diags);
    scratch_remove(&s);
}

static void a_record_larger_than_any_is_unreadable(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct diags diags;
    bool unreadable = false;
    diags_init(&diags);
    scratch_write(&s, LEDGER_RECOVERIES "01A.json", "");
    char *path = scratch_path(&s, LEDGER_RECOVERIES "01A.json");
    assert_int_equal(truncate(path, (off_t)1 << 40), 0); /* a hole */
    free(path);
    jv all = ledger_read_sidecars(s.store, &diags, &unreadable);
    assert_int_equal(jv_array_length(all), 0);
    assert_true(unreadable);
    assert_diag(&diags, 0, "recovery_sidecar_read_error", "warning", LEDGER_RECOVERIES "01A.json");
    diags_free(&diags);
    scratch_remove(&s);
}

static void a_sidecar_that_is_no_record_is_not_written(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct error err = ERROR_INIT;
    jv sidecar = sidecar_of("01A");
    json_set_string(&sidecar, "extra", "x");
    assert_false(ledger_write_sidecar(s.store, &sidecar, &err));
    assert_true(*error_text(&err));
    assert_int_equal(scratch_count(&s, "01"), 0);
    jv_free(sidecar);
    sidecar = sidecar_of("../../escape");
    assert_false(ledger_write_sidecar(s.store, &sidecar, NULL));
    jv_free(sidecar);
    const char *const ids[] = {"01A", ".."};
    scratch_write(&s, LEDGER_RECOVERIES "01A.json/x", "");
    error_clear(&err);
    assert_false(ledger_delete_sidecars(s.store, ids, 1, &err));
    assert_true(*error_text(&err));
    error_clear(&err);
    scratch_remove(&s);
}

static void approvals_are_written_rewritten_and_read(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct diags diags;
    struct error err = ERROR_INIT;
    diags_init(&diags);
    jv approval = parsed(ledger_approval_parse, APPROVAL(""));
    assert_true(ledger_write_approval(s.store, &approval, NULL));
    json_set_string(&approval, "consumed_at", "2026-01-02T03:04:05.678Z");
    assert_true(ledger_write_approval(s.store, &approval, NULL));
    scratch_write(&s, LEDGER_APPROVALS "01B.json", "[]");
    jv all = ledger_read_approvals(s.store, &diags);
    assert_int_equal(jv_array_length(jv_copy(all)), 1);
    jv one = jv_array_get(all, 0);
    assert_true(json_equal(&one, &approval));
    jv_free(one);
    assert_int_equal(diags.errors, 0);
    assert_diag(&diags, 0, "invalid_approval_artifact", "warning", LEDGER_APPROVALS "01B.json");
    json_set_string(&approval, "extra", "x");
    assert_false(ledger_write_approval(s.store, &approval, &err));
    assert_string_equal(err.code, "approval_write_error");
    error_clear(&err);
    json_delete(&approval, "extra");
    setenv("CLUSTER_FAILPOINTS", "store.before_put=error", 1);
    assert_false(ledger_write_approval(s.store, &approval, &err));
    unsetenv("CLUSTER_FAILPOINTS");
    assert_string_equal(err.code, "injected_failpoint");
    char *name = ledger_approval_name("01A");
    assert_string_equal(name, LEDGER_APPROVALS "01A.json");
    free(name);
    jv_free(approval);
    error_clear(&err);
    diags_free(&diags);
    scratch_remove(&s);
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
        cmocka_unit_test(the_cas_is_the_digest_of_the_files_bytes),
        cmocka_unit_test(a_ledger_is_written_for_people_and_any_layout_is_read),
        cmocka_unit_test(a_ledger_that_somebody_else_wrote_is_never_overwritten),
        cmocka_unit_test(a_ledger_that_cannot_be_read_says_why),
        cmocka_unit_test(a_ledger_that_cannot_be_written_says_why),
        cmocka_unit_test(sidecars_come_in_the_order_of_their_ids),
        cmocka_unit_test(a_sidecar_that_cannot_be_read_warns_and_stays),
        cmocka_unit_test(a_folder_that_cannot_be_listed_is_an_error),
        cmocka_unit_test(a_record_larger_than_any_is_unreadable),
        cmocka_unit_test(a_sidecar_that_is_no_record_is_not_written),
        cmocka_unit_test(approvals_are_written_rewritten_and_read),
    };
    return RUN(tests);
}
