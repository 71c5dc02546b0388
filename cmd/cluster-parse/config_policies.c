/* The policies of cluster.yaml. */
#include "config_check.h"

#include "common/address.h"
#include "common/printable.h"
#include "common/suggest.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

static const char *const policy_keys[] = {"file", "applies_to", NULL};

/* What a policy may be bound to. Where `graphs` itself is broken, that has been said, and nothing
 * is known of the graphs. */
struct declared {
    const struct yaml_node *graphs;
    bool known;
};

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool names_other_kind(const char *entry)
{
    return starts_with(entry, "query.") || starts_with(entry, "schema.") ||
           starts_with(entry, "policy.");
}

static void dangling(struct diags *diags, const struct yaml_node *node, const char *id,
                     const struct yaml_node *graphs, const char *place)
{
    struct suggestion near;
    suggest_begin(&near, id);
    for (size_t i = 0; graphs && graphs->kind == YAML_MAP && i < graphs->n; i++)
        suggest_offer(&near, graphs->pairs[i]->key);
    suggest_offer(&near, "cluster");
    const char *best = suggest_best(&near);
    char *shown = printable(id);
    config_error(diags, "dangling_graph_reference", node->line, node->column, place,
                 "there is no graph '%s'%s%s%s", shown, best ? "; did you mean '" : "",
                 best ? best : "", best ? "'?" : "; declare it under graphs");
    free(shown);
}

/* "cluster" or "graph.<id>", or NULL (reported). To be freed. */
static char *normalize(struct diags *diags, const struct yaml_node *node,
                       const struct declared *declared, const char *place)
{
    if (!config_expect(diags, node, YAML_STRING, place))
        return NULL;
    if (strcmp(node->text, "cluster") == 0)
        return xstrdup("cluster");
    if (names_other_kind(node->text)) {
        char *shown = printable(node->text);
        config_error(diags, "wrong_kind_reference", node->line, node->column, place,
                     "'%s' is no graph; a policy applies to graphs (their id, or graph.ID) or to "
                     "'cluster'",
                     shown);
        free(shown);
        return NULL;
    }
    const char *id = starts_with(node->text, "graph.") ? node->text + 6 : node->text;
    if (yaml_get(declared->graphs, id))
        return address_graph(id);
    if (declared->known)
        dangling(diags, node, id, declared->graphs, place);
    return NULL;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_without_duplicates(struct config_policy *policy)
{
    if (policy->n_applies_to == 0)
        return;
    qsort(policy->applies_to, policy->n_applies_to, sizeof *policy->applies_to, compare_texts);
    size_t n = 1;
    for (size_t i = 1; i < policy->n_applies_to; i++) {
        if (strcmp(policy->applies_to[i], policy->applies_to[n - 1]) == 0)
            free(policy->applies_to[i]);
        else
            policy->applies_to[n++] = policy->applies_to[i];
    }
    policy->n_applies_to = n;
}

static void read_applies_to(struct diags *diags, const struct yaml_pair *at,
                            const struct declared *declared, struct config_policy *policy)
{
    const struct yaml_node *list = yaml_get(at->value, "applies_to");
    char *where = config_place(policy->place, "applies_to");
    if (!list && yaml_is_misspelt(at->value, "applies_to", policy_keys)) {
        /* has been said */
    } else if (!list || (list->kind == YAML_LIST && list->n == 0)) {
        config_error(diags, "policy_missing_applies_to", list ? list->line : at->line,
                     list ? list->column : at->column, where,
                     "%s must list at least one graph, or 'cluster'", where);
    } else if (config_expect(diags, list, YAML_LIST, where)) {
        policy->applies_to = xcalloc(list->n, sizeof *policy->applies_to);
        for (size_t i = 0; i < list->n; i++) {
            char *place = xasprintf("%s[%zu]", where, i);
            char *entry = normalize(diags, list->items[i], declared, place);
            if (entry)
                policy->applies_to[policy->n_applies_to++] = entry;
            free(place);
        }
        policy->applies_to_is_sound = policy->n_applies_to == list->n;
        sort_without_duplicates(policy);
    }
    free(where);
}

static void read_policy(struct diags *diags, const struct yaml_pair *pair,
                        const struct declared *declared, struct config_policy *policy)
{
    policy->name = pair->key;
    policy->place = config_place("policies", pair->key);
    policy->valid = config_check_name(diags, pair, "policy", policy->place);
    if (!config_expect(diags, pair->value, YAML_MAP, policy->place))
        return;
    config_check_keys(diags, pair->value, policy_keys, policy->place);
    policy->file = config_string(diags, pair->value, "file", policy->place);
    if (!yaml_get(pair->value, "file"))
        config_missing(diags, pair, "file", policy_keys, policy->place, "the bundle's file");
    read_applies_to(diags, pair, declared, policy);
}

void config_read_policies(struct diags *diags, const struct yaml_node *root, struct config *config)
{
    const struct yaml_node *policies = yaml_get(root, "policies");
    if (!policies || !config_expect(diags, policies, YAML_MAP, "policies"))
        return;
    config->policies = xcalloc(policies->n + 1, sizeof *config->policies);
    config->n_policies = policies->n;
    struct declared declared = {.graphs = yaml_get(root, "graphs")};
    declared.known = declared.graphs ? declared.graphs->kind == YAML_MAP
                                     : !yaml_is_misspelt(root, "graphs", config_keys);
    for (size_t i = 0; i < policies->n; i++)
        read_policy(diags, policies->pairs[i], &declared, &config->policies[i]);
}
