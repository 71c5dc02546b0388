#include "policy/rules.h"

#include "common/printable.h"
#include "common/suggest.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void unknown_group(struct policy_reader *r, const struct policy *policy,
                          const struct yaml_node *node)
{
    struct suggestion near;
    suggest_begin(&near, node->text);
    for (size_t i = 0; i < policy->n_groups; i++)
        suggest_offer(&near, policy->groups[i].name);
    const char *best = suggest_best(&near);
    char *shown = printable(node->text);
    policy_fault(r, node->line, node->column, "there is no group '%s'%s%s%s", shown,
                 best ? "; did you mean '" : "; declare it under groups", best ? best : "",
                 best ? "'?" : "");
    free(shown);
}

static const char *const allow_keys[] = {"actors", "actions", "branch_scope", "target_branch_scope",
                                         NULL};

static void read_actors(struct policy_reader *r, const struct yaml_node *allow,
                        const struct policy *policy, struct policy_rule *rule)
{
    static const char *const keys[] = {"group", NULL};
    const struct yaml_node *actors = yaml_get(allow, "actors");
    if (!actors) {
        if (!yaml_is_misspelt(allow, "actors", allow_keys))
            policy_fault(r, allow->line, allow->column, "allow needs actors: {group: NAME}");
        return;
    }
    if (!policy_expect(r, actors, YAML_MAP, "actors"))
        return;
    policy_check_keys(r, actors, keys);
    const struct yaml_node *group = yaml_get(actors, "group");
    if (!group) {
        if (!yaml_is_misspelt(actors, "group", keys))
            policy_fault(r, actors->line, actors->column, "actors needs group: NAME");
        return;
    }
    if (!policy_name(r, group, "group"))
        return;
    rule->group = policy_find_group(policy, group->text);
    if (rule->group == policy->n_groups && r->groups_known)
        unknown_group(r, policy, group);
}

static unsigned read_action(struct policy_reader *r, const struct yaml_node *node)
{
    if (!policy_name(r, node, "an action"))
        return 0;
    unsigned bit = policy_action_bit(node->text);
    if (bit)
        return bit;
    struct suggestion near;
    suggest_begin(&near, node->text);
    for (size_t i = 0; policy_action_names[i]; i++)
        suggest_offer(&near, policy_action_names[i]);
    const char *best = suggest_best(&near);
    char *shown = printable(node->text);
    policy_fault(r, node->line, node->column, "there is no action '%s'%s%s%s", shown,
                 best ? "; did you mean '"
                      : "; actions are read, export, change, schema_apply, "
                        "branch_create, branch_delete, branch_merge, admin, "
                        "invoke_query and graph_list",
                 best ? best : "", best ? "'?" : "");
    free(shown);
    return 0;
}

static void read_actions(struct policy_reader *r, const struct yaml_node *allow,
                         const struct policy *policy, struct policy_rule *rule)
{
    const struct yaml_node *actions = yaml_get(allow, "actions");
    if (!actions) {
        if (!yaml_is_misspelt(allow, "actions", allow_keys))
            policy_fault(r, allow->line, allow->column, "allow needs actions: [...]");
        return;
    }
    if (!policy_expect(r, actions, YAML_LIST, "actions"))
        return;
    if (actions->n == 0)
        policy_fault(r, actions->line, actions->column, "actions must not be empty");
    for (size_t i = 0; i < actions->n; i++)
        rule->actions |= read_action(r, actions->items[i]);
    if ((rule->actions & ACTIONS_SERVER) && (rule->actions & ACTIONS_GRAPH))
        policy_fault(r, actions->line, actions->column,
                     "graph_list is an action of the server and mixes with no other; give it a "
                     "rule of its own");
    else if (rule->actions & ~policy->kind_actions)
        policy_fault(r, actions->line, actions->column,
                     "a bundle of this kind allows no %s actions",
                     (rule->actions & ACTIONS_SERVER) ? "server" : "per-graph");
}

static enum policy_scope read_scope(struct policy_reader *r, const struct yaml_node *node,
                                    const char *what)
{
    static const char *const words[] = {"any", "protected", "unprotected"};
    if (!policy_expect(r, node, YAML_STRING, what))
        return SCOPE_NONE;
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(node->text, words[i]) == 0)
            return (enum policy_scope)(SCOPE_ANY + i);
    policy_fault(r, node->line, node->column, "%s must be any, protected or unprotected", what);
    return SCOPE_NONE;
}

