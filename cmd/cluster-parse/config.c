#include "config.h"

#include "config_check.h"

#include <stdlib.h>
#include <string.h>

const char *const config_keys[] = {"version", "metadata", "storage",  "state",
                                   "driver",  "graphs",   "policies", NULL};

static void report_yaml_problems(const struct yaml *yaml, struct diags *diags)
{
    static const char *const codes[] = {
        [YAML_MALFORMED] = "invalid_cluster_yaml",
        [YAML_DUPLICATE_KEY] = "duplicate_yaml_key",
        [YAML_NOT_UTF8] = "source_not_utf8",
    };
    for (size_t i = 0; i < yaml->n_problems; i++) {
        const struct yaml_problem *problem = &yaml->problems[i];
        config_error(diags, codes[problem->fault], problem->line, problem->column, NULL, "%s",
                     problem->message);
    }
}

/* Keys that a later version will give a meaning; taking them silently now would be a lie. */
static bool is_reserved(const char *key)
{
    static const char *const reserved[] = {"apply",      "env_file", "providers", "pipelines",
                                           "embeddings", "ui",       "aliases",   "bindings"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(reserved[i], key) == 0)
            return true;
    return false;
}

static void check_top_level_keys(struct diags *diags, const struct yaml_node *root)
{
    for (size_t i = 0; i < root->n; i++) {
        const struct yaml_pair *pair = root->pairs[i];
        if (is_reserved(pair->key))
            config_error(diags, "future_phase_field", pair->line, pair->column, pair->key,
                         "'%s' is reserved for a later version and does nothing yet; remove it",
                         pair->key);
        else
            config_check_key(diags, pair, config_keys, "");
    }
}

static void read_version(struct diags *diags, const struct yaml_node *root)
{
    const struct yaml_node *version = yaml_get(root, "version");
    if (!version && yaml_is_misspelt(root, "version", config_keys))
        return;
    if (!version)
        config_error(diags, "invalid_cluster_yaml", root->line, root->column, "version",
                     "the key 'version' is missing; begin with version: 1");
    else if (config_expect(diags, version, YAML_INT, "version") && version->integer != 1)
        config_error(diags, "unsupported_cluster_config_version", version->line, version->column,
                     "version",
                     "version %s is not known here, only version 1; use a release that knows it",
                     version->text);
}

static void read_metadata(struct diags *diags, const struct yaml_node *root, struct config *config)
{
    static const char *const keys[] = {"name", NULL};
    const struct yaml_node *metadata = yaml_get(root, "metadata");
    if (!metadata || !config_expect(diags, metadata, YAML_MAP, "metadata"))
        return;
    config_check_keys(diags, metadata, keys, "metadata");
    const struct yaml_node *name = yaml_get(metadata, "name");
    if (!name || !config_expect(diags, name, YAML_STRING, "metadata.name"))
        return;
    if (config_is_blank(name->text))
        config_error(diags, "empty_metadata_name", name->line, name->column, "metadata.name",
                     "metadata.name is blank; give it a text or leave it out");
    else
        config->name = name->text;
}

static void read_state(struct diags *diags, const struct yaml_node *root, struct config *config)
{
    static const char *const keys[] = {"backend", "lock", NULL};
    const struct yaml_node *state = yaml_get(root, "state");
    if (!state || !config_expect(diags, state, YAML_MAP, "state"))
        return;
    config_check_keys(diags, state, keys, "state");
    const struct yaml_node *backend = yaml_get(state, "backend");
    if (backend && config_expect(diags, backend, YAML_STRING, "state.backend") &&
        strcmp(backend->text, "cluster") != 0)
        config_error(diags, "unsupported_state_backend", backend->line, backend->column,
                     "state.backend",
                     "the only state backend is 'cluster'; write that or leave it out");
    const struct yaml_node *lock = yaml_get(state, "lock");
    if (lock && config_expect(diags, lock, YAML_BOOL, "state.lock"))
        config->lock = lock->boolean;
}

static void read_root(struct diags *diags, const struct yaml_node *root, struct config *config)
{
    if (root->kind != YAML_MAP) {
        config_error(diags, "invalid_cluster_yaml", root->line, root->column, NULL,
                     "the file must be a mapping that begins with version: 1, this is %s",
                     yaml_kind_name(root->kind));
        return;
    }
    check_top_level_keys(diags, root);
    read_version(diags, root);
    read_metadata(diags, root, config);
    const struct yaml_node *storage = yaml_get(root, "storage");
    if (storage && config_expect(diags, storage, YAML_STRING, "storage"))
        config->storage = storage;
    read_state(diags, root, config);
    config->driver = config_string(diags, root, "driver", "");
    config_read_graphs(diags, root, config);
    config_read_policies(diags, root, config);
}

void config_read(const char *text, size_t len, struct config *out, struct diags *diags)
{
    *out = (struct config){.lock = true, .yaml = yaml_parse(text, len)};
    report_yaml_problems(out->yaml, diags);
    if (out->yaml->root)
        read_root(diags, out->yaml->root, out);
}

void config_clear(struct config *config)
{
    for (size_t i = 0; i < config->n_graphs; i++) {
        free(config->graphs[i].place);
        free(config->graphs[i].queries);
        free(config->graphs[i].picks);
    }
    for (size_t i = 0; i < config->n_policies; i++) {
        struct config_policy *policy = &config->policies[i];
        for (size_t k = 0; k < policy->n_applies_to; k++)
            free(policy->applies_to[k]);
        free(policy->applies_to);
        free(policy->place);
    }
    free(config->graphs);
    free(config->policies);
    yaml_drop(config->yaml);
    *config = (struct config){0};
}
