#include "graph/tables.h"

#include "common/xalloc.h"
#include "graph/sql.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A row of `types`. */
struct type_row {
    int64_t id;
    char *table;
};

static bool find_type(struct database *d, enum schema_kind kind, const char *name,
                      struct type_row *out, struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(d->db, err,
                                     "SELECT id, table_name FROM types WHERE kind = %Q"
                                     " AND name = %Q AND dropped IS NULL",
                                     schema_kind_name(kind), name);
    bool row = false;
    bool ok = stmt && sql_step(stmt, &row, err);
    if (ok && !row)
        ok = error_set(err, NULL, "the graph has no %s type %s", schema_kind_name(kind), name);
    if (ok) {
        out->id = sqlite3_column_int64(stmt, 0);
        out->table = xstrdup(sql_column_text(stmt, 1));
    }
    (void)sqlite3_finalize(stmt); /* its step was checked */
    return ok;
}

bool tables_find(struct database *d, enum schema_kind kind, const char *type, char **table,
                 struct error *err)
{
    struct type_row row = {0, NULL};
    bool ok = find_type(d, kind, type, &row, err);
    *table = row.table;
    return ok;
}

static bool find_property(struct database *d, const struct type_row *type, const char *name,
                          int64_t *id, char **column, struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(d->db, err,
                                     "SELECT id, column_name FROM properties WHERE type = %lld"
                                     " AND name = %Q AND dropped IS NULL",
                                     (long long)type->id, name);
    bool row = false;
    bool ok = stmt && sql_step(stmt, &row, err);
    if (ok && !row)
        ok = error_set(err, NULL, "the graph has no property %s in %s", name, type->table);
    if (ok) {
        *id = sqlite3_column_int64(stmt, 0);
        *column = xstrdup(sql_column_text(stmt, 1));
    }
    (void)sqlite3_finalize(stmt); /* its step was checked */
    return ok;
}

/* Appends ~2, ~3 … to a name until `taken` (a query with the name as ?1) finds none of it. */
static char *free_name(struct database *d, const char *name, const char *taken, struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(d->db, err, "%s", taken);
    char *candidate = stmt ? xstrdup(name) : NULL;
    for (int i = 2; candidate; i++) {
        bool row;
        sql_bind_text(stmt, 1, candidate);
        bool ok = sql_step(stmt, &row, err);
        (void)sqlite3_reset(stmt); /* its step was checked */
        if (ok && !row)
            break;
        free(candidate);
        candidate = ok ? xasprintf("%s~%d", name, i) : NULL;
    }
    (void)sqlite3_finalize(stmt); /* its steps were checked */
    return candidate;
}

static char *new_table_name(struct database *d, enum schema_kind kind, const char *name,
                            struct error *err)
{
    char *wanted = xasprintf("%s_%s", schema_kind_name(kind), name);
    char *table =
        free_name(d, wanted, "SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE", err);
    free(wanted);
    return table;
}

static char *new_column_name(struct database *d, const struct type_row *type, const char *name,
                             struct error *err)
{
    char *taken = xasprintf("SELECT 1 FROM properties WHERE type = %lld"
                            " AND column_name = ?1 COLLATE NOCASE UNION ALL SELECT 1 WHERE"
                            " lower(?1) IN ('id', 'src', 'dst', 'rowid', 'oid', '_rowid_')",
                            (long long)type->id);
    char *column = free_name(d, name, taken, err);
    free(taken);
    return column;
}

static const char *storage_class(const struct property_type *type)
{
    if (type->list)
        return "TEXT";
    switch (type->scalar) {
    case SCALAR_STRING:
    case SCALAR_DATE:
    case SCALAR_DATETIME:
        return "TEXT";
    case SCALAR_BOOL:
    case SCALAR_I32:
    case SCALAR_I64:
    case SCALAR_U32:
    case SCALAR_U64:
        return "INTEGER";
    case SCALAR_F32:
    case SCALAR_F64:
        return "REAL";
    case SCALAR_BLOB:
    case SCALAR_VECTOR:
        break;
    }
    return "BLOB";
}

/* The row of a new property. *column is where it lives, NULL when that is the column id. */
static bool record_property(struct database *d, const struct type_row *type,
                            const struct schema_property *property, bool is_id, char **column,
                            struct error *err)
{
    *column = is_id ? NULL : new_column_name(d, type, property->name, err);
    return (is_id || *column) &&
           sql_run(d->db, err,
                   "INSERT INTO properties(type, name, column_name) VALUES(%lld, %Q, %Q)",
                   (long long)type->id, property->name, is_id ? "id" : *column);
}

