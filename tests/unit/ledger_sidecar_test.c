/* Sidecars and approvals in a store: read, written, and left alone when they cannot be read. */
#include "ledger_expect.h"

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
        cmocka_unit_test(sidecars_come_in_the_order_of_their_ids),
        cmocka_unit_test(a_sidecar_that_cannot_be_read_warns_and_stays),
        cmocka_unit_test(a_folder_that_cannot_be_listed_is_an_error),
        cmocka_unit_test(a_record_larger_than_any_is_unreadable),
        cmocka_unit_test(a_sidecar_that_is_no_record_is_not_written),
        cmocka_unit_test(approvals_are_written_rewritten_and_read),
    };
    return RUN(tests);
}
