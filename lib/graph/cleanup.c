#include "common/timestamp.h"
#include "graph/drops.h"
#include "graph/graph.h"
#include "graph/sql.h"

#include <string.h>

/* The newest version whose commit is old enough. Going by versions, not by each drop's own time,
 * keeps a node type for as long as the edges that refer to it, whatever the clock did. */
static bool find_limit(struct database *d, int64_t older_ms, int64_t *limit, struct error *err)
{
    struct timestamp time = timestamp_format(timestamp_now_ms() - older_ms);
    return sql_integer(d->db, 0, limit, err, "SELECT max(version) FROM commits WHERE time <= %Q",
                       time.text);
}

static bool remove_type(struct database *d, const struct drop *drop, struct error *err)
{
    return sql_run(d->db, err,
                   "DROP TABLE \"%w\"; DELETE FROM properties WHERE type = %lld;"
                   "DELETE FROM types WHERE id = %lld",
                   drop->table, (long long)drop->id, (long long)drop->id);
}

static bool remove_property(struct database *d, const struct drop *drop, struct error *err)
{
    int64_t type = 0; /* gone already if its type was removed */
    if (!sql_integer(d->db, 0, &type, err, "SELECT type FROM properties WHERE id = %lld",
                     (long long)drop->id))
        return false;
    /* Only an index of this property alone can be there: dropping a property that a longer one
     * names is not supported. */
    return type == 0 || sql_run(d->db, err,
                                "DROP INDEX IF EXISTS \"index_%lld_%lld\";"
                                "ALTER TABLE \"%w\" DROP COLUMN \"%w\";"
                                "DELETE FROM properties WHERE id = %lld",
                                (long long)type, (long long)drop->id, drop->table, drop->column,
                                (long long)drop->id);
}

/* Edges go before the nodes that they refer to. */
static bool remove_all(struct database *d, const struct drops *drops, int64_t limit,
                       struct error *err)
{
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < drops->n; i++) {
            const struct drop *drop = &drops->list[i];
            int turn = !drop->is_type ? 2 : drop->kind == SCHEMA_NODE ? 1 : 0;
            if (drop->version > limit || turn != pass)
                continue;
            if (!(drop->is_type ? remove_type(d, drop, err) : remove_property(d, drop, err)))
                return false;
        }
    }
    return true;
}

static jv names_up_to(const struct drops *drops, int64_t limit)
{
    jv names = jv_array();
    for (size_t i = 0; i < drops->n; i++)
        if (drops->list[i].version <= limit)
            names = jv_array_append(names, jv_string(drops->list[i].name));
    return names;
}

static enum graph_status carry_out(struct database *d, int64_t older_ms, bool confirm,
                                   const char *actor, jv *answer, struct error *err)
{
    struct drops drops = {0};
    int64_t limit = 0, snapshots = 0;
    enum graph_status status = GRAPH_FAILED;
    jv names = jv_array();
    if (!find_limit(d, older_ms, &limit, err) || !drops_read(d, &drops, err))
        goto out;
    jv_free(names);
    names = names_up_to(&drops, limit);
    int count = jv_array_length(jv_copy(names));
    status = GRAPH_OK;
    if (confirm && count > 0) {
        struct commit commit = {
            .operation = "cleanup", .actor = actor, .steps = count, .reclaim = true};
        status =
            remove_all(d, &drops, limit, err) ? database_commit(d, &commit, err) : GRAPH_FAILED;
    }
    if (status == GRAPH_OK) {
        status = root_sweep(&d->root, confirm, &snapshots, err);
        if (status != GRAPH_OK && confirm && count > 0) {
            error_prefix(err, "what was dropped is removed, but old snapshots may be left");
            status = GRAPH_UNKNOWN;
        }
    }
    if (status == GRAPH_OK) {
        *answer = jv_object();
        json_set_int(answer, "manifest_version", d->version);
        json_set(answer, confirm ? "removed" : "would_remove", jv_copy(names));
        if (confirm)
            json_set_int(answer, "reclaimed", d->reclaimed);
        if (root_in_bucket(&d->root))
            json_set_int(answer, "snapshots", snapshots);
    }
out:
    jv_free(names);
    drops_free(&drops);
    return status;
}

enum graph_status graph_cleanup(const char *root, int64_t older_ms, bool confirm, const char *actor,
                                jv *answer, struct error *err)
{
    struct database d = DATABASE_INIT;
    enum graph_status status =
        database_open(root, confirm ? DATABASE_WRITE : DATABASE_READ, &d, err);
    /* Or dropping a table would look for references row by row; what refers to it goes first. */
    if (status == GRAPH_OK && !sql_run(d.db, err, "PRAGMA foreign_keys=OFF"))
        status = GRAPH_FAILED;
    if (status == GRAPH_OK)
        status = database_begin(&d, err);
    if (status == GRAPH_OK)
        status = carry_out(&d, older_ms, confirm, actor, answer, err);
    database_close(&d);
    return status;
}