static void append_name(struct buf *sql, const char *name)
{
    char *quoted = sqlite3_mprintf("\"%w\"", name);
    if (!quoted)
        die_out_of_memory();
    buf_puts(sql, quoted);
    sqlite3_free(quoted);
}

/* "src TEXT NOT NULL REFERENCES …": deferred, for an edge may come before its nodes. */
static bool append_end(struct database *d, const char *column, const struct schema_type *node,
                       struct buf *sql, struct error *err)
{
    struct type_row end = {0, NULL};
    if (!find_type(d, SCHEMA_NODE, node->name, &end, err))
        return false;
    buf_printf(sql, ", %s TEXT NOT NULL REFERENCES ", column);
    append_name(sql, end.table);
    buf_puts(sql, "(id) DEFERRABLE INITIALLY DEFERRED");
    free(end.table);
    return true;
}

static bool append_columns(struct database *d, const struct type_row *row,
                           const struct schema_type *type, struct buf *sql, struct error *err)
{
    /* A property `id` is legal only as the sole key: then it is the node's id. */
    for (size_t i = 0; i < type->property_count; i++) {
        const struct schema_property *p = type->properties[i];
        bool is_id = type->kind == SCHEMA_NODE && strcmp(p->name, "id") == 0;
        char *column = NULL;
        bool ok = record_property(d, row, p, is_id, &column, err);
        if (ok && column) {
            buf_puts(sql, ", ");
            append_name(sql, column);
            buf_printf(sql, " %s", storage_class(&p->type));
        }
        free(column);
        if (!ok)
            return false;
    }
    return true;
}

bool tables_add_type(struct database *d, const struct schema_type *type, struct error *err)
{
    struct type_row row = {0, new_table_name(d, type->kind, type->name, err)};
    struct buf sql = BUF_INIT;
    bool ok = row.table &&
              sql_run(d->db, err, "INSERT INTO types(kind, name, table_name) VALUES(%Q, %Q, %Q)",
                      schema_kind_name(type->kind), type->name, row.table);
    if (ok) {
        row.id = sqlite3_last_insert_rowid(d->db);
        buf_puts(&sql, "CREATE TABLE ");
        append_name(&sql, row.table);
        if (type->kind == SCHEMA_NODE) {
            buf_puts(&sql, "(id TEXT NOT NULL PRIMARY KEY");
        } else {
            buf_puts(&sql, "(id INTEGER NOT NULL PRIMARY KEY");
            ok = append_end(d, "src", type->from, &sql, err) &&
                 append_end(d, "dst", type->to, &sql, err);
        }
    }
    ok = ok && append_columns(d, &row, type, &sql, err);
    if (ok) {
        buf_puts(&sql, ") STRICT");
        ok = sql_run(d->db, err, "%s", buf_text(&sql));
    }
    if (ok && type->kind == SCHEMA_EDGE)
        ok = tables_index_ends(d, row.id, row.table, err);
    buf_free(&sql);
    free(row.table);
    return ok;
}

/* Renames the table and what `types` says about it. */
static bool move_table(struct database *d, const struct type_row *row, const char *table,
                       struct error *err)
{
    return strcmp(row->table, table) == 0 ||
           (sql_run(d->db, err, "ALTER TABLE \"%w\" RENAME TO \"%w\"", row->table, table) &&
            sql_run(d->db, err, "UPDATE types SET table_name = %Q WHERE id = %lld", table,
                    (long long)row->id));
}

static bool move_column(struct database *d, const char *table, int64_t property, const char *from,
                        const char *to, struct error *err)
{
    return strcmp(from, to) == 0 ||
           (sql_run(d->db, err, "ALTER TABLE \"%w\" RENAME COLUMN \"%w\" TO \"%w\"", table, from,
                    to) &&
            sql_run(d->db, err, "UPDATE properties SET column_name = %Q WHERE id = %lld", to,
                    (long long)property));
}

bool tables_rename_type(struct database *d, enum schema_kind kind, const char *from, const char *to,
                        struct error *err)
{
    struct type_row row = {0, NULL};
    char *table = NULL;
    bool ok =
        find_type(d, kind, from, &row, err) && (table = new_table_name(d, kind, to, err)) &&
        move_table(d, &row, table, err) &&
        sql_run(d->db, err, "UPDATE types SET name = %Q WHERE id = %lld", to, (long long)row.id);
    free(table);
    free(row.table);
    return ok;
}

