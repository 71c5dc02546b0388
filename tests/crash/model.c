#include "model.h"

#include "common/process.h"
#include "common/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEX = 64 };

int tool_run(const char *const argv[], const void *in, size_t len, struct buf *out)
{
    struct process_result result = PROCESS_RESULT_INIT;
    struct error err = ERROR_INIT;
    /* As execv(3) has it: the words are not changed, only the type says that they might be. */
    bool ran = process_run((char *const *)argv, in, len, &result, &err);
    int status = !ran ? 127 : result.signal ? 128 + result.signal : result.exit_status;
    if (out)
        buf_append(out, buf_text(&result.out), result.out.len);
    process_result_clear(&result);
    error_clear(&err);
    return status;
}

jv tool_hash_files(const char *folder)
{
    static const char script[] =
        "[ ! -e \"$1\" ] || exec find \"$1\" -type f ! -name '.tmp.*' -exec "
        "sha256sum {} +";
    const char *const argv[] = {"sh", "-c", script, "sh", folder, NULL};
    struct buf out = BUF_INIT;
    jv hashes = jv_object();
    (void)tool_run(argv, "", 0, &out); /* what is missing in the answer is missed by the check */
    char *rest = NULL;
    for (char *line = out.len ? strtok_r(out.data, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        if (strlen(line) > HEX + 2) {
            line[HEX] = '\0';
            json_set_string(&hashes, line + HEX + 2, line);
        }
    buf_free(&out);
    return hashes;
}

static char *hash_of(const struct buf *bytes)
{
    const char *const argv[] = {"sha256sum", NULL};
    struct buf out = BUF_INIT;
    int status = tool_run(argv, buf_text(bytes), bytes->len, &out);
    char *hex = xstrndup(buf_text(&out), status == 0 && out.len > HEX ? HEX : 0);
    buf_free(&out);
    return hex;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

jv sorted_lines(const char *text)
{
    char *copy = xstrdup(text), *rest = NULL;
    char **lines = NULL;
    size_t n = 0, cap = 0;
    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        lines = xgrow(lines, n, &cap, sizeof *lines);
        lines[n++] = line;
    }
    if (n > 0)
        qsort(lines, n, sizeof *lines, compare_lines);
    jv array = jv_array();
    for (size_t i = 0; i < n; i++)
        array = jv_array_append(array, jv_string(lines[i]));
    free(lines);
    free(copy);
    return array;
}

static void add_resource(struct model *m, const char *address, const char *digest)
{
    jv entry = jv_object();
    json_set_string(&entry, "digest", digest);
    json_set(&m->resources, address, entry);
}

/* Two texts, each with its NUL. */
static void put_parts(struct buf *out, const char *a, const char *b)
{
    buf_append(out, a, strlen(a) + 1);
    buf_append(out, b, strlen(b) + 1);
}

/* Chapter "Resources" of cluster.yaml(5). */
static void add_graph(struct model *m, const struct graph_want *g, const jv *files)
{
    struct buf composite = BUF_INIT, name = BUF_INIT;
    const char *schema = json_peek_string(files, g->schema);
    put_parts(&composite, "graph", g->id);
    put_parts(&composite, "schema", schema);
    buf_printf(&name, "schema.%s", g->id);
    add_resource(m, buf_text(&name), schema);

    char *queries = xstrdup(g->queries), *rest = NULL;
    for (char *query = strtok_r(queries, " ", &rest); query; query = strtok_r(NULL, " ", &rest)) {
        const char *digest = json_peek_string(files, g->query_file);
        put_parts(&composite, "query", query);
        buf_append(&composite, digest, strlen(digest) + 1);
        buf_clear(&name);
        buf_printf(&name, "query.%s.%s", g->id, query);
        add_resource(m, buf_text(&name), digest);
        buf_clear(&name);
        buf_printf(&name, "__cluster/resources/query/%s/%s/%s.gq", g->id, query, digest);
        json_set_string(&m->blobs, buf_text(&name), digest);
    }
    char *digest = hash_of(&composite);
    buf_clear(&name);
    buf_printf(&name, "graph.%s", g->id);
    add_resource(m, buf_text(&name), digest);

    struct buf rows = BUF_INIT;
    rows_write(g->rows, &rows);
    jv graph = jv_object();
    json_set_string(&graph, "schema_digest", schema);
    json_set_int(&graph, "manifest_version", g->version);
    json_set(&graph, "rows", sorted_lines(buf_text(&rows)));
    json_set(&m->graphs, g->id, graph);
    buf_free(&rows);
    buf_free(&name);
    buf_free(&composite);
    free(digest);
    free(queries);
}

static void add_policy(struct model *m, const struct policy_want *p, const jv *files)
{
    const char *digest = json_peek_string(files, p->file);
    char *address = xasprintf("policy.%s", p->name), *bindings = xstrdup(p->applies_to);
    char *path = xasprintf("__cluster/resources/policy/%s/%s.yaml", p->name, digest);
    char *rest = NULL;
    jv entry = jv_object(), list = jv_array();
    for (char *to = strtok_r(bindings, " ", &rest); to; to = strtok_r(NULL, " ", &rest))
        list = jv_array_append(list, strcmp(to, "cluster") == 0 ? jv_string(to)
                                                                : jv_string_fmt("graph.%s", to));
    json_set_string(&entry, "digest", digest);
    json_set(&entry, "applies_to", list);
    json_set(&m->resources, address, entry);
    json_set_string(&m->blobs, path, digest);
    free(path);
    free(bindings);
    free(address);
}

/* {name: hex} of all files that a world may name. */
static jv hash_story_files(void)
{
    jv files = jv_object();
    for (const char *const *file = story_files; *file; file += 2) {
        struct buf text = BUF_INIT;
        buf_puts(&text, file[1]);
        char *digest = hash_of(&text);
        json_set_string(&files, file[0], digest);
        free(digest);
        buf_free(&text);
    }
    return files;
}

struct model model_of(const struct world *world)
{
    struct model m = {world, jv_object(), jv_object(), jv_object()};
    jv files = hash_story_files();
    for (const struct graph_want *g = world->graphs; g->id; g++)
        add_graph(&m, g, &files);
    for (const struct policy_want *p = world->policies; p->name; p++)
        add_policy(&m, p, &files);
    jv_free(files);
    return m;
}

void model_free(struct model *m)
{
    jv_free(m->resources);
    jv_free(m->graphs);
    jv_free(m->blobs);
}
