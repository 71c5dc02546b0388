#include "graph/sql.h"

#include "common/xalloc.h"

#include <stdarg.h>

bool sql_error(sqlite3 *db, struct error *err)
{
    int code = sqlite3_extended_errcode(db);
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        die_out_of_memory();
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, "graph_busy",
                         "the graph is in use by another process; try again when it is done");
    case SQLITE_FULL:
        return error_set(err, NULL, "the disk is full");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return error_set(err, NULL, "the database is damaged: %s", sqlite3_errmsg(db));
    case SQLITE_READONLY:
        return error_set(err, NULL, "the database cannot be written: %s", sqlite3_errmsg(db));
    case SQLITE_IOERR:
        return error_set(err, NULL, "the database cannot be read or written: %s (%d)",
                         sqlite3_errmsg(db), code);
    default:
        return error_set(err, NULL, "SQLite says: %s", sqlite3_errmsg(db));
    }
}

static char *format_sql(const char *format, va_list ap)
{
    char *sql = sqlite3_vmprintf(format, ap);
    if (!sql)
        die_out_of_memory();
    return sql;
}

bool sql_run(sqlite3 *db, struct error *err, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    char *sql = format_sql(format, ap);
    va_end(ap);
    bool ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || sql_error(db, err);
    sqlite3_free(sql);
    return ok;
}

static sqlite3_stmt *prepare(sqlite3 *db, struct error *err, const char *format, va_list ap)
{
    char *sql = format_sql(format, ap);
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        sql_error(db, err);
    sqlite3_free(sql);
    return stmt;
}

sqlite3_stmt *sql_prepare(sqlite3 *db, struct error *err, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    sqlite3_stmt *stmt = prepare(db, err, format, ap);
    va_end(ap);
    return stmt;
}

bool sql_step(sqlite3_stmt *stmt, bool *row, struct error *err)
{
    int code = sqlite3_step(stmt);
    *row = code == SQLITE_ROW;
    return *row || code == SQLITE_DONE || sql_error(sqlite3_db_handle(stmt), err);
}

bool sql_finish(sqlite3_stmt *stmt, struct error *err)
{
    bool row;
    bool ok = sql_step(stmt, &row, err);
    (void)sqlite3_reset(stmt); /* repeats the error of the step */
    return ok;
}

bool sql_integer(sqlite3 *db, int64_t otherwise, int64_t *out, struct error *err,
                 const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    sqlite3_stmt *stmt = prepare(db, err, format, ap);
    va_end(ap);
    bool row = false;
    bool ok = stmt && sql_step(stmt, &row, err);
    if (ok)
        *out = row ? sqlite3_column_int64(stmt, 0) : otherwise;
    (void)sqlite3_finalize(stmt); /* repeats the error of the step */
    return ok;
}

void sql_bind_text(sqlite3_stmt *stmt, int index, const char *text)
{
    /* Fails only for a wrong index, which would be a bug of the caller. */
    (void)sqlite3_bind_text(stmt, index, text, -1, SQLITE_STATIC);
}

const char *sql_column_text(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    return text ? (const char *)text : "";
}
