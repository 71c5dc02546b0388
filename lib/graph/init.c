#include "graph/catalog.h"
#include "graph/graph.h"
#include "graph/tables.h"

#include <stdlib.h>

static bool add_types(struct database *d, const struct schema *schema, enum schema_kind kind,
                      struct error *err)
{
    size_t n;
    const struct schema_type *const *types = schema_types(schema, kind, &n);
    for (size_t i = 0; i < n; i++)
        if (!tables_add_type(d, types[i], err))
            return false;
    return true;
}

static enum graph_status build(struct root *root, const struct source *src,
                               const struct schema *schema, const char *actor, jv *answer,
                               struct error *err)
{
    struct database d = DATABASE_INIT;
    struct commit commit = {.operation = "init", .actor = actor};
    enum graph_status status = database_create(root, &d, err);
    if (status == GRAPH_OK) {
        database_set_schema(&d, src->text, src->len);
        if (!add_types(&d, schema, SCHEMA_NODE, err) || !add_types(&d, schema, SCHEMA_EDGE, err) ||
            !tables_index(&d, schema, err))
            status = GRAPH_FAILED;
    }
    if (status == GRAPH_OK && database_commit(&d, &commit, err) != GRAPH_OK)
        status = GRAPH_FAILED; /* nobody can see it yet: so nothing moved */
    if (status == GRAPH_OK) {
        *answer = jv_object();
        json_set_int(answer, "manifest_version", d.version);
        json_set_string(answer, "schema_digest", d.schema_digest.hex);
    }
    *root = d.root; /* database_create() took it */
    d.root = (struct root)ROOT_INIT;
    database_close(&d);
    return status;
}

enum graph_status graph_init(const char *root, const struct source *schema, const char *actor,
                             jv *answer, struct error *err)
{
    struct schema *compiled = catalog_compile(schema, err);
    if (!compiled)
        return GRAPH_FAILED;
    struct root place = ROOT_INIT;
    enum graph_status status = root_create(root, &place, err);
    if (status == GRAPH_OK) {
        status = build(&place, schema, compiled, actor, answer, err);
        if (status == GRAPH_OK) {
            status = root_finish(&place, err);
            if (status != GRAPH_OK) {
                jv_free(*answer);
                *answer = jv_invalid();
            }
        }
        if (status == GRAPH_FAILED)
            root_abandon(&place);
    }
    root_clear(&place);
    schema_free(compiled);
    return status;
}
