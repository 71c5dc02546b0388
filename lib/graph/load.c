#include "graph/load.h"

#include "graph/lines.h"
#include "graph/sql.h"

#include <ctype.h>
#include <inttypes.h>

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isspace((unsigned char)text[i]))
            return false;
    return true;
}

static bool take_line(struct load *load, const char *text, size_t len, struct error *err)
{
    if (is_blank(text, len))
        return true;
    buf_clear(&load->why);
    if (!datum_parse(&load->datum, text, len, &load->why)) {
        complaints_add(&load->complaints, load->line, buf_text(&load->why));
        return true;
    }
    return load_row(load, err);
}

static bool take_lines(struct load *load, int fd, struct error *err)
{
    struct lines lines;
    lines_init(&lines, fd);
    bool ok = true, more = true;
    while (ok && more) {
        const char *text;
        size_t len;
        enum lines_status status = lines_next(&lines, &text, &len, err);
        load->line = lines.number;
        switch (status) {
        case LINES_LINE:
            ok = take_line(load, text, len, err);
            break;
        case LINES_TOO_LONG:
            complaints_add(&load->complaints, load->line, "longer than 64 MiB");
            break;
        case LINES_END:
            more = false;
            break;
        case LINES_ERROR:
            ok = false;
            break;
        }
    }
    lines_free(&lines);
    return ok;
}

static enum graph_status finish(struct load *load, const char *actor, FILE *complaints,
                                struct error *err)
{
    if (!load_check(load, err))
        return GRAPH_FAILED;
    if (load->complaints.total) {
        complaints_write(&load->complaints, complaints);
        error_set(err, NULL, "nothing was loaded: %" PRIu64 " bad line%s", load->complaints.total,
                  load->complaints.total == 1 ? "" : "s");
        return GRAPH_FAILED;
    }
    if (load->node_count + load->edge_count == 0)
        return GRAPH_OK;
    struct commit commit = {
        .operation = "load", .actor = actor, .nodes = load->node_count, .edges = load->edge_count};
    return database_commit(&load->d, &commit, err);
}

/* Statements go before the database that they belong to. */
static void load_free(struct load *load)
{
    load_types_free(load);
    linemaps_free(&load->maps);
    catalog_free(&load->catalog);
    datum_free(&load->datum);
    complaints_free(&load->complaints);
    buf_free(&load->id);
    buf_free(&load->why);
    database_close(&load->d);
}

enum graph_status graph_load(const char *root, enum load_mode mode, int fd, const char *actor,
                             FILE *complaints, jv *answer, struct error *err)
{
    struct load load = {.d = DATABASE_INIT, .catalog = CATALOG_INIT, .mode = mode};
    enum graph_status status = database_open(root, DATABASE_WRITE, &load.d, err);
    /* load_check() looks after references. */
    if (status == GRAPH_OK && !sql_run(load.d.db, err, "PRAGMA foreign_keys=OFF"))
        status = GRAPH_FAILED;
    if (status == GRAPH_OK)
        status = database_begin(&load.d, err);
    if (status == GRAPH_OK && !catalog_read(&load.d, &load.catalog, err))
        status = GRAPH_CANNOT_OPEN;
    if (status == GRAPH_OK) {
        load.maps.db = load.d.db;
        load_types_init(&load);
        status = take_lines(&load, fd, err) ? finish(&load, actor, complaints, err) : GRAPH_FAILED;
    }
    if (status == GRAPH_OK) {
        *answer = jv_object();
        json_set_int(answer, "manifest_version", load.d.version);
        json_set_int(answer, "nodes", load.node_count);
        json_set_int(answer, "edges", load.edge_count);
    }
    load_free(&load);
    return status;
}
