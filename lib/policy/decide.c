#include "policy/bundle.h"

static bool in_scope(const struct policy *policy, enum policy_scope scope, const char *branch)
{
    if (scope == SCOPE_NONE || scope == SCOPE_ANY)
        return true;
    if (!branch)
        return false;
    return policy_words_have(&policy->protected_branches, branch) == (scope == SCOPE_PROTECTED);
}

static bool rule_allows(const struct policy *policy, const struct policy_rule *rule,
                        const struct policy_request *request, unsigned action)
{
    return (rule->actions & action) &&
           policy_words_have(&policy->groups[rule->group].actors, request->actor) &&
           in_scope(policy, rule->branch_scope, request->branch) &&
           in_scope(policy, rule->target_branch_scope, request->target_branch);
}

struct policy_decision policy_decide(const struct policy *const *bundles, size_t n,
                                     const struct policy_request *request)
{
    unsigned action = policy_action_bit(request->action);
    for (size_t b = 0; action && b < n; b++)
        for (size_t i = 0; i < bundles[b]->n_rules; i++)
            if (rule_allows(bundles[b], &bundles[b]->rules[i], request, action))
                return (struct policy_decision){true, b, bundles[b]->rules[i].id};
    return (struct policy_decision){0};
}
