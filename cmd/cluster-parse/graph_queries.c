/* The queries of one graph: from files, directories, or picked by name. */
#include "check.h"
#include "config_check.h"
#include "query_dir.h"

#include "common/printable.h"
#include "common/suggest.h"
#include "common/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct job {
    struct check *check;
    const struct config_graph *graph;
    const struct schema *schema; /* NULL: broken */
    size_t number;
    char *graph_address, *schema_address;
    jv seen; /* name → file:line:column of its declaration */
};

/* True if the graph has no query of this name yet. */
static bool is_new(struct job *job, const struct query *query, const struct source *src)
{
    const char *first = json_peek_string(&job->seen, query->name.text);
    if (first) {
        source_error(src, job->check->diags, "duplicate_query_name", query->name.at,
                     "the query '%s' is declared already at %s; one graph has each name once",
                     query->name.text, first);
        return false;
    }
    char *where = xasprintf("%s:%u:%u", src->file, query->name.at.line, query->name.at.column);
    json_set_string(&job->seen, query->name.text, where);
    free(where);
    return true;
}

static void add_resource(struct job *job, const struct query *query, const struct source_file *file,
                         const char *path)
{
    struct resources *resources = &job->check->resources;
    char *address = address_query(job->graph->id, query->name.text);
    resources_add(resources, address, ADDRESS_QUERY, file, path);
    resources_depend(resources, address, job->graph_address);
    resources_depend(resources, address, job->schema_address);
    free(address);
}

static void take_query(struct job *job, const struct query *query, struct source_file *file,
                       const char *path, const char *place)
{
    struct source src = source_for(file, place);
    if (!is_new(job, query, &src))
        return;
    if (!address_name_is_valid(query->name.text))
        source_error(&src, job->check->diags, "invalid_resource_id", query->name.at,
                     "the query's name is longer than 200 characters");
    else if (job->graph->valid)
        add_resource(job, query, file, path);
    if (job->schema)
        (void)query_typecheck(query, &src, job->schema, job->check->diags); /* it has reported */
}

/* Every declaration of a file, unless this graph has taken the file already. */
static void take_file(struct job *job, const char *path, const struct yaml_node *at,
                      const char *place)
{
    struct source_file *file = check_read(job->check, path, at, place, "query_file_missing");
    if (!file || file->used_by_graph == job->number)
        return;
    file->used_by_graph = job->number;
    const struct query_file *queries = source_queries(file, place, job->check->diags);
    for (const struct query *q = queries->first; q; q = q->next)
        take_query(job, q, file, path, place);
}

static void take_directory(struct job *job, const char *path, const char *full,
                           const struct yaml_node *at, const char *place)
{
    struct diags *diags = job->check->diags;
    struct query_dir dir;
    char *shown = printable(path);
    if (!query_dir_list(full, &dir))
        config_error(diags, "query_dir_unreadable", at->line, at->column, place,
                     "cannot list the directory '%s': %s", shown, strerror(errno));
    else if (dir.n == 0)
        config_warning(diags, "query_dir_empty", at->line, at->column, place,
                       "the directory '%s' holds no *.gq file", shown);
    bool slash = path[0] && path[strlen(path) - 1] == '/';
    for (size_t i = 0; i < dir.n; i++) {
        char *file = xasprintf("%s%s%s", path, slash ? "" : "/", dir.names[i]);
        take_file(job, file, at, place);
        free(file);
    }
    query_dir_clear(&dir);
    free(shown);
}

static void take_entry(struct job *job, size_t index)
{
    const struct yaml_node *at = job->graph->queries[index];
    if (!at)
        return;
    char *place = job->graph->queries_is_list
                      ? xasprintf("%s.queries[%zu]", job->graph->place, index)
                      : config_place(job->graph->place, "queries");
    char *full = sources_path(&job->check->sources, at->text);
    struct stat st;
    if (stat(full, &st) == 0 && S_ISDIR(st.st_mode))
        take_directory(job, at->text, full, at, place);
    else
        take_file(job, at->text, at, place); /* says why if it cannot be read */
    free(full);
    free(place);
}

static void report_mismatch(struct job *job, const struct config_pick *pick,
                            const struct source_file *file, const char *place)
{
    struct suggestion near;
    suggest_begin(&near, pick->name);
    for (const struct query *q = file->queries->first; q; q = q->next)
        suggest_offer(&near, q->name.text);
    const char *best = suggest_best(&near);
    char *shown = printable(pick->name);
    config_error(job->check->diags, "query_key_mismatch", pick->at->line, pick->at->column, place,
                 "%s declares no query '%s'%s%s%s", file->shown, shown,
                 best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
    free(shown);
}

/* The whole file must parse; only the picked declaration is taken. */
static void take_pick(struct job *job, const struct config_pick *pick)
{
    if (!pick->file)
        return;
    char *queries_place = config_place(job->graph->place, "queries");
    char *place = config_place(queries_place, pick->name);
    char *file_place = config_place(place, "file");
    struct source_file *file =
        check_read(job->check, pick->file->text, pick->file, file_place, "query_file_missing");
    if (file) {
        const struct query_file *queries = source_queries(file, file_place, job->check->diags);
        const struct query *const *found;
        size_t n = source_find_query(file, pick->name, &found);
        for (size_t i = 0; i < n; i++)
            take_query(job, found[i], file, pick->file->text, file_place);
        /* A declaration that did not parse may be the one. */
        if (n == 0 && queries->errors == 0 && pick->valid)
            report_mismatch(job, pick, file, place);
    }
    free(file_place);
    free(place);
    free(queries_place);
}

void check_graph_queries(struct check *check, const struct config_graph *graph, size_t number,
                         const struct schema *schema)
{
    struct job job = {.check = check,
                      .graph = graph,
                      .schema = schema,
                      .number = number,
                      .graph_address = address_graph(graph->id),
                      .schema_address = address_schema(graph->id),
                      .seen = jv_object()};
    for (size_t i = 0; i < graph->n_queries; i++)
        take_entry(&job, i);
    for (size_t i = 0; i < graph->n_picks; i++)
        take_pick(&job, &graph->picks[i]);
    if (!schema && jv_object_length(jv_copy(job.seen)) > 0) {
        char *place = config_place(graph->place, "queries");
        diags_warning(check->diags, "query_typecheck_skipped", place,
                      "the queries of %s were not type-checked, as its schema is broken; mend the "
                      "schema and validate again",
                      job.graph_address);
        free(place);
    }
    jv_free(job.seen);
    free(job.graph_address);
    free(job.schema_address);
}
