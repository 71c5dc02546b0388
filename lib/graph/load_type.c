#include "common/xalloc.h"
#include "graph/load.h"
#include "graph/sql.h"
#include "graph/tables.h"

#include <stdlib.h>
#include <string.h>

static void init_key(struct load_type *type)
{
    const struct schema_constraint *key = type->where->type->key;
    if (!key)
        return;
    type->key = xcalloc(key->name_count, sizeof *type->key);
    type->key_count = key->name_count;
    for (size_t i = 0; i < key->name_count; i++)
        type->key[i] =
            catalog_property_index(type->where->type, key->names[i], strlen(key->names[i]));
}

static void init_type(struct load_type *type, struct catalog_type *where)
{
    type->where = where;
    type->count = where->type->property_count;
    type->rules = xcalloc(type->count ? type->count : 1, sizeof *type->rules);
    type->cells = xcalloc(type->count ? type->count : 1, sizeof *type->cells);
    for (size_t i = 0; i < type->count; i++)
        cell_rule_init(&type->rules[i], where->type, where->properties[i].property);
    bool edge = where->type->kind == SCHEMA_EDGE;
    type->first_parameter = edge ? 3 : 2;
    type->keeps_lines = edge;
    type->lines.table = where->id;
    init_key(type);
}

void load_types_init(struct load *load)
{
    struct catalog *c = &load->catalog;
    load->nodes = xcalloc(c->node_count ? c->node_count : 1, sizeof *load->nodes);
    load->edges = xcalloc(c->edge_count ? c->edge_count : 1, sizeof *load->edges);
    for (size_t i = 0; i < c->node_count; i++)
        init_type(&load->nodes[i], &c->nodes[i]);
    for (size_t i = 0; i < c->edge_count; i++) {
        init_type(&load->edges[i], &c->edges[i]);
        const struct schema_type *edge = c->edges[i].type;
        if (edge->card_min > 0) { /* its absence is reported with the node's line */
            struct catalog_type *from =
                catalog_find(c, SCHEMA_NODE, edge->from->name, strlen(edge->from->name));
            load->nodes[from - c->nodes].keeps_lines = true;
        }
    }
}

static void free_types(struct load_type *types, size_t n)
{
    for (size_t i = 0; types && i < n; i++) {
        struct load_type *type = &types[i];
        for (size_t j = 0; j < type->count; j++) {
            cell_rule_free(&type->rules[j]);
            cell_free(&type->cells[j]);
        }
        free(type->rules);
        free(type->cells);
        free(type->key);
        (void)sqlite3_finalize(type->insert); /* the steps of all of these were checked */
        (void)sqlite3_finalize(type->find);
        for (size_t j = 0; j < type->update_count; j++) {
            (void)sqlite3_finalize(type->updates[j].stmt);
            free(type->updates[j].set);
        }
    }
    free(types);
}

void load_types_free(struct load *load)
{
    free_types(load->nodes, load->catalog.node_count);
    free_types(load->edges, load->catalog.edge_count);
}

static bool is_edge(const struct load_type *type)
{
    return type->where->type->kind == SCHEMA_EDGE;
}

static void append_name(struct buf *sql, const char *before, const char *name)
{
    char *quoted = sqlite3_mprintf("%s\"%w\"", before, name);
    if (!quoted)
        die_out_of_memory();
    buf_puts(sql, quoted);
    sqlite3_free(quoted);
}

static sqlite3_stmt *prepare_insert(struct load *load, struct load_type *type, struct error *err)
{
    struct buf columns = BUF_INIT, values = BUF_INIT;
    buf_puts(&columns, is_edge(type) ? "src, dst" : "id");
    buf_puts(&values, is_edge(type) ? "?1, ?2" : "?1");
    for (size_t i = 0; i < type->count; i++) {
        if (type->where->properties[i].in_id)
            continue;
        append_name(&columns, ", ", type->where->properties[i].column);
        buf_printf(&values, ", ?%zu", (size_t)type->first_parameter + i);
    }
    sqlite3_stmt *stmt = sql_prepare(load->d.db, err, "INSERT INTO \"%w\"(%s) VALUES(%s)",
                                     type->where->table, buf_text(&columns), buf_text(&values));
    buf_free(&columns);
    buf_free(&values);
    return stmt;
}

