#include "common/xalloc.h"
#include "common/yajl_memory.h"
#include "graph/catalog.h"
#include "graph/cell.h"
#include "graph/graph.h"
#include "graph/sql.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FLUSH_AT = 1 << 20 };

struct export
{
    struct database d;
    struct catalog catalog;
    FILE *out;
    yajl_gen gen;
};

static void key(yajl_gen gen, const char *name)
{
    (void)yajl_gen_string(gen, (const unsigned char *)name, strlen(name));
}

static void text_column(yajl_gen gen, sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    (void)yajl_gen_string(gen, text, (size_t)sqlite3_column_bytes(stmt, column));
}

static bool flush(struct export *x, struct error *err)
{
    const unsigned char *text;
    size_t len;
    (void)yajl_gen_get_buf(x->gen, &text, &len);
    bool ok = len == 0 || fwrite(text, 1, len, x->out) == len;
    yajl_gen_clear(x->gen);
    return ok || error_set(err, NULL, "cannot write: %s", strerror(errno));
}

/* Columns in the order that data is written: by property name. Those of the ends or the id come
 * first. To be freed. */
static const struct catalog_property **sorted_properties(const struct catalog_type *type)
{
    size_t n = type->type->property_count;
    const struct catalog_property **list = xcalloc(n ? n : 1, sizeof *list);
    for (size_t i = 0; i < n; i++) {
        const struct schema_property *p = type->type->by_name[i];
        for (size_t j = 0; j < n; j++)
            if (type->properties[j].property == p)
                list[i] = &type->properties[j];
    }
    return list;
}

static sqlite3_stmt *prepare(struct export *x, const struct catalog_type *type,
                             const struct catalog_property **properties, struct error *err)
{
    bool edge = type->type->kind == SCHEMA_EDGE;
    struct buf sql = BUF_INIT;
    buf_puts(&sql, edge ? "src, dst" : "id");
    for (size_t i = 0; i < type->type->property_count; i++) {
        char *column = sqlite3_mprintf(", \"%w\"", properties[i]->column);
        if (!column)
            die_out_of_memory();
        buf_puts(&sql, column);
        sqlite3_free(column);
    }
    /* Parallel edges have nothing but their properties to be sorted by. */
    sqlite3_stmt *stmt = sql_prepare(x->d.db, err, "SELECT %s FROM \"%w\" ORDER BY %s",
                                     buf_text(&sql), type->table, edge ? buf_text(&sql) : "id");
    buf_free(&sql);
    return stmt;
}

/* A property that lives in the column id is there as text. */
static bool write_id_property(struct export *x, const struct property_type *type,
                              sqlite3_stmt *stmt, int column, struct buf *why)
{
    const char *text = sql_column_text(stmt, column);
    if (type->scalar == SCALAR_BOOL)
        (void)yajl_gen_bool(x->gen, strcmp(text, "true") == 0);
    else if (scalar_is_number(type->scalar))
        (void)yajl_gen_number(x->gen, text, strlen(text));
    else
        return cell_column_to_json(type, stmt, column, x->gen, why);
    return true;
}

static bool write_data(struct export *x, const struct catalog_type *type,
                       const struct catalog_property **properties, sqlite3_stmt *stmt,
                       struct error *err)
{
    int first = type->type->kind == SCHEMA_EDGE ? 2 : 1;
    struct buf why = BUF_INIT;
    bool ok = true;
    key(x->gen, "data");
    (void)yajl_gen_map_open(x->gen);
    for (size_t i = 0; ok && i < type->type->property_count; i++) {
        int column = first + (int)i;
        const struct schema_property *p = properties[i]->property;
        if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
            continue;
        key(x->gen, p->name);
        ok = properties[i]->in_id ? write_id_property(x, &p->type, stmt, column, &why)
                                  : cell_column_to_json(&p->type, stmt, column, x->gen, &why);
        if (!ok)
            error_set(err, NULL, "%s.%s of \"%.80s\": %s", type->type->name, p->name,
                      sql_column_text(stmt, 0), buf_text(&why));
    }
    (void)yajl_gen_map_close(x->gen);
    buf_free(&why);
    return ok;
}

static bool write_row(struct export *x, const struct catalog_type *type,
                      const struct catalog_property **properties, sqlite3_stmt *stmt,
                      struct error *err)
{
    (void)yajl_gen_map_open(x->gen);
    key(x->gen, type->type->kind == SCHEMA_EDGE ? "edge" : "type");
    key(x->gen, type->type->name);
    if (type->type->kind == SCHEMA_EDGE) {
        key(x->gen, "from");
        text_column(x->gen, stmt, 0);
        key(x->gen, "to");
        text_column(x->gen, stmt, 1);
    } else if (!type->type->key) {
        key(x->gen, "id");
        text_column(x->gen, stmt, 0);
    }
    bool ok = write_data(x, type, properties, stmt, err);
    (void)yajl_gen_map_close(x->gen);
    yajl_gen_reset(x->gen, "\n");
    const unsigned char *text;
    size_t len;
    (void)yajl_gen_get_buf(x->gen, &text, &len);
    return ok && (len < FLUSH_AT || flush(x, err));
}

static bool write_type(struct export *x, const struct catalog_type *type, struct error *err)
{
    const struct catalog_property **properties = sorted_properties(type);
    sqlite3_stmt *stmt = prepare(x, type, properties, err);
    bool ok = stmt != NULL, row = true;
    while (ok && (ok = sql_step(stmt, &row, err)) && row)
        ok = write_row(x, type, properties, stmt, err);
    (void)sqlite3_finalize(stmt); /* its steps were checked */
    free(properties);
    return ok && flush(x, err);
}

static bool write_all(struct export *x, const char *type, struct error *err)
{
    bool any = !type;
    for (size_t i = 0; i < x->catalog.node_count + x->catalog.edge_count; i++) {
        const struct catalog_type *t = i < x->catalog.node_count
                                           ? &x->catalog.nodes[i]
                                           : &x->catalog.edges[i - x->catalog.node_count];
        if (type && strcmp(type, t->type->name) != 0)
            continue;
        any = true;
        if (!write_type(x, t, err))
            return false;
    }
    return any || error_set(err, NULL, "the schema has no type %s", type);
}

enum graph_status graph_export(const char *root, const char *type, FILE *out, struct error *err)
{
    struct export x = {.d = DATABASE_INIT, .catalog = CATALOG_INIT, .out = out};
    enum graph_status status = database_open(root, DATABASE_READ, &x.d, err);
    if (status == GRAPH_OK)
        status = database_begin(&x.d, err);
    if (status == GRAPH_OK && !catalog_read(&x.d, &x.catalog, err))
        status = GRAPH_CANNOT_OPEN;
    if (status == GRAPH_OK) {
        yajl_alloc_funcs memory = yajl_memory();
        x.gen = yajl_gen_alloc(&memory);
        if (!x.gen)
            die_out_of_memory();
        if (!write_all(&x, type, err) || !database_unchanged(&x.d, err))
            status = GRAPH_FAILED;
        else if (fflush(out) != 0) {
            error_set(err, NULL, "cannot write: %s", strerror(errno));
            status = GRAPH_FAILED;
        }
        yajl_gen_free(x.gen);
    }
    catalog_free(&x.catalog);
    database_close(&x.d);
    return status;
}
