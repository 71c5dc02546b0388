/*
 * lock_expect.h - takers of the lock that live or die, and the lock of another tool.
 */
#ifndef CLUSTER_TEST_LOCK_EXPECT_H
#define CLUSTER_TEST_LOCK_EXPECT_H

#include "faults.h"
#include "ledger/ledger.h"
#include "ledger/lock.h"
#include "scratch.h"

#include <sys/wait.h>

#define FOREIGN_ID "01HZZZZZZZZZZZZZZZZZZZZZZZ"

static const char foreign[] =
    "{\"version\":1,\"lock_id\":\"" FOREIGN_ID "\",\"operation\":\"apply\","
    "\"created_at\":\"2026-01-02T03:04:05Z\",\"pid\":1}";

static inline enum lock_outcome take(struct scratch *s, struct lock *lock)
{
    jv observed;
    enum lock_outcome outcome = lock_take(s->store, "apply", lock, &observed, NULL);
    jv_free(observed);
    return outcome;
}

static inline void assert_free(struct scratch *s)
{
    bool held;
    jv observed;
    assert_true(lock_observe(s->store, &held, &observed, NULL));
    assert_false(held);
    assert_int_equal(jv_object_length(observed), 0);
}

/* The lock can be had, and let go of, without anybody's help. */
static inline bool assert_recovers(struct scratch *s)
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
static inline bool dies_at(struct scratch *s, int at, void (*work)(struct scratch *s))
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

static inline void take_and_release(struct scratch *s)
{
    struct lock lock;
    if (take(s, &lock) != LOCK_TAKEN || !lock_release(s->store, &lock, NULL))
        _exit(1);
}

static inline void take_and_die(struct scratch *s)
{
    struct lock lock;
    if (take(s, &lock) != LOCK_TAKEN)
        _exit(1);
    raise(SIGKILL);
}

#endif
