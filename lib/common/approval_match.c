#include "common/approval_match.h"

#include <string.h>

static bool consumed_in_ledger(const char *id, const jv *state)
{
    if (!state)
        return false;
    jv records = json_get(state, "approval_records");
    bool listed = json_has(&records, id);
    jv_free(records);
    return listed;
}

static bool consumed_in_sweep(const char *id, const jv *consumed)
{
    if (!consumed || jv_get_kind(*consumed) != JV_KIND_ARRAY)
        return false;
    bool listed = false;
    for (int i = 0, n = jv_array_length(jv_copy(*consumed)); !listed && i < n; i++) {
        jv entry = jv_array_get(jv_copy(*consumed), i);
        listed = json_string_is(&entry, "approval_id", id);
        jv_free(entry);
    }
    return listed;
}

/* Anything but null there means that somebody used it. */
static bool is_set(const jv *object, const char *key)
{
    jv member = json_get(object, key);
    jv_kind kind = jv_get_kind(member);
    jv_free(member);
    return kind != JV_KIND_INVALID && kind != JV_KIND_NULL;
}

bool approval_is_consumed(const jv *artifact, const struct approval_context *context)
{
    const char *id = json_peek_string(artifact, "approval_id");
    return is_set(artifact, "consumed_at") || is_set(artifact, "consumed_by_operation") || !id ||
           consumed_in_ledger(id, context->state) || consumed_in_sweep(id, context->consumed);
}

/* A side of a change that has no digest is "absent" in the change, null (or, by older writers, "")
 * in the artifact. */
static bool same_digest(const jv *artifact, const char *bound, const char *digest)
{
    if (!is_set(artifact, bound))
        return !digest;
    const char *text = json_peek_string(artifact, bound);
    return text && strcmp(text, digest ? digest : "") == 0;
}

enum approval_verdict approval_judge(const jv *artifact, const jv *change,
                                     const struct approval_context *context)
{
    const char *resource = json_peek_string(change, "resource");
    const char *operation = json_peek_string(change, "operation");
    if (!resource || !operation || !json_string_is(artifact, "resource", resource))
        return APPROVAL_OTHER;
    if (approval_is_consumed(artifact, context))
        return APPROVAL_CONSUMED;
    bool same =
        json_string_is(artifact, "operation", operation) && context->config_digest &&
        json_string_is(artifact, "bound_config_digest", context->config_digest) &&
        same_digest(artifact, "bound_before_digest", json_peek_string(change, "before_digest")) &&
        same_digest(artifact, "bound_after_digest", json_peek_string(change, "after_digest"));
    return same ? APPROVAL_AUTHORIZES : APPROVAL_STALE;
}

jv approval_find(const jv *approvals, const jv *change, const struct approval_context *context)
{
    if (jv_get_kind(*approvals) != JV_KIND_ARRAY)
        return jv_invalid();
    for (int i = 0, n = jv_array_length(jv_copy(*approvals)); i < n; i++) {
        jv artifact = jv_array_get(jv_copy(*approvals), i);
        if (approval_judge(&artifact, change, context) == APPROVAL_AUTHORIZES)
            return artifact;
        jv_free(artifact);
    }
    return jv_invalid();
}
