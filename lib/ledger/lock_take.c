/* lock_take.c - taking the lock and letting go of it; lock.h says in what order and why. */
#include "common/xalloc.h"
#include "ledger/ledger.h"
#include "ledger/lock.h"
#include "ledger/lock_record.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum lock_outcome fail(const char *code, const char *what, const struct error *why,
                              struct error *err)
{
    error_set(err, why->code ? why->code : code, "%s: %s", what, error_text(why));
    return LOCK_FAILED;
}

/* The lock is somebody's. Who, is what can be seen of it. */
static enum lock_outcome held_by_other(struct store *store, jv *observed, struct error *err)
{
    bool held;
    jv_free(*observed);
    return lock_observe(store, &held, observed, err) ? LOCK_HELD : LOCK_FAILED;
}

/* With the kernel's lock in hand: what to do about a lock.json that is there. LOCK_TAKEN means that
 * the way is free. */
static enum lock_outcome clear_the_way(struct store *store, struct lock *lock, jv *observed,
                                       struct error *err)
{
    jv record;
    struct store_token token;
    struct error why = ERROR_INIT;
    enum lock_outcome outcome = LOCK_TAKEN;
    enum store_status status = lock_record_read(store, &record, &token, err);
    if (status == STORE_OK && json_string_is(&record, "lock_id", lock->kernel.text)) {
        /* The last holder is dead, or the kernel would not have given us its lock. */
        status = store_delete_if_match(store, LEDGER_LOCK, &token, &why);
        if (status == STORE_OK)
            lock->recovered = jv_copy(record);
        else if (status == STORE_CONFLICT)
            outcome = held_by_other(store, observed, err);
        else if (status != STORE_NOT_FOUND)
            outcome = fail("state_lock_write_error", "a dead command's lock cannot be removed",
                           &why, err);
    } else if (status == STORE_OK) {
        outcome = held_by_other(store, observed, err);
    } else if (status != STORE_NOT_FOUND) {
        outcome = LOCK_FAILED;
    }
    error_clear(&why);
    jv_free(record);
    return outcome;
}

static enum lock_outcome take_kernel_lock(struct store *store, struct lock *lock, jv *observed,
                                          struct error *err)
{
    struct error why = ERROR_INIT;
    enum lock_outcome outcome = LOCK_TAKEN;
    enum store_status status = kernel_lock_take(store, LEDGER_KERNEL_LOCK, &lock->kernel, &why);
    if (status == STORE_CONFLICT)
        outcome = held_by_other(store, observed, err);
    else if (status != STORE_OK)
        outcome = fail("state_lock_write_error", "the lock cannot be taken", &why, err);
    error_clear(&why);
    return outcome;
}

/* From here on .lock names us, so that whatever we leave behind is known to be a dead holder's. */
static enum lock_outcome sign_kernel_lock(struct lock *lock, struct error *err)
{
    struct error why = ERROR_INIT;
    enum lock_outcome outcome = LOCK_TAKEN;
    if (kernel_lock_write(&lock->kernel, lock->id.text, &why) != STORE_OK)
        outcome = fail("state_lock_write_error", "the lock cannot be taken", &why, err);
    error_clear(&why);
    return outcome;
}

static enum lock_outcome create(struct store *store, const char *operation, struct lock *lock,
                                jv *observed, struct error *err)
{
    struct buf bytes = BUF_INIT;
    struct error why = ERROR_INIT;
    enum lock_outcome outcome = LOCK_TAKEN;
    lock_record_write(lock->id.text, operation, getpid(), &bytes);
    enum store_status status = store_put_if_absent(store, LEDGER_LOCK, bytes.data, bytes.len, &why);
    if (status == STORE_CONFLICT) {
        outcome = held_by_other(store, observed, err);
    } else if (status != STORE_OK) {
        outcome = fail("state_lock_write_error", "the lock cannot be taken", &why, err);
        /* It may stand there all the same (the last sync failed); then it should not stay. */
        (void)lock_force_release(store, lock->id.text, NULL);
    }
    error_clear(&why);
    buf_free(&bytes);
    return outcome;
}

