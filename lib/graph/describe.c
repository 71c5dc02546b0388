#include "graph/database.h"
#include "graph/graph.h"

enum graph_status graph_describe(const char *root, jv *answer, struct error *err)
{
    struct database d = DATABASE_INIT;
    enum graph_status status = database_open(root, DATABASE_READ, &d, err);
    if (status == GRAPH_OK)
        status = database_begin(&d, err);
    if (status == GRAPH_OK && !database_unchanged(&d, err))
        status = GRAPH_FAILED;
    if (status == GRAPH_OK) {
        *answer = jv_object();
        json_set_int(answer, "manifest_version", d.version);
        json_set_string(answer, "schema_digest", d.schema_digest.hex);
        json_set(answer, "schema", jv_string_sized(buf_text(&d.schema), (int)d.schema.len));
    }
    database_close(&d);
    return status;
}
