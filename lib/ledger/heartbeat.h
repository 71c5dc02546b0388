/*
 * heartbeat.h - the sign of life of a lock in a bucket, where no kernel tells who is dead.
 *
 * While it holds the lock a command rewrites __cluster/lock.heartbeat.json ({lock_id, at}) every
 * 10 s. Its age is judged by the server's clock alone; `at` is for people. A holder whose heartbeat
 * is over 60 s old may be taken for dead: that can be wrong (it may only sleep), and then fencing
 * (lock_is_ours) and the compare-and-swap of the ledger keep it from doing harm.
 *
 * Test builds take other times from CLUSTER_TEST_HEARTBEAT_MS and CLUSTER_TEST_HEARTBEAT_LIMIT.
 */
#ifndef CLUSTER_LEDGER_HEARTBEAT_H
#define CLUSTER_LEDGER_HEARTBEAT_H

#include "common/error.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* Seconds after which a heartbeat counts as stopped. */
int64_t heartbeat_limit(void);

/* The age in seconds of the heartbeat of this very lock. STORE_NOT_FOUND: it has none (its holder
 * is another tool, or died before its first), err is not set. */
enum store_status heartbeat_age(struct store *store, const char *lock_id, int64_t *seconds,
                                struct error *err);

/*
 * Shows one sign of life before it returns, and goes on in a thread of its own (with a store of its
 * own: `store` is only looked at for its root) until heartbeat_stop(), or until the lock is no
 * longer ours. A beat that fails is left out: the next one tells. NULL if no thread can be had.
 */
struct heartbeat;
struct heartbeat *heartbeat_start(struct store *store, const char *lock_id);
/* Ends the thread; waits for the beat under way. NULL is fine. */
void heartbeat_stop(struct heartbeat *hb);

#endif
