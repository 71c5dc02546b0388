/*
 * ledger.h - the stored records: the ledger, recovery sidecars, approval artifacts and the lock.
 *
 * Each *_parse function reads one record strictly (cluster-ledger(5)): an unknown field, a wrong
 * type, a missing required field or another version is an error that names it. On failure it
 * returns an invalid jv (which needs no jv_free) and sets err, whose code is the diagnostic code of
 * the failure. Parsed records are owned by the caller. What the format calls free-form is kept as
 * it came.
 *
 * The rest reads and writes these records through an open store (store/store.h). A typical writer:
 *
 *     struct ledger ledger;
 *     if (!ledger_read(store, &ledger, &err)) …                    // err.code tells
 *     if (!ledger.found) …                                         // state_missing, or make one
 *     … change a copy of ledger.state, and raise its state_revision by one …
 *     if (!ledger_write(store, ledger.cas, &state, new_cas, &err)) … // state_cas_mismatch, …
 *     ledger_clear(&ledger);
 */
#ifndef CLUSTER_LEDGER_H
#define CLUSTER_LEDGER_H

#include "common/diag.h"
#include "common/error.h"
#include "common/json.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>

/* Names below the store root. Folders end with '/'. */
#define LEDGER_STATE "__cluster/state.json"
#define LEDGER_LOCK "__cluster/lock.json"
#define LEDGER_KERNEL_LOCK "__cluster/.lock" /* on a disk, see store/kernel_lock.h */
#define LEDGER_HEARTBEAT "__cluster/lock.heartbeat.json"
#define LEDGER_RECOVERIES "__cluster/recoveries/"
#define LEDGER_APPROVALS "__cluster/approvals/"

/* A CAS is "sha256:" and the digest of the ledger's bytes in hexadecimal. */
enum { LEDGER_CAS_LEN = 7 + 64 };

/* The ledger. Codes: invalid_state_json, unsupported_state_version. What may be absent is filled
 * in: state_revision 0, applied_revision.resources and the four maps {}. */
jv ledger_state_parse(const char *text, size_t len, struct error *err);
/* True if a value, such as one that came in a document, is a ledger. Codes as above. */
bool ledger_state_check(const jv *state, struct error *err);
/* The ledger that records nothing: {version: 1, state_revision: 0, …}. */
jv ledger_state_empty(void);

/* A recovery sidecar. Codes: invalid_recovery_sidecar, unsupported_recovery_sidecar_version. Its
 * graph_id is a valid graph name. */
jv ledger_sidecar_parse(const char *text, size_t len, struct error *err);

/* An approval artifact. Codes: invalid_approval_artifact, unsupported_approval_version. */
jv ledger_approval_parse(const char *text, size_t len, struct error *err);

/* lock.json. Codes: invalid_state_lock, unsupported_state_lock_version. */
jv ledger_lock_parse(const char *text, size_t len, struct error *err);

struct ledger {
    bool found;
    char cas[LEDGER_CAS_LEN + 1]; /* "" when not found */
    jv state;                     /* null when not found */
};

/* Reads the ledger. That there is none is no failure: found is false. False with err set
 * (state_read_error, invalid_state_json, unsupported_state_version) when it cannot be read; cas is
 * then set if the bytes could be had. out needs ledger_clear() either way. */
bool ledger_read(struct store *store, struct ledger *out, struct error *err);
void ledger_clear(struct ledger *ledger);

/*
 * Writes state as the ledger if the one stored still has the CAS `cas` (NULL: if there is none),
 * atomically. It does not touch state_revision: that is the caller's. On success new_cas (which may
 * be NULL) is the CAS of what was written. Codes: state_cas_mismatch (somebody else wrote; nothing
 * is overwritten), state_write_error.
 */
bool ledger_write(struct store *store, const char *cas, const jv *state,
                  char new_cas[LEDGER_CAS_LEN + 1], struct error *err);

/*
 * All recovery sidecars, an array in the order of their ids. One that cannot be read adds a warning
 * (invalid_recovery_sidecar, unsupported_recovery_sidecar_version, recovery_sidecar_read_error)
 * whose path is its name, and sets *any_unreadable (which may be NULL). If the folder itself cannot
 * be listed that is an error, recovery_sidecar_read_error. A sidecar's file is named for its
 * operation_id; what is not named *.json is none.
 */
jv ledger_read_sidecars(struct store *store, struct diags *diags, bool *any_unreadable);
/* Writes (or rewrites) the sidecar that is named by its operation_id. err has no code. */
bool ledger_write_sidecar(struct store *store, const jv *sidecar, struct error *err);
/* Deletes the sidecars of these operations; what is gone already is no error. err has no code and
 * is about the first that failed; the others are deleted. */
bool ledger_delete_sidecars(struct store *store, const char *const *operation_ids, size_t n,
                            struct error *err);

/* All approval artifacts, as above. Codes: invalid_approval_artifact, unsupported_approval_version,
 * approval_read_error. */
jv ledger_read_approvals(struct store *store, struct diags *diags);
/* Writes (or rewrites) the artifact that is named by its approval_id. Code: approval_write_error.
 */
bool ledger_write_approval(struct store *store, const jv *approval, struct error *err);

/* The names below the store root, to be freed. */
char *ledger_sidecar_name(const char *operation_id);
char *ledger_approval_name(const char *approval_id);

#endif
