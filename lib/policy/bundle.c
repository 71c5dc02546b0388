#include "policy/bundle.h"

#include <stdlib.h>
#include <string.h>

/* The order gives the bits: first those with a branch, those with a target branch, the rest. */
const char *const policy_action_names[] = {
    "read",          "export",        "change",       "schema_apply",
    "branch_create", "branch_delete", "branch_merge", "admin",
    "invoke_query",  "graph_list",    NULL,
};

unsigned policy_action_bit(const char *name)
{
    for (unsigned i = 0; policy_action_names[i]; i++)
        if (strcmp(policy_action_names[i], name) == 0)
            return 1u << i;
    return 0;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void policy_words_sort(struct policy_words *words)
{
    if (words->n > 1)
        qsort(words->words, words->n, sizeof *words->words, compare_words);
}

bool policy_words_have(const struct policy_words *words, const char *word)
{
    return words->n > 0 &&
           bsearch(&word, words->words, words->n, sizeof *words->words, compare_words);
}

size_t policy_find_group(const struct policy *policy, const char *name)
{
    size_t low = 0, high = policy->n_groups;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(policy->groups[mid].name, name);
        if (order == 0)
            return mid;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return policy->n_groups;
}
