/* The lock: who holds it, how old it is, who may release it. */
#include "common/timestamp.h"
#include "lock_expect.h"

static void one_holder_at_a_time_and_the_other_sees_who(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct lock first, second;
    jv observed;
    assert_int_equal(take(&s, &first), LOCK_TAKEN);
    assert_int_equal(lock_take(s.store, "refresh", &second, &observed, NULL), LOCK_HELD);
    assert_true(json_string_is(&observed, "operation", "apply"));
    assert_true(json_string_is(&observed, "lock_id", first.id.text));
    assert_int_equal(json_peek_int(&observed, "pid", 0), getpid());
    assert_true(json_peek_int(&observed, "age_seconds", -1) >= 0);
    assert_false(json_peek_bool(&observed, "stale", true));
    assert_false(json_has(&observed, "version"));
    jv_free(observed);
    assert_true(lock_release(s.store, &first, NULL));
    assert_false(assert_recovers(&s));
    scratch_remove(&s);
}

static void assert_lost(struct scratch *s, struct lock *lock)
{
    struct error err = ERROR_INIT;
    assert_false(lock_is_ours(s->store, lock->id.text, &err));
    assert_string_equal(err.code, "state_lock_lost");
    error_clear(&err);
    assert_false(lock_release(s->store, lock, &err));
    assert_string_equal(err.code, "state_lock_lost");
    error_clear(&err);
}

static void a_lock_that_is_gone_or_anothers_fences(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct lock lock;
    assert_int_equal(take(&s, &lock), LOCK_TAKEN);
    assert_int_equal(store_delete(s.store, LEDGER_LOCK, NULL), STORE_OK);
    assert_lost(&s, &lock);
    const char *const others[] = {foreign, "{}", "{\"version\":2}"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(take(&s, &lock), LOCK_TAKEN);
        scratch_write(&s, LEDGER_LOCK, others[i]);
        assert_lost(&s, &lock);
        scratch_assert(&s, LEDGER_LOCK, others[i]);
        assert_int_equal(store_delete(s.store, LEDGER_LOCK, NULL), STORE_OK);
    }
    scratch_remove(&s);
}

static void a_lock_that_cannot_be_read_fences_too(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct error err = ERROR_INIT;
    scratch_write(&s, LEDGER_LOCK "/a", "");
    assert_false(lock_is_ours(s.store, "x", &err));
    assert_string_equal(err.code, "state_lock_read_error");
    error_clear(&err);
    bool held = false;
    jv observed;
    assert_false(lock_observe(s.store, &held, &observed, &err));
    assert_string_equal(err.code, "state_lock_read_error");
    jv_free(observed);
    error_clear(&err);
    struct lock lock;
    assert_int_equal(take(&s, &lock), LOCK_FAILED);
    scratch_remove(&s);
}

static void a_control_file_that_cannot_be_used_is_an_error(void **state)
{
    (void)state;
    char *long_text = xcalloc(1, 8193);
    memset(long_text, 'x', 8192);
    const char *const texts[] = {NULL, long_text}; /* a directory; larger than any id */
    for (size_t i = 0; i < 2; i++) {
        struct scratch s = scratch_make();
        struct error err = ERROR_INIT;
        struct lock lock;
        bool held;
        jv observed;
        if (texts[i])
            scratch_write(&s, LEDGER_KERNEL_LOCK, texts[i]);
        else
            scratch_write(&s, LEDGER_KERNEL_LOCK "/a", "");
        assert_int_equal(lock_take(s.store, "x", &lock, &observed, &err), LOCK_FAILED);
        assert_string_equal(err.code, "state_lock_write_error");
        jv_free(observed);
        error_clear(&err);
        assert_false(lock_observe(s.store, &held, &observed, &err));
        assert_string_equal(err.code, "state_lock_read_error");
        jv_free(observed);
        error_clear(&err);
        scratch_write(&s, LEDGER_LOCK, foreign);
        assert_false(lock_force_release(s.store, NULL, &err));
        assert_string_equal(err.code, "state_lock_read_error");
        error_clear(&err);
        scratch_remove(&s);
    }
    free(long_text);
}

