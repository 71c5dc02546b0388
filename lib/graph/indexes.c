#include "common/xalloc.h"
#include "graph/sql.h"
#include "graph/tables.h"

#include <stdlib.h>
#include <string.h>

/* One part of an index: a column, and the property's number (or the end's name) for the name. */
struct part {
    char *column;
    int64_t id; /* 0: an end of an edge */
};

static int compare_parts(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return strcmp(x->column, y->column);
}

/* Looks up where the names of a constraint live. */
static bool find_parts(struct database *d, int64_t type, const struct schema_constraint *constraint,
                       struct part *parts, struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(d->db, err,
                                     "SELECT id, column_name FROM properties WHERE type = %lld"
                                     " AND name = ?1 AND dropped IS NULL",
                                     (long long)type);
    bool ok = stmt != NULL;
    for (size_t i = 0; ok && i < constraint->name_count; i++) {
        bool row;
        sql_bind_text(stmt, 1, constraint->names[i]);
        ok = sql_step(stmt, &row, err);
        if (ok && row) {
            parts[i].id = sqlite3_column_int64(stmt, 0);
            parts[i].column = xstrdup(sql_column_text(stmt, 1));
        } else if (ok) {
            parts[i].column = xstrdup(constraint->names[i]); /* src, dst */
        }
        (void)sqlite3_reset(stmt); /* its step was checked */
    }
    (void)sqlite3_finalize(stmt);
    return ok;
}

static void append_columns(struct buf *sql, const struct part *parts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *quoted = sqlite3_mprintf("%s\"%w\"", i ? ", " : "", parts[i].column);
        if (!quoted)
            die_out_of_memory();
        buf_puts(sql, quoted);
        sqlite3_free(quoted);
    }
}

/* The order of names means nothing in the language, so it does not change the index's name. */
static char *index_name(bool unique, int64_t type, const struct part *parts, size_t n)
{
    struct part *sorted = xcalloc(n, sizeof *sorted);
    memcpy(sorted, parts, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_parts);
    struct buf name = BUF_INIT;
    buf_printf(&name, "%s_%lld", unique ? "unique" : "index", (long long)type);
    for (size_t i = 0; i < n; i++) {
        if (sorted[i].id)
            buf_printf(&name, "_%lld", (long long)sorted[i].id);
        else
            buf_printf(&name, "_%s", sorted[i].column);
    }
    free(sorted);
    return buf_detach(&name);
}

/* SQLite sorts an index's entries in runs of the cache's size, then merges them. Runs that fit the
 * processor's cache are sorted in half the time that runs of the page cache's size take. */
static bool build_sorted(struct database *d, const char *sql, struct error *err)
{
    return sql_run(d->db, err, "PRAGMA cache_size=%d; %s; PRAGMA cache_size=%d",
                   DATABASE_SORT_CACHE, sql, DATABASE_CACHE);
}

static bool build_index(struct database *d, int64_t id, const char *table,
                        const struct schema_type *type, const struct schema_constraint *constraint,
                        struct error *err)
{
    size_t n = constraint->name_count;
    bool unique = constraint->kind == CONSTRAINT_UNIQUE;
    struct part *parts = xcalloc(n, sizeof *parts);
    struct buf columns = BUF_INIT;
    char *name = NULL;
    bool ok = find_parts(d, id, constraint, parts, err);
    if (ok) {
        append_columns(&columns, parts, n);
        name = index_name(unique, id, parts, n);
        struct error why = ERROR_INIT;
        char *sql = sqlite3_mprintf("CREATE %s INDEX IF NOT EXISTS \"%w\" ON \"%w\"(%s)",
                                    unique ? "UNIQUE" : "", name, table, buf_text(&columns));
        if (!sql)
            die_out_of_memory();
        ok = build_sorted(d, sql, &why);
        sqlite3_free(sql);
        if (!ok && sqlite3_errcode(d->db) == SQLITE_CONSTRAINT)
            error_set(err, NULL, "%s has rows that are not unique in (%s)", type->name,
                      buf_text(&columns));
        else if (!ok)
            error_set(err, why.code, "%s", error_text(&why));
        error_clear(&why);
    }
    for (size_t i = 0; i < n; i++)
        free(parts[i].column);
    free(parts);
    free(name);
    buf_free(&columns);
    return ok;
}

static bool index_type(struct database *d, sqlite3_stmt *find, const struct schema_type *type,
                       struct error *err)
{
    bool row = false;
    sql_bind_text(find, 1, schema_kind_name(type->kind));
    sql_bind_text(find, 2, type->name);
    bool ok = sql_step(find, &row, err);
    int64_t id = ok && row ? sqlite3_column_int64(find, 0) : 0;
    char *table = xstrdup(ok && row ? sql_column_text(find, 1) : "");
    (void)sqlite3_reset(find); /* its step was checked */
    if (ok && !row)
        ok = error_set(err, NULL, "the graph has no type %s", type->name);
    for (size_t i = 0; ok && i < type->constraint_count; i++) {
        const struct schema_constraint *c = type->constraints[i];
        if (c->kind == CONSTRAINT_UNIQUE || c->kind == CONSTRAINT_INDEX)
            ok = build_index(d, id, table, type, c, err);
    }
    free(table);
    return ok;
}

/* Each holds the other end too: a step along an edge is then one look into one index. */
bool tables_index_ends(struct database *d, int64_t type, const char *table, struct error *err)
{
    char *sql = sqlite3_mprintf("CREATE INDEX IF NOT EXISTS \"index_%lld_src\" ON \"%w\"(src, dst);"
                                "CREATE INDEX IF NOT EXISTS \"index_%lld_dst\" ON \"%w\"(dst, src)",
                                (long long)type, table, (long long)type, table);
    if (!sql)
        die_out_of_memory();
    bool ok = build_sorted(d, sql, err);
    sqlite3_free(sql);
    return ok;
}

bool tables_index(struct database *d, const struct schema *schema, struct error *err)
{
    static const enum schema_kind kinds[] = {SCHEMA_NODE, SCHEMA_EDGE};
    sqlite3_stmt *find = sql_prepare(
        d->db, err,
        "SELECT id, table_name FROM types WHERE kind = ?1 AND name = ?2 AND dropped IS NULL");
    bool ok = find != NULL;
    for (size_t k = 0; ok && k < 2; k++) {
        size_t n;
        const struct schema_type *const *types = schema_types(schema, kinds[k], &n);
        for (size_t i = 0; ok && i < n; i++)
            ok = index_type(d, find, types[i], err);
    }
    (void)sqlite3_finalize(find); /* its steps were checked */
    return ok;
}