static sqlite3_stmt *prepare_find(struct load *load, struct load_type *type, struct error *err)
{
    if (is_edge(type))
        return sql_prepare(load->d.db, err,
                           "SELECT id FROM \"%w\" WHERE src = ?1 AND dst = ?2 AND id <= %lld"
                           " LIMIT 2",
                           type->where->table, (long long)type->base);
    return sql_prepare(load->d.db, err, "SELECT rowid FROM \"%w\" WHERE id = ?1",
                       type->where->table);
}

/* Where nothing stands yet, building the indexes at the end is much faster. Unique ones stay: they
 * find the bad lines. */
static bool drop_indexes(struct load *load, struct load_type *type, struct error *err)
{
    sqlite3_stmt *list = sql_prepare(load->d.db, err,
                                     "SELECT name FROM sqlite_schema WHERE type = 'index'"
                                     " AND tbl_name = %Q AND name GLOB 'index_*'",
                                     type->where->table);
    struct buf sql = BUF_INIT;
    bool ok = list != NULL, row = true;
    while (ok && (ok = sql_step(list, &row, err)) && row) {
        append_name(&sql, "DROP INDEX ", sql_column_text(list, 0));
        buf_puts(&sql, ";");
    }
    (void)sqlite3_finalize(list); /* its steps were checked */
    ok = ok && sql_run(load->d.db, err, "%s", buf_text(&sql));
    buf_free(&sql);
    type->rebuild = ok;
    return ok;
}

bool load_type_touch(struct load *load, struct load_type *type, struct error *err)
{
    type->touched = true;
    if (load->mode == LOAD_OVERWRITE) {
        type->replaced = true;
        if (!sql_run(load->d.db, err, "DELETE FROM \"%w\"", type->where->table))
            return false;
    } else if (!sql_integer(load->d.db, 0, &type->base, err, "SELECT max(rowid) FROM \"%w\"",
                            type->where->table)) {
        return false;
    }
    if (type->base == 0 && !drop_indexes(load, type, err))
        return false;
    type->insert = prepare_insert(load, type, err);
    type->find = type->insert ? prepare_find(load, type, err) : NULL;
    return type->find != NULL;
}

static struct load_update *find_update(struct load_type *type)
{
    for (size_t i = 0; i < type->update_count; i++) {
        bool same = true;
        for (size_t j = 0; same && j < type->count; j++)
            same = type->updates[i].set[j] == (type->cells[j].kind != CELL_ABSENT);
        if (same)
            return &type->updates[i];
    }
    return NULL;
}

sqlite3_stmt *load_type_update(struct load *load, struct load_type *type, struct error *err)
{
    struct load_update *update = find_update(type);
    if (update)
        return update->stmt;
    if (type->update_count < LOAD_UPDATES) {
        update = &type->updates[type->update_count++];
        update->set = xcalloc(type->count ? type->count : 1, sizeof *update->set);
    } else { /* take turns */
        update = &type->updates[type->update_next++ % LOAD_UPDATES];
        (void)sqlite3_finalize(update->stmt); /* its steps were checked */
        update->stmt = NULL;
    }
    struct buf sql = BUF_INIT;
    for (size_t i = 0; i < type->count; i++) {
        update->set[i] = type->cells[i].kind != CELL_ABSENT;
        if (!update->set[i] || type->where->properties[i].in_id)
            continue;
        append_name(&sql, sql.len ? ", " : "", type->where->properties[i].column);
        buf_printf(&sql, " = ?%zu", (size_t)type->first_parameter + i);
    }
    /* A set of nothing still needs a statement: one that finds no row. */
    update->stmt = sql.len ? sql_prepare(load->d.db, err, "UPDATE \"%w\" SET %s WHERE rowid = ?1",
                                         type->where->table, buf_text(&sql))
                           : sql_prepare(load->d.db, err, "SELECT 1 WHERE ?1 IS NULL");
    buf_free(&sql);
    return update->stmt;
}