bool tables_add_property(struct database *d, enum schema_kind kind, const char *type,
                         const struct schema_property *property, struct error *err)
{
    struct type_row row = {0, NULL};
    char *column = NULL;
    bool ok = find_type(d, kind, type, &row, err) &&
              record_property(d, &row, property, false, &column, err) &&
              sql_run(d->db, err, "ALTER TABLE \"%w\" ADD COLUMN \"%w\" %s", row.table, column,
                      storage_class(&property->type));
    free(column);
    free(row.table);
    return ok;
}

bool tables_rename_property(struct database *d, enum schema_kind kind, const char *type,
                            const char *from, const char *to, struct error *err)
{
    struct type_row row = {0, NULL};
    int64_t id = 0;
    char *old = NULL, *column = NULL;
    bool ok =
        find_type(d, kind, type, &row, err) && find_property(d, &row, from, &id, &old, err) &&
        sql_run(d->db, err, "UPDATE properties SET name = %Q WHERE id = %lld", to, (long long)id);
    /* What lives in the column id stays there: edges refer to it. */
    if (ok && strcmp(old, "id") != 0)
        ok = (column = new_column_name(d, &row, to, err)) &&
             move_column(d, row.table, id, old, column, err);
    free(column);
    free(old);
    free(row.table);
    return ok;
}

bool tables_drop_type(struct database *d, enum schema_kind kind, const char *type,
                      const char *declaration, struct error *err)
{
    struct type_row row = {0, NULL};
    if (!find_type(d, kind, type, &row, err))
        return false;
    long long version = (long long)d->version + 1;
    char *hidden = xasprintf("%s~dropped%lld", row.table, version);
    bool ok =
        move_table(d, &row, hidden, err) &&
        sql_run(d->db, err, "UPDATE types SET dropped = %lld, declaration = %Q WHERE id = %lld",
                version, declaration, (long long)row.id);
    free(hidden);
    free(row.table);
    return ok;
}

bool tables_drop_property(struct database *d, enum schema_kind kind, const char *type,
                          const char *property, const char *declaration, struct error *err)
{
    struct type_row row = {0, NULL};
    int64_t id = 0;
    char *column = NULL, *hidden = NULL;
    long long version = (long long)d->version + 1;
    bool ok =
        find_type(d, kind, type, &row, err) && find_property(d, &row, property, &id, &column, err);
    if (ok) {
        hidden = xasprintf("%s~dropped%lld", column, version);
        ok = move_column(d, row.table, id, column, hidden, err) &&
             sql_run(d->db, err,
                     "UPDATE properties SET dropped = %lld, declaration = %Q WHERE id = %lld",
                     version, declaration, (long long)id);
    }
    free(hidden);
    free(column);
    free(row.table);
    return ok;
}

bool tables_restore_type(struct database *d, int64_t id, struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(
        d->db, err, "SELECT kind, name, table_name FROM types WHERE id = %lld", (long long)id);
    bool row = false;
    bool ok = stmt && sql_step(stmt, &row, err) && row;
    struct type_row type = {id, NULL};
    char *table = NULL;
    if (ok) {
        enum schema_kind kind =
            strcmp(sql_column_text(stmt, 0), "node") == 0 ? SCHEMA_NODE : SCHEMA_EDGE;
        type.table = xstrdup(sql_column_text(stmt, 2));
        table = new_table_name(d, kind, sql_column_text(stmt, 1), err);
    }
    /* An open statement would keep the table from being renamed. */
    (void)sqlite3_finalize(stmt);
    ok = ok && table && move_table(d, &type, table, err) &&
         sql_run(d->db, err, "UPDATE types SET dropped = NULL, declaration = NULL WHERE id = %lld",
                 (long long)id);
    free(table);
    free(type.table);
    return ok;
}

bool tables_restore_property(struct database *d, int64_t id, struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(d->db, err,
                                     "SELECT t.id, t.table_name, p.name, p.column_name"
                                     " FROM properties p JOIN types t ON t.id = p.type"
                                     " WHERE p.id = %lld",
                                     (long long)id);
    bool row = false;
    bool ok = stmt && sql_step(stmt, &row, err) && row;
    struct type_row type = {0, NULL};
    char *old = NULL, *column = NULL;
    if (ok) {
        type.id = sqlite3_column_int64(stmt, 0);
        type.table = xstrdup(sql_column_text(stmt, 1));
        old = xstrdup(sql_column_text(stmt, 3));
        column = new_column_name(d, &type, sql_column_text(stmt, 2), err);
    }
    (void)sqlite3_finalize(stmt); /* as above */
    ok = ok && column && move_column(d, type.table, id, old, column, err) &&
         sql_run(d->db, err,
                 "UPDATE properties SET dropped = NULL, declaration = NULL WHERE id = %lld",
                 (long long)id);
    free(column);
    free(old);
    free(type.table);
    return ok;
}
