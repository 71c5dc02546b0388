/*
 * decide.h - what apply will do with one change, and why: the table of dispositions.
 *
 * | change                                     | disposition            | when not |
 * |--------------------------------------------|------------------------|------------------------------|
 * | graph create                               | applied                | | | schema create |
 * applied                | deferred without its graph's | | schema update | applied | | | graph
 * update                               | derived from its parts | deferred: schema not applied | |
 * graph delete, its schema's, its queries'   | applied once approved  | blocked: approval_required
 * | | schema delete alone                        |                        | deferred | | query
 * create, update                       | applied                | blocked: schema not applied  | |
 * query delete, policy create/update/delete  | applied                | | | anything else | |
 * deferred                     |
 *
 * Before any of it, an unfinished operation on a graph (a kept sidecar) blocks every change of that
 * graph, its schema and its queries, and creates and updates of the policies bound to it. What is
 * deferred has the reason apply_unsupported_kind.
 */
#ifndef CLUSTER_DECIDE_H
#define CLUSTER_DECIDE_H

#include <stdbool.h>

enum change_kind { CHANGE_GRAPH, CHANGE_SCHEMA, CHANGE_QUERY, CHANGE_POLICY, CHANGE_OTHER };
enum change_operation { CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE };

/* All that a decision rests on. "Its graph" is the graph itself, the graph a schema or query
 * belongs to, or any graph that a policy binds. */
struct change_facts {
    enum change_kind kind;
    enum change_operation operation;
    bool graph_pending;  /* its graph has an unfinished operation */
    bool graph_created;  /* the create of its graph is among the changes */
    bool graph_deleted;  /* the delete of its graph is among the changes */
    bool graph_approved; /* … and an approval authorizes that delete */
    bool schema_pending; /* its graph's schema has a change that will not be applied */
};

struct decision {
    const char *disposition; /* applied, derived, deferred, blocked */
    const char *reason;      /* a code, NULL when applied or derived */
};

struct decision decide(const struct change_facts *facts);

bool decision_applies(const struct decision *decision);

#endif