static void read_scopes(struct policy_reader *r, const struct yaml_node *allow,
                        struct policy_rule *rule)
{
    const struct yaml_node *branch = yaml_get(allow, "branch_scope");
    const struct yaml_node *target = yaml_get(allow, "target_branch_scope");
    if (branch)
        rule->branch_scope = read_scope(r, branch, "branch_scope");
    if (target)
        rule->target_branch_scope = read_scope(r, target, "target_branch_scope");
    if (branch && target)
        policy_fault(r, target->line, target->column,
                     "a rule has branch_scope or target_branch_scope, not both; make two rules");
    else if (branch && (rule->actions & ~(unsigned)ACTIONS_BRANCH))
        policy_fault(r, branch->line, branch->column,
                     "branch_scope goes only with read, export and change");
    else if (target && (rule->actions & ~(unsigned)ACTIONS_TARGET_BRANCH))
        policy_fault(r, target->line, target->column,
                     "target_branch_scope goes only with schema_apply, branch_create, "
                     "branch_delete and branch_merge");
}

/* How messages name the rule: its id, or its place in the list while it has none. To be freed. */
static char *rule_label(const struct yaml_node *node, size_t index)
{
    const struct yaml_node *id = yaml_get(node, "id");
    if (id && id->kind == YAML_STRING && *id->text)
        return printable(id->text);
    return xasprintf("#%zu", index + 1);
}

static void read_rule(struct policy_reader *r, const struct yaml_node *node,
                      const struct policy *policy, struct policy_rule *rule)
{
    static const char *const keys[] = {"id", "allow", NULL};
    *rule = (struct policy_rule){.line = node->line, .column = node->column};
    if (!policy_expect(r, node, YAML_MAP, "a rule"))
        return;
    policy_check_keys(r, node, keys);
    const struct yaml_node *id = yaml_get(node, "id");
    if (id)
        rule->id = policy_name(r, id, "id");
    else if (!yaml_is_misspelt(node, "id", keys))
        policy_fault(r, node->line, node->column, "a rule needs an id");
    const struct yaml_node *allow = yaml_get(node, "allow");
    if (!allow) {
        if (!yaml_is_misspelt(node, "allow", keys))
            policy_fault(r, node->line, node->column, "a rule needs allow: {actors, actions}");
    } else if (policy_expect(r, allow, YAML_MAP, "allow")) {
        policy_check_keys(r, allow, allow_keys);
        read_actors(r, allow, policy, rule);
        read_actions(r, allow, policy, rule);
        read_scopes(r, allow, rule);
    }
}

static int compare_ids(const void *left, const void *right)
{
    const struct policy_rule *a = *(const struct policy_rule *const *)left;
    const struct policy_rule *b = *(const struct policy_rule *const *)right;
    int order = strcmp(a->id, b->id);
    return order ? order : (a > b) - (a < b); /* file order: they lie in one array */
}

static void check_unique_ids(struct policy_reader *r, const struct policy *policy)
{
    const struct policy_rule **sorted = xcalloc(policy->n_rules + 1, sizeof(struct policy_rule *));
    size_t n = 0;
    for (size_t i = 0; i < policy->n_rules; i++)
        if (policy->rules[i].id)
            sorted[n++] = &policy->rules[i];
    if (n > 1)
        qsort(sorted, n, sizeof(struct policy_rule *), compare_ids);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(sorted[i - 1]->id, sorted[i]->id) != 0)
            continue;
        char *label = printable(sorted[i]->id);
        r->rule = label;
        policy_fault(r, sorted[i]->line, sorted[i]->column,
                     "the id is taken by the rule on line %zu; ids are unique",
                     sorted[i - 1]->line);
        r->rule = NULL;
        free(label);
    }
    free(sorted);
}

void policy_read_rules(struct policy_reader *r, const struct yaml_node *rules,
                       struct policy *policy)
{
    if (!policy_expect(r, rules, YAML_LIST, "rules"))
        return;
    policy->rules = xcalloc(rules->n + 1, sizeof *policy->rules);
    policy->n_rules = rules->n;
    for (size_t i = 0; i < rules->n; i++) {
        char *label = rule_label(rules->items[i], i);
        r->rule = label;
        read_rule(r, rules->items[i], policy, &policy->rules[i]);
        r->rule = NULL;
        free(label);
    }
    check_unique_ids(r, policy);
}
