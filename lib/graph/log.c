#include "graph/database.h"
#include "graph/graph.h"
#include "graph/sql.h"

static bool read_commits(struct database *d, jv *answer, struct error *err)
{
    sqlite3_stmt *stmt =
        sql_prepare(d->db, err,
                    "SELECT version, time, actor, operation, nodes, edges, steps FROM commits"
                    " ORDER BY version");
    bool ok = stmt != NULL, row = true;
    *answer = jv_array();
    while (ok && (ok = sql_step(stmt, &row, err)) && row) {
        jv commit = jv_object();
        json_set_int(&commit, "version", sqlite3_column_int64(stmt, 0));
        json_set_string(&commit, "time", sql_column_text(stmt, 1));
        json_set_string(&commit, "actor", (const char *)sqlite3_column_text(stmt, 2));
        json_set_string(&commit, "operation", sql_column_text(stmt, 3));
        json_set_int(&commit, "nodes", sqlite3_column_int64(stmt, 4));
        json_set_int(&commit, "edges", sqlite3_column_int64(stmt, 5));
        json_set_int(&commit, "steps", sqlite3_column_int64(stmt, 6));
        *answer = jv_array_append(*answer, commit);
    }
    (void)sqlite3_finalize(stmt); /* its steps were checked */
    return ok;
}

enum graph_status graph_log(const char *root, jv *answer, struct error *err)
{
    struct database d = DATABASE_INIT;
    enum graph_status status = database_open(root, DATABASE_READ, &d, err);
    if (status == GRAPH_OK)
        status = database_begin(&d, err);
    if (status == GRAPH_OK) {
        if (!read_commits(&d, answer, err) || !database_unchanged(&d, err)) {
            jv_free(*answer);
            *answer = jv_invalid();
            status = GRAPH_FAILED;
        }
    }
    database_close(&d);
    return status;
}
