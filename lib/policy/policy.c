#include "policy/policy.h"

#include "common/printable.h"
#include "common/xalloc.h"
#include "policy/bundle.h"
#include "policy/fault.h"
#include "policy/rules.h"

#include <stdlib.h>
#include <string.h>

static const char *const bundle_keys[] = {"version", "kind", "groups", "protected_branches",
                                          "rules",   NULL};

static void read_version(struct policy_reader *r, const struct yaml_node *root)
{
    const struct yaml_node *version = yaml_get(root, "version");
    if (!version && !yaml_is_misspelt(root, "version", bundle_keys))
        policy_fault(r, root->line, root->column, "a bundle needs version: 1");
    else if (version && policy_expect(r, version, YAML_INT, "version") && version->integer != 1)
        policy_fault(r, version->line, version->column, "only version 1 of bundles is known");
}

static unsigned read_kind(struct policy_reader *r, const struct yaml_node *root)
{
    const struct yaml_node *kind = yaml_get(root, "kind");
    if (kind && policy_expect(r, kind, YAML_STRING, "kind")) {
        if (strcmp(kind->text, "graph") == 0)
            return ACTIONS_GRAPH;
        if (strcmp(kind->text, "server") == 0)
            return ACTIONS_SERVER;
        policy_fault(r, kind->line, kind->column, "kind must be graph or server");
    }
    return ACTIONS_GRAPH | ACTIONS_SERVER;
}

/* A list of strings that are not blank, sorted. */
static void read_words(struct policy_reader *r, const struct yaml_node *list, const char *what,
                       struct policy_words *out)
{
    out->words = xcalloc(list->n + 1, sizeof *out->words);
    for (size_t i = 0; i < list->n; i++) {
        const char *word = policy_name(r, list->items[i], what);
        if (word)
            out->words[out->n++] = word;
    }
    policy_words_sort(out);
}

static void read_groups(struct policy_reader *r, const struct yaml_node *groups,
                        struct policy *policy)
{
    if (!policy_expect(r, groups, YAML_MAP, "groups"))
        return;
    policy->groups = xcalloc(groups->n + 1, sizeof *policy->groups);
    policy->n_groups = groups->n;
    for (size_t i = 0; i < groups->n; i++) {
        const struct yaml_pair *pair = groups->by_key[i];
        struct policy_group *group = &policy->groups[i];
        group->name = pair->key;
        policy_not_blank(r, pair->key, pair->line, pair->column, "a group's name");
        if (!policy_expect(r, pair->value, YAML_LIST, "a group"))
            continue;
        if (pair->value->n == 0) {
            char *shown = printable(pair->key);
            policy_fault(r, pair->line, pair->column, "the group '%s' must not be empty", shown);
            free(shown);
        }
        read_words(r, pair->value, "an actor", &group->actors);
    }
}

static void read_bundle(struct policy_reader *r, const struct yaml_node *root,
                        struct policy *policy)
{
    if (root->kind != YAML_MAP) {
        policy_fault(r, root->line, root->column,
                     "a bundle is a mapping that starts with version: 1, this is %s",
                     yaml_kind_name(root->kind));
        return;
    }
    policy_check_keys(r, root, bundle_keys);
    read_version(r, root);
    policy->kind_actions = read_kind(r, root);
    const struct yaml_node *groups = yaml_get(root, "groups");
    r->groups_known =
        groups ? groups->kind == YAML_MAP : !yaml_is_misspelt(root, "groups", bundle_keys);
    if (groups)
        read_groups(r, groups, policy);
    const struct yaml_node *branches = yaml_get(root, "protected_branches");
    if (branches && policy_expect(r, branches, YAML_LIST, "protected_branches"))
        read_words(r, branches, "a branch", &policy->protected_branches);
    const struct yaml_node *rules = yaml_get(root, "rules");
    if (rules)
        policy_read_rules(r, rules, policy);
}

struct policy *policy_parse(const char *file, const char *text, size_t len, const char *path,
                            struct diags *diags)
{
    struct policy_reader r = {.file = file, .path = path, .diags = diags};
    struct policy *policy = xcalloc(1, sizeof *policy);
    policy->yaml = yaml_parse(text, len);
    for (size_t i = 0; i < policy->yaml->n_problems; i++) {
        const struct yaml_problem *problem = &policy->yaml->problems[i];
        policy_fault(&r, problem->line, problem->column, "%s", problem->message);
    }
    if (policy->yaml->root)
        read_bundle(&r, policy->yaml->root, policy);
    if (r.faults > 0) {
        policy_free(policy);
        return NULL;
    }
    return policy;
}

void policy_free(struct policy *policy)
{
    if (!policy)
        return;
    for (size_t i = 0; i < policy->n_groups; i++)
        free(policy->groups[i].actors.words);
    free(policy->groups);
    free(policy->protected_branches.words);
    free(policy->rules);
    yaml_drop(policy->yaml);
    free(policy);
}

bool policy_check_binding(const struct policy *policy, bool to_graphs, bool to_cluster,
                          const char *file, const char *path, struct diags *diags)
{
    struct policy_reader r = {.file = file, .path = path, .diags = diags};
    unsigned possible = (to_graphs ? ACTIONS_GRAPH : 0u) | (to_cluster ? ACTIONS_SERVER : 0u);
    for (size_t i = 0; i < policy->n_rules; i++) {
        const struct policy_rule *rule = &policy->rules[i];
        if (!(rule->actions & ~possible))
            continue;
        char *label = printable(rule->id);
        r.rule = label;
        if (rule->actions & ACTIONS_SERVER)
            policy_fault(&r, rule->line, rule->column,
                         "graph_list is an action of the server and can never match, as the bundle "
                         "is bound only to graphs; bind it to 'cluster' too, or move the rule");
        else
            policy_fault(&r, rule->line, rule->column,
                         "a per-graph rule can never match, as the bundle is bound only to "
                         "'cluster'; bind it to a graph too, or move the rule");
        free(label);
    }
    return r.faults == 0;
}
