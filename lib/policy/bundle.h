/*
 * bundle.h - a policy bundle in memory, and the words it is made of. Private to lib/policy.
 *
 * The strings belong to the YAML tree, which the bundle keeps.
 */
#ifndef CLUSTER_POLICY_BUNDLE_H
#define CLUSTER_POLICY_BUNDLE_H

#include "common/yaml.h"
#include "policy/policy.h"

/* Texts sorted bytewise; repeated ones may stand in it. */
struct policy_words {
    const char **words;
    size_t n;
};

struct policy_group {
    const char *name;
    struct policy_words actors;
};

enum policy_scope { SCOPE_NONE, SCOPE_ANY, SCOPE_PROTECTED, SCOPE_UNPROTECTED };

struct policy_rule {
    const char *id;
    size_t line, column;
    size_t group;     /* index */
    unsigned actions; /* bits, see policy_action_bit() */
    enum policy_scope branch_scope, target_branch_scope;
};

struct policy {
    struct yaml *yaml;
    unsigned kind_actions;       /* those that `kind` allows */
    struct policy_group *groups; /* sorted by name */
    size_t n_groups;
    struct policy_words protected_branches;
    struct policy_rule *rules; /* in file order */
    size_t n_rules;
};

/* The bit of an action, 0 if there is none of that name. */
unsigned policy_action_bit(const char *name);
/* Every action's name, ending with NULL, for messages. */
extern const char *const policy_action_names[];

enum {
    ACTIONS_BRANCH = 0x007,        /* read export change: may have branch_scope */
    ACTIONS_TARGET_BRANCH = 0x078, /* schema_apply branch_*: may have target_branch_scope */
    ACTIONS_GRAPH = 0x1ff,         /* all that are per graph */
    ACTIONS_SERVER = 0x200,        /* graph_list */
};

void policy_words_sort(struct policy_words *words);
bool policy_words_have(const struct policy_words *words, const char *word);
/* The index of a group, or n_groups. */
size_t policy_find_group(const struct policy *policy, const char *name);

#endif
