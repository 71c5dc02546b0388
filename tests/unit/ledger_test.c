/* The ledger in a store: read, written, and never over another's. */
#include "common/digest.h"
#include "ledger_expect.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cas_is_the_digest_of_the_files_bytes),
        cmocka_unit_test(a_ledger_is_written_for_people_and_any_layout_is_read),
        cmocka_unit_test(a_ledger_that_somebody_else_wrote_is_never_overwritten),
        cmocka_unit_test(a_ledger_that_cannot_be_read_says_why),
        cmocka_unit_test(a_ledger_that_cannot_be_written_says_why),
    };
    return RUN(tests);
}