static void another_tools_lock_is_held_and_its_age_is_known(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct lock lock;
    jv observed;
    scratch_write(&s, LEDGER_LOCK, foreign);
    assert_int_equal(lock_take(s.store, "x", &lock, &observed, NULL), LOCK_HELD);
    int64_t created;
    assert_true(timestamp_parse("2026-01-02T03:04:05Z", &created));
    int64_t age = (timestamp_now_ms() - created) / 1000;
    int64_t seen = json_peek_int(&observed, "age_seconds", -1);
    assert_true(seen >= age - 10 && seen <= age);
    assert_false(json_has(&observed, "stale"));
    jv_free(observed);
    scratch_remove(&s);
}

static void the_age_of_a_lock_from_the_future_is_zero_and_of_no_time_unknown(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    bool held;
    jv observed;
    scratch_write(&s, LEDGER_LOCK,
                  "{\"version\":1,\"lock_id\":\"a\",\"operation\":\"o\",\"pid\":1,"
                  "\"created_at\":\"9999-01-01T00:00:00Z\"}");
    assert_true(lock_observe(s.store, &held, &observed, NULL));
    assert_int_equal(json_peek_int(&observed, "age_seconds", -1), 0);
    jv_free(observed);
    scratch_write(&s, LEDGER_LOCK,
                  "{\"version\":1,\"lock_id\":\"a\",\"operation\":\"o\",\"pid\":1,"
                  "\"created_at\":\"yesterday\"}");
    assert_true(lock_observe(s.store, &held, &observed, NULL));
    assert_true(held);
    assert_false(json_has(&observed, "age_seconds"));
    jv_free(observed);
    scratch_remove(&s);
}

static void only_an_exact_id_releases_by_force(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct error err = ERROR_INIT;
    assert_false(lock_force_release(s.store, FOREIGN_ID, &err));
    assert_string_equal(err.code, "state_lock_missing");
    scratch_write(&s, LEDGER_LOCK, foreign);
    assert_false(lock_force_release(s.store, FOREIGN_ID "Z", &err));
    assert_string_equal(err.code, "state_lock_id_mismatch");
    scratch_assert(&s, LEDGER_LOCK, foreign);
    assert_true(lock_force_release(s.store, FOREIGN_ID, NULL));
    scratch_assert(&s, LEDGER_LOCK, NULL);
    error_clear(&err);
    scratch_remove(&s);
}

static void only_a_dead_holders_lock_is_stale(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct error err = ERROR_INIT;
    struct lock lock;
    assert_int_equal(take(&s, &lock), LOCK_TAKEN);
    assert_false(lock_force_release(s.store, NULL, &err));
    assert_string_equal(err.code, "state_lock_alive");
    assert_true(lock_release(s.store, &lock, NULL));
    scratch_write(&s, LEDGER_LOCK, foreign);
    assert_false(lock_force_release(s.store, NULL, &err));
    assert_string_equal(err.code, "state_lock_alive");
    scratch_assert(&s, LEDGER_LOCK, foreign);
    assert_true(lock_force_release(s.store, FOREIGN_ID, NULL));
    assert_true(dies_at(&s, 0, take_and_die));
    assert_true(lock_force_release(s.store, NULL, NULL));
    assert_free(&s);
    error_clear(&err);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_holder_at_a_time_and_the_other_sees_who),
        cmocka_unit_test(a_lock_that_is_gone_or_anothers_fences),
        cmocka_unit_test(a_lock_that_cannot_be_read_fences_too),
        cmocka_unit_test(a_control_file_that_cannot_be_used_is_an_error),
        cmocka_unit_test(another_tools_lock_is_held_and_its_age_is_known),
        cmocka_unit_test(the_age_of_a_lock_from_the_future_is_zero_and_of_no_time_unknown),
        cmocka_unit_test(only_an_exact_id_releases_by_force),
        cmocka_unit_test(only_a_dead_holders_lock_is_stale),
    };
    return RUN(tests);
}
