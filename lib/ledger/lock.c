/* lock.c - looking at the lock, and being sure that it is still ours. */
#include "ledger/lock.h"

#include "common/xalloc.h"
#include "ledger/ledger.h"
#include "ledger/lock_record.h"

#include <stdlib.h>
#include <string.h>

/* What the kernel says about the holder. */
struct kernel_says {
    bool known; /* false in a bucket */
    bool held;
    struct buf text;
};

static bool ask_kernel(struct store *store, struct kernel_says *says, struct error *err)
{
    struct error why = ERROR_INIT;
    *says = (struct kernel_says){.known = !store_is_remote(store), .text = BUF_INIT};
    if (!says->known ||
        kernel_lock_look(store, LEDGER_KERNEL_LOCK, &says->held, &says->text, &why) == STORE_OK)
        return true;
    error_set(err, "state_lock_read_error", "the lock cannot be read: %s", error_text(&why));
    error_clear(&why);
    return false;
}

/* What the server's clock says about a lock in a bucket. */
static bool add_ages(struct store *store, jv *observed, struct error *err)
{
    char *lock_id = xstrdup(json_peek_string(observed, "lock_id"));
    struct error ignored = ERROR_INIT;
    int64_t age;
    /* Of the lock itself: just for people, so left as it is if the server does not say. */
    if (store_age(store, LEDGER_LOCK, &age, &ignored) == STORE_OK)
        json_set_int(observed, "age_seconds", age);
    error_clear(&ignored);
    enum store_status status = heartbeat_age(store, lock_id, &age, err);
    if (status == STORE_OK) {
        json_set_int(observed, "heartbeat_age_seconds", age);
        json_set_bool(observed, "stale", age > heartbeat_limit());
    }
    free(lock_id);
    return status == STORE_OK || status == STORE_NOT_FOUND;
}

bool lock_observe(struct store *store, bool *held, jv *observed, struct error *err)
{
    struct kernel_says kernel;
    jv record;
    *held = false;
    *observed = jv_object();
    /* The kernel first: a holder that releases between the two looks must not seem dead. */
    bool ok = ask_kernel(store, &kernel, err);
    if (ok) {
        enum store_status status = lock_record_read(store, &record, NULL, err);
        *held = status == STORE_OK || status == STORE_INVALID;
        ok = status == STORE_OK || status == STORE_NOT_FOUND;
        if (status == STORE_OK) {
            jv_free(*observed);
            *observed = lock_record_observed(&record);
            if (kernel.known && json_string_is(&record, "lock_id", buf_text(&kernel.text)))
                json_set_bool(observed, "stale", !kernel.held);
            if (store_is_remote(store))
                ok = add_ages(store, observed, err);
        }
        jv_free(record);
    }
    buf_free(&kernel.text);
    return ok;
}

bool lock_is_ours(struct store *store, const char *lock_id, struct error *err)
{
    jv record;
    struct error why = ERROR_INIT;
    enum store_status status = lock_record_read(store, &record, NULL, &why);
    bool ours = status == STORE_OK && json_string_is(&record, "lock_id", lock_id);
    if (status == STORE_OK && !ours)
        error_set(err, "state_lock_lost",
                  "the lock %s is no longer ours: %s (pid %lld) holds %s now, so nothing more is "
                  "done",
                  lock_id, json_peek_string(&record, "operation"),
                  (long long)json_peek_int(&record, "pid", 0),
                  json_peek_string(&record, "lock_id"));
    else if (status == STORE_NOT_FOUND)
        error_set(err, "state_lock_lost",
                  "the lock %s is gone: somebody removed it while this command ran, so nothing "
                  "more is done",
                  lock_id);
    else if (status == STORE_INVALID)
        error_set(err, "state_lock_lost", "the lock %s is no longer ours: %s", lock_id,
                  error_text(&why));
    else if (status != STORE_OK)
        error_set(err, why.code, "%s", error_text(&why));
    error_clear(&why);
    jv_free(record);
    return ours;
}
