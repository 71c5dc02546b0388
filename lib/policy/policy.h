/*
 * policy.h - policy bundles (cluster-policy(5)): parse, check, decide.
 *
 *     struct policy *policy = policy_parse(file, text, len, path, &diags);
 *     if (policy)
 *         policy_check_binding(policy, binds_graph, binds_cluster, file, path, &diags);
 *     …
 *     struct policy_decision decision = policy_decide(bundles, n, &request);
 *     policy_free(policy);
 *
 * Every fault is a diagnostic policy_invalid whose message starts with file:line:column and names
 * the rule; all faults of a bundle are reported. `file` is the name to show, `path` the
 * diagnostic's path.
 */
#ifndef CLUSTER_POLICY_H
#define CLUSTER_POLICY_H

#include "common/diag.h"

#include <stdbool.h>
#include <stddef.h>

struct policy; /* a bundle that passed every check; opaque */

/* NULL if the bundle has any fault. `text` (UTF-8) is not kept. */
struct policy *policy_parse(const char *file, const char *text, size_t len, const char *path,
                            struct diags *diags);
void policy_free(struct policy *policy);

/* Whether each rule could ever match where the bundle is bound: one bound only to graphs may hold
 * no server rule, one bound only to the cluster no per-graph rule. Else false, with diagnostics. */
bool policy_check_binding(const struct policy *policy, bool to_graphs, bool to_cluster,
                          const char *file, const char *path, struct diags *diags);

/* Who wants to do what. Actions: read export change schema_apply branch_create branch_delete
 * branch_merge admin invoke_query, and graph_list of the server. */
struct policy_request {
    const char *actor;
    const char *action;
    const char *branch;        /* for read, export, change; else NULL */
    const char *target_branch; /* for schema_apply and branch_*; else NULL */
};

struct policy_decision {
    bool allowed;
    size_t bundle;    /* the index of the bundle that allows it */
    const char *rule; /* and the rule's id, belonging to that bundle; NULL if denied */
};

/*
 * Decides over all bundles that are bound to the request's scope (the caller picks those: the ones
 * bound to graph.<id> for a per-graph action, to cluster for a server one). Denied unless a rule
 * allows it; each bundle judges by its own groups and protected branches. A rule scoped to
 * protected or unprotected branches does not match a request that names no branch.
 */
struct policy_decision policy_decide(const struct policy *const *bundles, size_t n,
                                     const struct policy_request *request);

#endif
