/* The graphs: their schemas, and what depends on what. */
#include "check.h"
#include "config_check.h"

#include <stdlib.h>

struct source_file *check_read(struct check *check, const char *path, const struct yaml_node *at,
                               const char *place, const char *missing_code)
{
    struct error err = ERROR_INIT;
    struct source_file *file = sources_read(&check->sources, path, &err);
    if (!file && err.code) /* its message starts with a place in the file itself */
        diags_error(check->diags, err.code, place, "%s", error_text(&err));
    else if (!file && err.message)
        config_error(check->diags, missing_code, at->line, at->column, place, "%s",
                     error_text(&err));
    error_clear(&err);
    return file;
}

/* NULL if there is none that compiles. */
static const struct schema *check_schema(struct check *check, const struct config_graph *graph)
{
    if (!graph->schema)
        return NULL;
    char *place = config_place(graph->place, "schema");
    const struct schema *schema = NULL;
    struct source_file *file =
        check_read(check, graph->schema->text, graph->schema, place, "schema_file_missing");
    if (file) {
        schema = source_schema(file, place, check->diags);
        if (graph->valid) {
            char *address = address_schema(graph->id);
            char *parent = address_graph(graph->id);
            resources_add(&check->resources, address, ADDRESS_SCHEMA, file, graph->schema->text);
            resources_depend(&check->resources, address, parent);
            free(parent);
            free(address);
        }
    }
    free(place);
    return schema;
}

void check_graphs(struct check *check)
{
    for (size_t i = 0; i < check->config->n_graphs; i++) {
        const struct config_graph *graph = &check->config->graphs[i];
        if (graph->valid)
            resources_add_graph(&check->resources, graph->id);
        const struct schema *schema = check_schema(check, graph);
        check_graph_queries(check, graph, i + 1, schema);
    }
}
