/*
 * amend.h - changing a ledger in memory: what the sweep, an observation and an apply do to it.
 *
 * All of these change *state, a ledger that passes ledger_state_check(), in place and without
 * copying it (if nobody else holds it). Nothing here touches state_revision, reads a clock or does
 * I/O. What the format calls free-form, and fields of an entry that other tools wrote, stay.
 */
#ifndef CLUSTER_LEDGER_AMEND_H
#define CLUSTER_LEDGER_AMEND_H

#include "common/json.h"

#include <stdbool.h>

/* A copy of applied_revision.resources: {address: {digest, …}}. */
jv amend_peek_resources(const jv *state);
/* Takes them out to be changed without a copy; amend_put_resources() must follow. */
jv amend_take_resources(jv *state);
void amend_put_resources(jv *state, jv resources);

/* The digest that is recorded for address, NULL if there is none. Lives as long as the entry. */
const char *amend_peek_digest(const jv *state, const char *address);
/* Records that address stands at digest; a new entry is made when there is none. */
void amend_record(jv *state, const char *address, const char *digest);
/* Takes address out of what is recorded. Its status stays. */
void amend_unrecord(jv *state, const char *address);
/* Recomputes the composite of one graph from its recorded parts, and makes its entry if need be. */
void amend_composite(jv *state, const char *graph);

/* True if the graph, its schema or one of its queries is recorded. */
bool amend_has_graph(const jv *state, const char *graph);
/* The graph is gone for good: its whole subtree leaves the record and the statuses, and a
 * tombstone takes the place of its observation. approval_id and actor may be NULL. */
void amend_tombstone(jv *state, const char *graph, const char *deleted_at, const char *approval_id,
                     const char *actor);

/* Sets the status of address; condition and message may be NULL. */
void amend_status(jv *state, const char *address, const char *status, const char *condition,
                  const char *message);
/* True if the status of address is there and holds the condition. */
bool amend_has_condition(const jv *state, const char *address, const char *condition);
/* True if the status of address is the word `status`. */
bool amend_status_is(const jv *state, const char *address, const char *status);
void amend_clear_status(jv *state, const char *address);

/* One look at a live graph. Texts are borrowed; NULL: unknown. */
struct sighting {
    const char *address; /* graph.<id> */
    const char *uri;     /* of its root */
    const char *observed_at;
    enum { SIGHTING_UNKNOWN, SIGHTING_GONE, SIGHTING_EXISTS } root;
    int64_t manifest_version; /* -1: unknown */
    const char *schema_digest, *desired_schema_digest;
    const char *error; /* why it could not be looked at */
};
/* Makes it the observation of the graph, in place of an earlier one or of a tombstone. */
void amend_sighting(jv *state, const struct sighting *seen);
/* Lists an approval as consumed. operation is the ULID of what used it. */
void amend_consumed(jv *state, const char *approval_id, const char *consumed_at,
                    const char *operation);
/* The same, and adds {approval_id, consumed_at, consumed_by_operation} to the array *list of the
 * artifacts that are to be rewritten once the ledger is. */
void amend_consume(jv *state, jv *list, const char *approval_id, const char *consumed_at,
                   const char *operation);
/* Notes under the sidecar's operation that the ledger was rolled forward to it. */
void amend_recovered(jv *state, const jv *sidecar, const char *recovered_at);

#endif
