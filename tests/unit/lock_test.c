/* The lock: who holds it, and that no death at any point leaves it to a human. */
#include "ledger/lock.h"

#include "common/timestamp.h"
#include "faults.h"
#include "ledger/ledger.h"
#include "scratch.h"

#include <sys/wait.h>

#define FOREIGN_ID "01HZZZZZZZZZZZZZZZZZZZZZZZ"

static const char foreign[] =
    "{\"version\":1,\"lock_id\":\"" FOREIGN_ID "\",\"operation\":\"apply\","
    "\"created_at\":\"2026-01-02T03:04:05Z\",\"pid\":1}";

static enum lock_outcome take(struct scratch *s, struct lock *lock)
{
    jv observed;
    enum lock_outcome outcome = lock_take(s->store, "apply", lock, &observed, NULL);
    jv_free(observed);
    return outcome;
}

static void assert_free(struct scratch *s)
{
    bool held;
    jv observed;
    assert_true(lock_observe(s->store, &held, &observed, NULL));
    assert_false(held);
    assert_int_equal(jv_object_length(observed), 0);
}

/* The lock can be had, and let go of, without anybody's help. */
static bool assert_recovers(struct scratch *s)
{
    struct lock lock;
    assert_int_equal(take(s, &lock), LOCK_TAKEN);
    bool recovered = jv_get_kind(lock.recovered) == JV_KIND_OBJECT;
    assert_true(lock_is_ours(s->store, lock.id.text, NULL));
    assert_true(lock_release(s->store, &lock, NULL));
    assert_free(s);
    return recovered;
}

/* Runs work in a child that dies at its at-th call to the disk; true if it did. */
static bool dies_at(struct scratch *s, int at, void (*work)(struct scratch *s))
{
    pid_t pid = fork();
    if (pid == 0) {
        faults_start(at, 0);
        faults.kill = true;
        work(s);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

static void take_and_release(struct scratch *s)
{
    struct lock lock;
    if (take(s, &lock) != LOCK_TAKEN || !lock_release(s->store, &lock, NULL))
        _exit(1);
}

static void take_and_die(struct scratch *s)
{
    struct lock lock;
    if (take(s, &lock) != LOCK_TAKEN)
        _exit(1);
    raise(SIGKILL);
}

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
        cmocka_unit_test(a_death_at_any_point_needs_no_human),
        cmocka_unit_test(a_death_while_taking_over_from_the_dead_needs_no_human),
        cmocka_unit_test(no_death_makes_a_foreign_lock_ours),
        cmocka_unit_test(a_disk_that_fails_while_taking_leaves_no_lock),
        cmocka_unit_test(a_disk_that_fails_while_releasing_is_told),
        cmocka_unit_test(the_holder_is_named_before_lock_json_appears),
        cmocka_unit_test(one_holder_at_a_time_and_the_other_sees_who),
        cmocka_unit_test(a_dead_holder_is_seen_as_stale_without_disturbing_anybody),
        cmocka_unit_test(a_child_keeps_the_lock_of_a_dead_holder),
        cmocka_unit_test(a_lock_that_is_gone_or_anothers_fences),
        cmocka_unit_test(a_lock_that_cannot_be_read_fences_too),
        cmocka_unit_test(a_control_file_that_cannot_be_used_is_an_error),
        cmocka_unit_test(another_tools_lock_is_held_and_its_age_is_known),
        cmocka_unit_test(the_age_of_a_lock_from_the_future_is_zero_and_of_no_time_unknown),
        cmocka_unit_test(only_an_exact_id_releases_by_force),
        cmocka_unit_test(a_force_release_that_the_disk_refuses_is_told),
        cmocka_unit_test(only_a_dead_holders_lock_is_stale),
    };
    return RUN(tests);
}
