/* The lock when its holder dies or the disk fails: no death at any point leaves it to a human. */
#include "lock_expect.h"

static void a_death_at_any_point_needs_no_human(void **state)
{
    (void)state;
    int at = 1, recoveries = 0;
    for (;; at++) {
        struct scratch s = scratch_make();
        bool died = dies_at(&s, at, take_and_release);
        recoveries += assert_recovers(&s);
        scratch_remove(&s);
        if (!died)
            break;
    }
    assert_true(at > 10);
    assert_true(recoveries > 0); /* some of them left a lock.json */
}

static void a_death_while_taking_over_from_the_dead_needs_no_human(void **state)
{
    (void)state;
    int recoveries = 0;
    for (int at = 1;; at++) {
        struct scratch s = scratch_make();
        assert_true(dies_at(&s, 0, take_and_die));
        bool died = dies_at(&s, at, take_and_release);
        recoveries += assert_recovers(&s);
        scratch_remove(&s);
        if (!died)
            break;
    }
    assert_true(recoveries > 1);
}

static void take_foreign(struct scratch *s)
{
    struct lock lock;
    if (take(s, &lock) != LOCK_HELD)
        _exit(1);
}

static void no_death_makes_a_foreign_lock_ours(void **state)
{
    (void)state;
    for (int at = 1;; at++) {
        struct scratch s = scratch_make();
        scratch_write(&s, LEDGER_LOCK, foreign);
        bool died = dies_at(&s, at, take_foreign);
        struct lock lock;
        assert_int_equal(take(&s, &lock), LOCK_HELD);
        scratch_assert(&s, LEDGER_LOCK, foreign);
        scratch_remove(&s);
        if (!died)
            break;
    }
}

static void a_disk_that_fails_while_taking_leaves_no_lock(void **state)
{
    (void)state;
    for (int at = 1;; at++) {
        struct scratch s = scratch_make();
        struct lock lock;
        jv observed;
        struct error err = ERROR_INIT;
        faults_start(at, ENOSPC);
        enum lock_outcome outcome = lock_take(s.store, "apply", &lock, &observed, &err);
        faults_stop();
        bool failed = *faults.failed != '\0';
        if (outcome == LOCK_TAKEN) {
            assert_true(lock_release(s.store, &lock, NULL));
        } else {
            assert_int_equal(outcome, LOCK_FAILED);
            assert_string_equal(err.code, "state_lock_write_error");
            assert_true(*error_text(&err));
        }
        jv_free(observed);
        error_clear(&err);
        (void)assert_recovers(&s);
        scratch_remove(&s);
        if (!failed)
            break;
    }
    buf_free(&faults.log);
}

static void a_disk_that_fails_while_releasing_is_told(void **state)
{
    (void)state;
    for (int at = 1;; at++) {
        struct scratch s = scratch_make();
        struct lock lock;
        struct error err = ERROR_INIT;
        assert_int_equal(take(&s, &lock), LOCK_TAKEN);
        faults_start(at, EIO);
        bool released = lock_release(s.store, &lock, &err);
        faults_stop();
        bool failed = *faults.failed != '\0';
        assert_int_equal(released, !failed);
        if (failed)
            assert_string_equal(err.code, "state_lock_write_error");
        error_clear(&err);
        (void)assert_recovers(&s);
        scratch_remove(&s);
        if (!failed)
            break;
    }
    buf_free(&faults.log);
}

static void the_holder_is_named_before_lock_json_appears(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct lock lock;
    faults_start(0, 0);
    assert_int_equal(take(&s, &lock), LOCK_TAKEN);
    faults_stop();
    const char *signed_at = strstr(buf_text(&faults.log), "write ");
    assert_non_null(signed_at);
    assert_non_null(strstr(signed_at, "/__cluster/.lock\nfsync "));
    const char *created_at = strstr(signed_at, "/__cluster/.lock\nfsync ");
    assert_non_null(strstr(created_at, "link "));
    assert_null(strstr(strstr(created_at, "link "), "/.lock\n"));
    char *text = scratch_read(&s, LEDGER_KERNEL_LOCK);
    assert_memory_equal(text, lock.id.text, strlen(lock.id.text));
    free(text);
    assert_true(lock_release(s.store, &lock, NULL));
    buf_free(&faults.log);
    scratch_remove(&s);
}

