/* The parsed configuration as a canonical value. */
#include "config.h"

#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

static char *without_trailing_slashes(const char *text)
{
    size_t len = strlen(text);
    while (len > 1 && text[len - 1] == '/')
        len--;
    return xstrndup(text, len);
}

/* A single file or directory is a list of one; the map form is a map. No queries: an empty list. */
static jv queries_to_json(const struct config_graph *graph)
{
    if (graph->n_picks > 0) {
        jv picks = jv_object();
        for (size_t i = 0; i < graph->n_picks; i++) {
            jv pick = jv_object();
            json_set_string(&pick, "file",
                            graph->picks[i].file ? graph->picks[i].file->text : NULL);
            json_set(&picks, graph->picks[i].name, pick);
        }
        return picks;
    }
    jv list = jv_array();
    for (size_t i = 0; i < graph->n_queries; i++)
        list = jv_array_append(
            list, json_string_or_null(graph->queries[i] ? graph->queries[i]->text : NULL));
    return list;
}

static jv graphs_to_json(const struct config *config)
{
    jv graphs = jv_object();
    for (size_t i = 0; i < config->n_graphs; i++) {
        const struct config_graph *from = &config->graphs[i];
        jv graph = jv_object();
        json_set_string(&graph, "schema", from->schema ? from->schema->text : NULL);
        json_set(&graph, "queries", queries_to_json(from));
        json_set(&graphs, from->id, graph);
    }
    return graphs;
}

static jv policies_to_json(const struct config *config)
{
    jv policies = jv_object();
    for (size_t i = 0; i < config->n_policies; i++) {
        const struct config_policy *from = &config->policies[i];
        jv policy = jv_object();
        jv applies_to = jv_array();
        for (size_t k = 0; k < from->n_applies_to; k++)
            applies_to = jv_array_append(applies_to, jv_string(from->applies_to[k]));
        json_set_string(&policy, "file", from->file ? from->file->text : NULL);
        json_set(&policy, "applies_to", applies_to);
        json_set(&policies, from->name, policy);
    }
    return policies;
}

jv config_to_json(const struct config *config)
{
    jv json = jv_object();
    jv metadata = jv_object();
    jv state = jv_object();
    char *storage = config->storage ? without_trailing_slashes(config->storage->text) : NULL;
    json_set_string(&metadata, "name", config->name);
    json_set_string(&state, "backend", "cluster");
    json_set_bool(&state, "lock", config->lock);
    json_set_int(&json, "version", 1);
    json_set(&json, "metadata", metadata);
    json_set(&json, "state", state);
    json_set_string(&json, "storage", storage);
    /* The built-in default, never the environment's: the digest must not depend on who computes
     * it. */
    json_set_string(&json, "driver", config->driver ? config->driver->text : "sqlite");
    json_set(&json, "graphs", graphs_to_json(config));
    json_set(&json, "policies", policies_to_json(config));
    free(storage);
    return json;
}