/*
 * In a bucket: somebody's lock, whose heartbeat may have stopped. It is replaced by ours in one
 * swap, so that of two who take over at once only one does, and a holder that woke up and released
 * it in the meantime is noticed.
 */
static enum lock_outcome take_over(struct store *store, const char *operation, int64_t stale_after,
                                   struct lock *lock, jv *observed, struct error *err)
{
    jv record;
    struct store_token token;
    struct buf bytes = BUF_INIT;
    struct error why = ERROR_INIT;
    enum lock_outcome outcome = LOCK_HELD;
    int64_t age;
    if (lock_record_read(store, &record, &token, NULL) != STORE_OK ||
        heartbeat_age(store, json_peek_string(&record, "lock_id"), &age, NULL) != STORE_OK ||
        age <= stale_after)
        goto out; /* what was observed stands */
    lock_record_write(lock->id.text, operation, getpid(), &bytes);
    enum store_status status =
        store_put_if_match(store, LEDGER_LOCK, &token, bytes.data, bytes.len, &why);
    if (status == STORE_OK) {
        outcome = LOCK_TAKEN;
        lock->recovered = jv_copy(record);
    } else if (status == STORE_CONFLICT) {
        outcome = held_by_other(store, observed, err);
    } else {
        outcome = fail("state_lock_write_error", "the stale lock cannot be taken over", &why, err);
    }
out:
    error_clear(&why);
    buf_free(&bytes);
    jv_free(record);
    return outcome;
}

static void lock_forget(struct lock *lock)
{
    heartbeat_stop(lock->heartbeat);
    lock->heartbeat = NULL;
    kernel_lock_drop(&lock->kernel);
    jv_free(lock->recovered);
    lock->recovered = jv_null();
}

enum lock_outcome lock_take_over(struct store *store, const char *operation, int64_t stale_after,
                                 struct lock *lock, jv *observed, struct error *err)
{
    bool remote = store_is_remote(store);
    *lock = (struct lock){ulid_new(), KERNEL_LOCK_INIT, NULL, jv_null()};
    *observed = jv_object();
    enum lock_outcome outcome = LOCK_TAKEN;
    if (!remote) {
        outcome = take_kernel_lock(store, lock, observed, err);
        if (outcome == LOCK_TAKEN)
            outcome = clear_the_way(store, lock, observed, err);
        if (outcome == LOCK_TAKEN)
            outcome = sign_kernel_lock(lock, err);
    }
    if (outcome == LOCK_TAKEN)
        outcome = create(store, operation, lock, observed, err);
    if (outcome == LOCK_HELD && remote && stale_after > 0)
        outcome = take_over(store, operation, stale_after, lock, observed, err);
    if (outcome == LOCK_TAKEN && remote)
        lock->heartbeat = heartbeat_start(store, lock->id.text);
    if (outcome != LOCK_TAKEN)
        lock_forget(lock);
    return outcome;
}

enum lock_outcome lock_take(struct store *store, const char *operation, struct lock *lock,
                            jv *observed, struct error *err)
{
    return lock_take_over(store, operation, 0, lock, observed, err);
}

bool lock_release(struct store *store, struct lock *lock, struct error *err)
{
    struct error why = ERROR_INIT;
    heartbeat_stop(lock->heartbeat);
    lock->heartbeat = NULL;
    bool ok = lock_force_release(store, lock->id.text, &why);
    if (!ok) {
        bool lost = strcmp(why.code, "state_lock_read_error") != 0 &&
                    strcmp(why.code, "state_lock_write_error") != 0;
        error_set(err, lost ? "state_lock_lost" : why.code, "%s%s",
                  lost ? "the lock was taken away while this command ran, so another may have run "
                         "at the same time: "
                       : "the lock cannot be released: ",
                  error_text(&why));
    }
    error_clear(&why);
    lock_forget(lock);
    return ok;
}

