#include "graph/rekey.h"

#include "common/xalloc.h"
#include "graph/sql.h"
#include "graph/tables.h"

#include <stdlib.h>
#include <string.h>

/* A new id may still belong to a row whose turn comes later. So all of them are first written with
 * this in front, which no id of several parts begins with, and then without it. */
static const char MARK[] = "\\!";
enum { MARK_LEN = 2 };

struct order {
    const size_t *from;
    size_t n;
};

struct part {
    const char *text;
    size_t len;
};

/* Cuts an id at each "|" that no "\" stands before. False if there are not just n parts. */
static bool cut(const char *id, size_t len, struct part *parts, size_t n)
{
    size_t count = 1;
    parts[0] = (struct part){id, 0};
    for (size_t i = 0; i < len; i++) {
        if (id[i] == '|') {
            if (count == n)
                return false;
            parts[count++] = (struct part){id + i + 1, 0};
            continue;
        }
        bool escapes = id[i] == '\\' && i + 1 < len;
        parts[count - 1].len += escapes ? 2 : 1;
        i += escapes;
    }
    return count == n;
}

static void answer(sqlite3_context *context, const struct buf *text)
{
    sqlite3_result_text64(context, buf_text(text), text->len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* rekeyed(id): with the parts in their new order, marked. */
static void rekeyed(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    const struct order *order = sqlite3_user_data(context);
    const char *id = (const char *)sqlite3_value_text(argv[0]);
    size_t len = (size_t)sqlite3_value_bytes(argv[0]);
    struct part *parts = xcalloc(order->n, sizeof *parts);
    if (!id) {
        sqlite3_result_error_nomem(context);
    } else if (cut(id, len, parts, order->n)) {
        struct buf text = BUF_INIT;
        buf_puts(&text, MARK);
        for (size_t i = 0; i < order->n; i++) {
            buf_puts(&text, i ? "|" : "");
            buf_append(&text, parts[order->from[i]].text, parts[order->from[i]].len);
        }
        answer(context, &text);
        buf_free(&text);
    } else {
        sqlite3_result_error(context, "an id does not have the parts of its key", -1);
    }
    free(parts);
}

/* unmarked(id): without the mark. SQLite's own functions stop at a NUL. */
static void unmarked(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    const char *id = (const char *)sqlite3_value_text(argv[0]);
    size_t len = (size_t)sqlite3_value_bytes(argv[0]);
    if (!id || len < MARK_LEN) { /* out of memory: every id has been marked */
        sqlite3_result_error_nomem(context);
        return;
    }
    struct buf text = BUF_INIT;
    buf_append(&text, id + MARK_LEN, len - MARK_LEN);
    answer(context, &text);
    buf_free(&text);
}

/* "UPDATE … SET src = f(src);" for each column that refers to the table. */
static bool list_references(struct database *d, const char *table, const char *function,
                            struct buf *sql, struct error *err)
{
    sqlite3_stmt *stmt =
        sql_prepare(d->db, err,
                    "SELECT printf('UPDATE \"%%w\" SET %%s = %s(%%s);', t.table_name, f.\"from\","
                    " f.\"from\") FROM types t, pragma_foreign_key_list(t.table_name) f"
                    " WHERE t.kind = 'edge' AND f.\"table\" = %Q COLLATE NOCASE",
                    function, table);
    bool ok = stmt != NULL, row = true;
    while (ok && (ok = sql_step(stmt, &row, err)) && row)
        buf_puts(sql, sql_column_text(stmt, 0));
    (void)sqlite3_finalize(stmt); /* its steps were checked */
    return ok;
}

static bool update(struct database *d, const char *table, struct error *err)
{
    static const char *const functions[] = {"rekeyed", "unmarked"};
    struct buf sql = BUF_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < 2; i++) {
        char *nodes = sqlite3_mprintf("UPDATE \"%w\" SET id = %s(id);", table, functions[i]);
        if (!nodes)
            die_out_of_memory();
        buf_puts(&sql, nodes);
        sqlite3_free(nodes);
        ok = list_references(d, table, functions[i], &sql, err);
    }
    ok = ok && sql_run(d->db, err, "%s", buf_text(&sql));
    buf_free(&sql);
    return ok;
}

static bool define(struct database *d, const char *name, struct order *order,
                   void (*function)(sqlite3_context *, int, sqlite3_value **), struct error *err)
{
    return sqlite3_create_function(d->db, name, 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, order, function,
                                   NULL, NULL) == SQLITE_OK ||
           sql_error(d->db, err);
}

bool rekey_nodes(struct database *d, const char *type, const size_t *order, size_t n,
                 struct error *err)
{
    struct order given = {order, n};
    char *table = NULL;
    bool ok = tables_find(d, SCHEMA_NODE, type, &table, err) &&
              define(d, "rekeyed", &given, rekeyed, err) &&
              define(d, "unmarked", NULL, unmarked, err) && update(d, table, err);
    /* They must not outlive `order`. */
    (void)sqlite3_create_function(d->db, "rekeyed", 1, SQLITE_UTF8, NULL, NULL, NULL, NULL);
    (void)sqlite3_create_function(d->db, "unmarked", 1, SQLITE_UTF8, NULL, NULL, NULL, NULL);
    free(table);
    return ok;
}
