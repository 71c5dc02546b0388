/*
 * lock_record.h - lock.json, for the parts of the lock (lock.h has what others call).
 */
#ifndef CLUSTER_LEDGER_LOCK_RECORD_H
#define CLUSTER_LEDGER_LOCK_RECORD_H

#include "common/buf.h"
#include "common/json.h"
#include "store/store.h"

#include <stdint.h>

/* Appends a new lock.json. */
void lock_record_write(const char *lock_id, const char *operation, int64_t pid, struct buf *out);

/*
 * Reads lock.json. STORE_OK: *record is owned by the caller. STORE_NOT_FOUND: there is none, err is
 * not set. STORE_INVALID: something is there that is no lock of version 1. STORE_UNAVAILABLE: it
 * cannot be read. err.code is set for the last two; *record is null unless STORE_OK.
 */
enum store_status lock_record_read(struct store *store, jv *record, struct store_token *token,
                                   struct error *err);

/* The record as the document's lock.observed: without version, with age_seconds. */
jv lock_record_observed(const jv *record);

#endif
