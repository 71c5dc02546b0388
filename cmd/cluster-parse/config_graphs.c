/* The graphs of cluster.yaml. */
#include "config_check.h"

#include "common/xalloc.h"

#include <stdlib.h>

/* A file or directory. A broken one is NULL, so that the places of the others stay right. */
static void read_one(struct diags *diags, const struct yaml_node *node, struct config_graph *graph,
                     const char *place)
{
    bool ok = config_expect(diags, node, YAML_STRING, place);
    if (ok && config_is_blank(node->text)) {
        config_error(diags, "invalid_cluster_yaml", node->line, node->column, place,
                     "%s must name a file or directory; leave it out if there are no queries",
                     place);
        ok = false;
    }
    graph->queries[graph->n_queries++] = ok ? node : NULL;
}

/* queries: [DIR-OR-FILE, …] */
static void read_list(struct diags *diags, const struct yaml_node *list, struct config_graph *graph)
{
    graph->queries_is_list = true;
    for (size_t i = 0; i < list->n; i++) {
        char *place = xasprintf("%s.queries[%zu]", graph->place, i);
        read_one(diags, list->items[i], graph, place);
        free(place);
    }
}

/* queries: {NAME: {file: FILE}, …} */
static void read_picks(struct diags *diags, const struct yaml_node *map, struct config_graph *graph)
{
    static const char *const keys[] = {"file", NULL};
    graph->picks = xcalloc(map->n + 1, sizeof *graph->picks);
    for (size_t i = 0; i < map->n; i++) {
        const struct yaml_pair *pair = map->pairs[i];
        struct config_pick *pick = &graph->picks[graph->n_picks++];
        char *queries = config_place(graph->place, "queries");
        char *place = config_place(queries, pair->key);
        *pick = (struct config_pick){.name = pair->key, .at = pair};
        pick->valid = config_check_name(diags, pair, "query", place);
        if (config_expect(diags, pair->value, YAML_MAP, place)) {
            config_check_keys(diags, pair->value, keys, place);
            pick->file = config_string(diags, pair->value, "file", place);
            if (!yaml_get(pair->value, "file"))
                config_missing(diags, pair, "file", keys, place,
                               "the .gq file that declares the query");
        }
        free(place);
        free(queries);
    }
}

static void read_queries(struct diags *diags, const struct yaml_node *queries,
                         struct config_graph *graph)
{
    char *place = config_place(graph->place, "queries");
    graph->queries = xcalloc(queries->n + 1, sizeof(struct yaml_node *));
    if (queries->kind == YAML_STRING)
        read_one(diags, queries, graph, place);
    else if (queries->kind == YAML_LIST)
        read_list(diags, queries, graph);
    else if (queries->kind == YAML_MAP)
        read_picks(diags, queries, graph);
    else
        config_error(diags, "invalid_cluster_yaml", queries->line, queries->column, place,
                     "%s must be a directory or file, a list of those, or a mapping of names to "
                     "{file: …}, not %s",
                     place, yaml_kind_name(queries->kind));
    free(place);
}

static void read_graph(struct diags *diags, const struct yaml_pair *pair,
                       struct config_graph *graph)
{
    static const char *const keys[] = {"schema", "queries", NULL};
    graph->id = pair->key;
    graph->place = config_place("graphs", pair->key);
    graph->valid = config_check_name(diags, pair, "graph", graph->place);
    if (!config_expect(diags, pair->value, YAML_MAP, graph->place))
        return;
    config_check_keys(diags, pair->value, keys, graph->place);
    graph->schema = config_string(diags, pair->value, "schema", graph->place);
    if (!yaml_get(pair->value, "schema"))
        config_missing(diags, pair, "schema", keys, graph->place, "the graph's .pg file");
    const struct yaml_node *queries = yaml_get(pair->value, "queries");
    if (queries)
        read_queries(diags, queries, graph);
}

void config_read_graphs(struct diags *diags, const struct yaml_node *root, struct config *config)
{
    const struct yaml_node *graphs = yaml_get(root, "graphs");
    if (!graphs || !config_expect(diags, graphs, YAML_MAP, "graphs"))
        return;
    config->graphs = xcalloc(graphs->n + 1, sizeof *config->graphs);
    config->n_graphs = graphs->n;
    for (size_t i = 0; i < graphs->n; i++)
        read_graph(diags, graphs->pairs[i], &config->graphs[i]);
}
