#include "approve.h"

#include "common/actor.h"
#include "common/approval_match.h"
#include "common/timestamp.h"
#include "common/ulid.h"
#include "ledger/ledger.h"
#include "ledger/lock.h"
#include "store/store.h"

#include <stdlib.h>

static void refuse(struct doc *doc, const char *code, const char *path, const char *message)
{
    doc_error(doc, code, path, "%s", message);
    doc_halt(doc);
}

/* The member of the section (an array) whose `resource` is address; invalid if there is none. */
static jv find_resource(const struct doc *doc, const char *section, const char *address)
{
    jv list = doc_peek(doc, section);
    jv found = jv_invalid();
    for (int i = 0, n = jv_array_length(jv_copy(list)); !jv_is_valid(found) && i < n; i++) {
        jv member = jv_array_get(jv_copy(list), i);
        if (json_string_is(&member, "resource", address))
            found = jv_copy(member);
        jv_free(member);
    }
    jv_free(list);
    return found;
}

/* What the document says of the approval: a part of its artifact. */
static void set_section(struct doc *doc, const jv *artifact)
{
    static const char *const fields[] = {"approval_id", "resource", "operation", "approved_by"};
    jv section = jv_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        json_set(&section, fields[i], json_get(artifact, fields[i]));
    doc_set(doc, "approval", section);
}

static jv make_artifact(const jv *change, const jv *gate, const char *config_digest,
                        const char *actor)
{
    struct ulid id = ulid_new();
    struct timestamp now = timestamp_now();
    jv artifact = jv_object();
    json_set_int(&artifact, "schema_version", 1);
    json_set_string(&artifact, "approval_id", id.text);
    json_set_string(&artifact, "resource", json_peek_string(change, "resource"));
    json_set_string(&artifact, "operation", json_peek_string(change, "operation"));
    json_set_string(&artifact, "reason", json_peek_string(gate, "reason"));
    json_set_string(&artifact, "bound_config_digest", config_digest);
    json_set_string(&artifact, "bound_before_digest", json_peek_string(change, "before_digest"));
    json_set_string(&artifact, "bound_after_digest", json_peek_string(change, "after_digest"));
    json_set_string(&artifact, "approved_by", actor);
    json_set_string(&artifact, "created_at", now.text);
    json_set(&artifact, "consumed_at", jv_null());
    json_set(&artifact, "consumed_by_operation", jv_null());
    return artifact;
}

/* The artifact that authorizes the change already; invalid if there is none. */
static jv given_already(const struct doc *doc, const jv *change, const char *config_digest)
{
    jv ledger = doc_peek(doc, "ledger"), sweep = doc_peek(doc, "sweep");
    jv state = json_get(&ledger, "state"), approvals = json_get(&ledger, "approvals");
    jv consumed = json_get(&sweep, "consumed_approvals");
    struct approval_context context = {config_digest, &state, &consumed};
    jv artifact = approval_find(&approvals, change, &context);
    jv_free(consumed);
    jv_free(approvals);
    jv_free(state);
    jv_free(sweep);
    jv_free(ledger);
    return artifact;
}

static bool write_artifact(struct doc *doc, const jv *artifact, struct error *err)
{
    struct store *store = NULL;
    jv where = doc_peek(doc, "store"), lock = doc_peek(doc, "lock");
    const char *lock_id = json_peek_string(&lock, "lock_id");
    bool ok = store_open(json_peek_string(&where, "root"), &store, err) == STORE_OK;
    if (ok && json_peek_bool(&lock, "acquired", false) && lock_id)
        ok = lock_is_ours(store, lock_id, err);
    ok = ok && ledger_write_approval(store, artifact, err);
    if (store)
        store_close(store);
    jv_free(lock);
    jv_free(where);
    return ok;
}

static void approve_change(struct doc *doc, const jv *change, const jv *gate, const char *actor)
{
    jv config = doc_peek(doc, "config");
    const char *config_digest = json_peek_string(&config, "digest");
    jv artifact = given_already(doc, change, config_digest);
    struct error err = ERROR_INIT;
    if (!config_digest) {
        refuse(doc, "stage_input_missing", "config.digest",
               "the document has no configuration digest to bind an approval to");
    } else if (jv_is_valid(artifact)) {
        set_section(doc, &artifact);
        doc_warning(doc, "approval_already_given", json_peek_string(change, "resource"),
                    "this change is approved already, by %s; nothing was written",
                    json_peek_string(&artifact, "approved_by"));
    } else {
        jv_free(artifact);
        artifact = make_artifact(change, gate, config_digest, actor);
        if (write_artifact(doc, &artifact, &err))
            set_section(doc, &artifact);
        else
            refuse(doc, err.code ? err.code : "approval_write_error", LEDGER_APPROVALS,
                   error_text(&err));
    }
    error_clear(&err);
    jv_free(artifact);
    jv_free(config);
}

static bool ledger_found(const struct doc *doc)
{
    jv ledger = doc_peek(doc, "ledger");
    bool found = json_peek_bool(&ledger, "found", false);
    jv_free(ledger);
    return found;
}

void approve(struct doc *doc, const char *address, const char *as)
{
    if (!doc_need(doc, "config") || !doc_need(doc, "store") || !doc_need(doc, "ledger") ||
        !doc_need(doc, "changes") || !doc_need(doc, "approvals_required"))
        return;
    char *actor = NULL;
    struct error err = ERROR_INIT;
    jv gate = find_resource(doc, "approvals_required", address);
    jv change = find_resource(doc, "changes", address);
    if (!actor_find(as, &actor, &err))
        refuse(doc, "actor_required", "", error_text(&err));
    else if (!actor)
        refuse(doc, "actor_required", "",
               "an approval needs somebody to give it; say who with --as, $CLUSTER_ACTOR or "
               "operator.actor in ~/.omnigraph/config.yaml");
    else if (!ledger_found(doc))
        refuse(doc, "state_missing", LEDGER_STATE,
               "this store has no ledger yet; run 'cluster import' once to make one");
    else if (!jv_is_valid(gate) || !jv_is_valid(change))
        refuse(doc, "approval_not_required", address,
               "no change of that address waits for an approval now; 'cluster plan' lists those "
               "that do (a graph is approved as graph.<id>, with its schema and queries)");
    else
        approve_change(doc, &change, &gate, actor);
    jv_free(gate);
    jv_free(change);
    free(actor);
    error_clear(&err);
}
