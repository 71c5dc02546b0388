/*
 * approval_match.h - does an approval artifact authorize a change? One answer for plan, apply and
 * approve.
 *
 * An artifact authorizes a change only if it is unconsumed, names the change's resource and
 * operation, and all three bound digests (configuration, before, after) are the change's own. An
 * unconsumed artifact for the same resource that differs in any of these is stale: it authorizes
 * nothing and is worth a warning. The change is always the gate's: graph.<id> for a whole subtree.
 *
 *     struct approval_context context = {config_digest, &state, &consumed};
 *     jv artifact = approval_find(&approvals, &change, &context);
 *     if (jv_is_valid(artifact)) …            // approved by it
 *     jv_free(artifact);
 *
 * Nothing here consumes or keeps what it is given. All of it takes values of any kind: what lacks a
 * field, or holds something else there, does not match.
 */
#ifndef CLUSTER_APPROVAL_MATCH_H
#define CLUSTER_APPROVAL_MATCH_H

#include "common/json.h"

#include <stdbool.h>

/* What an artifact is judged against, besides the change. */
struct approval_context {
    const char *config_digest; /* of the desired configuration; NULL: nothing is authorized */
    const jv *state;           /* the ledger, for its approval_records; NULL if there is none */
    const jv *consumed;        /* the document's sweep.consumed_approvals; NULL if there is none */
};

enum approval_verdict {
    APPROVAL_OTHER,      /* of another resource */
    APPROVAL_CONSUMED,   /* used already: by itself, by the ledger, or by the sweep of this run */
    APPROVAL_STALE,      /* same resource, but bound to something else than this change */
    APPROVAL_AUTHORIZES, /* this change, exactly */
};

enum approval_verdict approval_judge(const jv *artifact, const jv *change,
                                     const struct approval_context *context);

/* True if the artifact was used already, whatever it is for. */
bool approval_is_consumed(const jv *artifact, const struct approval_context *context);

/* The first of the approvals (an array) that authorizes the change; invalid if none does. Owned by
 * the caller. */
jv approval_find(const jv *approvals, const jv *change, const struct approval_context *context);

#endif