/* Removes the record that was read with this token. */
static bool remove_record(struct store *store, const struct store_token *token, struct error *err)
{
    struct error why = ERROR_INIT;
    /* Its heartbeat first, as long as it is no other's. One that stays is inert: it names no lock
     * that is held. */
    if (store_is_remote(store))
        (void)store_delete(store, LEDGER_HEARTBEAT, NULL);
    enum store_status status = store_delete_if_match(store, LEDGER_LOCK, token, &why);
    bool ok = status == STORE_OK;
    if (status == STORE_NOT_FOUND)
        error_set(err, "state_lock_missing", "the lock was just released by its holder");
    else if (status == STORE_CONFLICT)
        error_set(err, "state_lock_id_mismatch",
                  "the lock changed hands just now; look at it again with `cluster status`");
    else if (!ok)
        error_set(err, "state_lock_write_error", "the lock cannot be removed: %s",
                  error_text(&why));
    error_clear(&why);
    return ok;
}

/* True if the heartbeat of a lock in a bucket has stopped. */
static bool heartbeat_stopped(struct store *store, const char *id, struct error *err)
{
    int64_t age;
    enum store_status status = heartbeat_age(store, id, &age, err);
    if (status == STORE_NOT_FOUND)
        return error_set(err, "state_lock_alive",
                         "the lock %s has no heartbeat: it was written by another tool, or its "
                         "holder died at once, and which cannot be told; when you are sure that "
                         "nothing holds it, name the id: force-unlock %s",
                         id, id);
    if (status != STORE_OK)
        return false;
    if (age > heartbeat_limit())
        return true;
    return error_set(err, "state_lock_alive",
                     "the holder of the lock %s showed life %lld s ago, so it is no stale lock; it "
                     "is one when that is more than %lld s",
                     id, (long long)age, (long long)heartbeat_limit());
}

/* True if the holder of the record is certainly dead; *kernel is then ours, so that nobody comes to
 * life in between. */
static bool holder_is_dead(struct store *store, const jv *record, struct kernel_lock *kernel,
                           struct error *err)
{
    struct error why = ERROR_INIT;
    const char *id = json_peek_string(record, "lock_id");
    if (store_is_remote(store))
        return heartbeat_stopped(store, id, err);
    enum store_status status = kernel_lock_take(store, LEDGER_KERNEL_LOCK, kernel, &why);
    bool dead = status == STORE_OK && strcmp(kernel->text, id) == 0;
    if (status == STORE_CONFLICT)
        error_set(err, "state_lock_alive",
                  "the holder of the lock %s is still running, so it is no stale lock", id);
    else if (status != STORE_OK)
        error_set(err, "state_lock_read_error",
                  "whether the lock's holder is alive cannot be told: %s", error_text(&why));
    else if (!dead)
        error_set(err, "state_lock_alive",
                  "the lock %s was written by another tool, and whether that is alive cannot be "
                  "told; when you are sure that it is not, name the id: force-unlock %s",
                  id, id);
    error_clear(&why);
    return dead;
}

bool lock_force_release(struct store *store, const char *lock_id, struct error *err)
{
    jv record;
    struct store_token token;
    struct kernel_lock kernel = KERNEL_LOCK_INIT;
    bool ok = false;
    enum store_status status = lock_record_read(store, &record, &token, err);
    if (status == STORE_NOT_FOUND)
        error_set(err, "state_lock_missing", "there is no lock to remove");
    else if (status == STORE_OK && lock_id && !json_string_is(&record, "lock_id", lock_id))
        error_set(err, "state_lock_id_mismatch",
                  "the lock that is there is %s, not %s, and was left alone; check who holds it "
                  "with `cluster status`",
                  json_peek_string(&record, "lock_id"), lock_id);
    else if (status == STORE_OK)
        ok = (lock_id || holder_is_dead(store, &record, &kernel, err)) &&
             remove_record(store, &token, err);
    kernel_lock_drop(&kernel);
    jv_free(record);
    return ok;
}
