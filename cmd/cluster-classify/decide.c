#include "decide.h"

#include <string.h>

static const struct decision applied = {"applied", NULL};
static const struct decision derived = {"derived", NULL};
static const struct decision deferred = {"deferred", "apply_unsupported_kind"};
static const struct decision needs_recovery = {"blocked", "cluster_recovery_pending"};
static const struct decision needs_approval = {"blocked", "approval_required"};
static const struct decision needs_schema = {"blocked", "dependency_not_applied"};

static bool is_blocked_by_recovery(const struct change_facts *facts)
{
    switch (facts->kind) {
    case CHANGE_GRAPH:
    case CHANGE_SCHEMA:
    case CHANGE_QUERY:
        return facts->graph_pending;
    case CHANGE_POLICY: /* taking a policy away needs nothing of the graph */
        return facts->graph_pending && facts->operation != CHANGE_DELETE;
    case CHANGE_OTHER:
        break;
    }
    return false;
}

/* One gate a subtree: the delete of graph.x carries its schema and queries. */
static struct decision gated(const struct change_facts *facts)
{
    return facts->graph_approved ? applied : needs_approval;
}

static struct decision decide_graph(const struct change_facts *facts)
{
    if (facts->operation == CHANGE_CREATE)
        return applied;
    if (facts->operation == CHANGE_DELETE)
        return gated(facts);
    return facts->schema_pending ? deferred : derived;
}

static struct decision decide_schema(const struct change_facts *facts)
{
    if (facts->operation == CHANGE_UPDATE)
        return applied;
    if (facts->operation == CHANGE_DELETE)
        return facts->graph_deleted ? gated(facts) : deferred;
    return facts->graph_created ? applied : deferred;
}

static struct decision decide_query(const struct change_facts *facts)
{
    if (facts->operation == CHANGE_DELETE)
        return facts->graph_deleted ? gated(facts) : applied;
    return facts->schema_pending ? needs_schema : applied;
}

struct decision decide(const struct change_facts *facts)
{
    if (is_blocked_by_recovery(facts))
        return needs_recovery;
    switch (facts->kind) {
    case CHANGE_GRAPH:
        return decide_graph(facts);
    case CHANGE_SCHEMA:
        return decide_schema(facts);
    case CHANGE_QUERY:
        return decide_query(facts);
    case CHANGE_POLICY:
        return applied;
    case CHANGE_OTHER:
        break;
    }
    return deferred;
}

bool decision_applies(const struct decision *decision)
{
    return strcmp(decision->disposition, "applied") == 0 ||
           strcmp(decision->disposition, "derived") == 0;
}
