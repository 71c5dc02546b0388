#include "graph/drops.h"
#include "graph/graph.h"

enum graph_status graph_dropped(const char *root, jv *answer, struct error *err)
{
    struct database d = DATABASE_INIT;
    struct drops drops = {0};
    enum graph_status status = database_open(root, DATABASE_READ, &d, err);
    if (status == GRAPH_OK)
        status = database_begin(&d, err);
    if (status == GRAPH_OK && (!drops_read(&d, &drops, err) || !database_unchanged(&d, err)))
        status = GRAPH_FAILED;
    if (status == GRAPH_OK) {
        *answer = jv_array();
        for (size_t i = 0; i < drops.n; i++) {
            jv drop = jv_object();
            json_set_string(&drop, "name", drops.list[i].name);
            json_set_int(&drop, "version", drops.list[i].version);
            json_set_string(&drop, "time", drops.list[i].time);
            *answer = jv_array_append(*answer, drop);
        }
    }
    drops_free(&drops);
    database_close(&d);
    return status;
}
