/* The policies: their bundles, and where they are bound. */
#include "check.h"
#include "config_check.h"

#include <stdlib.h>
#include <string.h>

static void add_resource(struct check *check, const struct config_policy *policy,
                         const struct source_file *file)
{
    struct resources *resources = &check->resources;
    char *address = address_policy(policy->name);
    resources_add(resources, address, ADDRESS_POLICY, file, policy->file->text);
    resources_set_applies_to(resources, address, policy->applies_to, policy->n_applies_to);
    for (size_t i = 0; i < policy->n_applies_to; i++)
        if (strcmp(policy->applies_to[i], "cluster") != 0)
            resources_depend(resources, address, policy->applies_to[i]);
    free(address);
}

static void check_binding(struct check *check, const struct config_policy *policy,
                          const struct source_file *file, const char *place)
{
    bool to_cluster = false, to_graphs = false;
    for (size_t i = 0; i < policy->n_applies_to; i++) {
        bool cluster = strcmp(policy->applies_to[i], "cluster") == 0;
        to_cluster |= cluster;
        to_graphs |= !cluster;
    }
    /* While an entry is broken nobody knows where the bundle is bound. */
    if (policy->applies_to_is_sound && file->policy)
        (void)policy_check_binding(file->policy, to_graphs, to_cluster, file->shown, place,
                                   check->diags);
}

void check_policies(struct check *check)
{
    for (size_t i = 0; i < check->config->n_policies; i++) {
        const struct config_policy *policy = &check->config->policies[i];
        if (!policy->file)
            continue;
        char *place = config_place(policy->place, "file");
        struct source_file *file =
            check_read(check, policy->file->text, policy->file, place, "policy_file_missing");
        if (file) {
            (void)source_policy(file, place, check->diags);
            check_binding(check, policy, file, place);
            if (policy->valid)
                add_resource(check, policy, file);
        }
        free(place);
    }
}
