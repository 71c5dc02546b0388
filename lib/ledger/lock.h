/*
 * lock.h - the cluster's lock: looking at it, taking it, being sure of it, letting go.
 *
 * The lock is the object __cluster/lock.json, created only if absent, by one atomic create. On a
 * disk its holder also keeps the kernel's lock on __cluster/.lock (store/kernel_lock.h), a file
 * that names the lock id of its last holder. So a lock.json that .lock names while nobody holds
 * the kernel's lock is a dead holder's, and is taken over; one that .lock does not name was written
 * by some other tool and is held until somebody removes it.
 *
 * What is written when, and why a SIGKILL or a power failure between any two steps leaves nothing
 * for a human to do:
 *
 *     take     kernel lock → (dead holder's lock.json removed) → our id into .lock → lock.json
 *     release  lock.json removed → kernel lock dropped; .lock goes on naming us
 *
 * Each arrow waits for the disk. Whenever lock.json of ours exists, .lock names it.
 *
 * In a bucket there is no kernel to ask, and the holder may be on any machine. It keeps a heartbeat
 * (ledger/heartbeat.h); one that has stopped makes the lock stale, to be removed or taken over by
 * whoever asks for that. Nobody does so unasked: the holder may only sleep.
 *
 *     take     lock.json → first heartbeat, then one every 10 s
 *     release  heartbeat removed → lock.json removed
 */
#ifndef CLUSTER_LEDGER_LOCK_H
#define CLUSTER_LEDGER_LOCK_H

#include "common/error.h"
#include "common/json.h"
#include "common/ulid.h"
#include "ledger/heartbeat.h"
#include "store/kernel_lock.h"
#include "store/store.h"

#include <stdbool.h>

/*
 * Looks at the lock without touching it. *held tells whether there is one. *observed is then what
 * the document's lock section calls `observed`: {lock_id, operation, created_at, pid, age_seconds?,
 * heartbeat_age_seconds?, stale?}, else an empty object; the caller owns it either way. `stale` is
 * true when the holder is certainly dead, in a bucket when its heartbeat has stopped; ages in a
 * bucket are by the server's clock. False with err set when lock.json cannot be read (codes
 * state_lock_read_error, invalid_state_lock, unsupported_state_lock_version); *held is then true if
 * something is there, and *observed is empty.
 */
bool lock_observe(struct store *store, bool *held, jv *observed, struct error *err);

/*
 * Fencing: true if lock.json still holds lock_id. Else err.code is state_lock_lost, or
 * state_lock_read_error when that could not be found out; either way nothing more may be written.
 */
bool lock_is_ours(struct store *store, const char *lock_id, struct error *err);

/* A lock that is held. */
struct lock {
    struct ulid id;
    struct kernel_lock kernel;   /* on a disk; children started while it is held inherit it */
    struct heartbeat *heartbeat; /* in a bucket, else NULL */
    jv recovered;                /* the record of the dead holder it was taken over from, or null */
};

enum lock_outcome { LOCK_TAKEN, LOCK_HELD, LOCK_FAILED };

/*
 * Tries once to take the lock, without waiting.
 *
 *     LOCK_TAKEN   end it with lock_release()
 *     LOCK_HELD    *observed (owned by the caller) is what was seen of the holder, as
 * lock_observe() gives it; empty when the holder is just taking or releasing it, or was
 *                  force-unlocked and still runs
 *     LOCK_FAILED  err is set; codes as lock_observe()'s, and state_lock_write_error
 *
 * *lock and *observed are set in every case (to nothing where they do not apply).
 */
enum lock_outcome lock_take(struct store *store, const char *operation, struct lock *lock,
                            jv *observed, struct error *err);

/*
 * As lock_take(), but a lock in a bucket is taken over when its heartbeat is more than stale_after
 * seconds old (0: never). One that never had a heartbeat is not: another tool's, it may be alive.
 */
enum lock_outcome lock_take_over(struct store *store, const char *operation, int64_t stale_after,
                                 struct lock *lock, jv *observed, struct error *err);

/*
 * Removes lock.json if it still holds our id, and lets go of the kernel's lock. Only then may
 * success be told to anybody. False with err set (state_lock_lost when it was not ours any more,
 * state_lock_read_error, state_lock_write_error); whatever is left is then no longer held by this
 * process.
 */
bool lock_release(struct store *store, struct lock *lock, struct error *err);

/*
 * Removes the lock for somebody who is not its holder: the one with exactly this id. With lock_id
 * NULL the one whose holder is certainly dead, in a bucket the one whose heartbeat has stopped
 * (else state_lock_alive). Anything but a match leaves the file. Codes: state_lock_missing,
 * state_lock_id_mismatch, invalid_state_lock, unsupported_state_lock_version,
 * state_lock_read_error, state_lock_write_error.
 */
bool lock_force_release(struct store *store, const char *lock_id, struct error *err);

#endif