static void a_dead_holder_is_seen_as_stale_without_disturbing_anybody(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    bool held;
    jv observed;
    assert_true(dies_at(&s, 0, take_and_die));
    assert_true(lock_observe(s.store, &held, &observed, NULL));
    assert_true(held);
    assert_true(json_peek_bool(&observed, "stale", false));
    jv_free(observed);
    assert_true(assert_recovers(&s));
    scratch_remove(&s);
}

static void a_child_keeps_the_lock_of_a_dead_holder(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    int to_child[2], to_us[2];
    assert_int_equal(pipe(to_child), 0);
    assert_int_equal(pipe(to_us), 0);
    pid_t holder = fork();
    if (holder == 0) {
        struct lock lock;
        char c;
        if (take(&s, &lock) != LOCK_TAKEN)
            _exit(1);
        if (fork() == 0) { /* the stage: lives until it is told to end */
            (void)!write(to_us[1], "x", 1);
            close(to_child[1]);
            (void)!read(to_child[0], &c, 1);
            _exit(0);
        }
        (void)!read(to_child[0], &c, 1); /* killed here */
        _exit(1);
    }
    char c;
    assert_int_equal(read(to_us[0], &c, 1), 1);
    close(to_us[1]);
    close(to_child[0]);
    assert_int_equal(kill(holder, SIGKILL), 0);
    assert_int_equal(waitpid(holder, NULL, 0), holder);
    struct lock lock;
    assert_int_equal(take(&s, &lock), LOCK_HELD);
    bool held;
    jv observed;
    assert_true(lock_observe(s.store, &held, &observed, NULL));
    assert_false(json_peek_bool(&observed, "stale", true));
    jv_free(observed);
    close(to_child[1]);
    assert_int_equal(read(to_us[0], &c, 1), 0); /* the stage has closed its end: it is gone */
    close(to_us[0]);
    /* Its descriptors are closed one by one, and the lock's may be after the pipe's. */
    enum lock_outcome outcome;
    do
        outcome = take(&s, &lock);
    while (outcome == LOCK_HELD);
    assert_int_equal(outcome, LOCK_TAKEN);
    assert_int_equal(jv_get_kind(lock.recovered), JV_KIND_OBJECT);
    assert_true(lock_release(s.store, &lock, NULL));
    scratch_remove(&s);
}

static void a_force_release_that_the_disk_refuses_is_told(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct error err = ERROR_INIT;
    scratch_write(&s, "__cluster/.cas", "");
    scratch_write(&s, LEDGER_LOCK, foreign);
    assert_int_equal(store_put(s.store, "__cluster/x", "", 0, NULL), STORE_OK);
    faults_start(1, EROFS); /* the folder is known by now, so the first call is the unlink */
    bool removed = lock_force_release(s.store, FOREIGN_ID, &err);
    faults_stop();
    buf_free(&faults.log);
    assert_false(removed);
    assert_string_equal(err.code, "state_lock_write_error");
    scratch_assert(&s, LEDGER_LOCK, foreign);
    error_clear(&err);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_death_at_any_point_needs_no_human),
        cmocka_unit_test(a_death_while_taking_over_from_the_dead_needs_no_human),
        cmocka_unit_test(no_death_makes_a_foreign_lock_ours),
        cmocka_unit_test(a_disk_that_fails_while_taking_leaves_no_lock),
        cmocka_unit_test(a_disk_that_fails_while_releasing_is_told),
        cmocka_unit_test(the_holder_is_named_before_lock_json_appears),
        cmocka_unit_test(a_dead_holder_is_seen_as_stale_without_disturbing_anybody),
        cmocka_unit_test(a_child_keeps_the_lock_of_a_dead_holder),
        cmocka_unit_test(a_force_release_that_the_disk_refuses_is_told),
    };
    return RUN(tests);
}
