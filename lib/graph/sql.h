/*
 * sql.h - talking to SQLite: run, prepare, read a value, with errors as sentences.
 *
 * Formats are sqlite3_mprintf's: %w inside double quotes for a name, %Q for a string, %lld for an
 * integer; never %s for what came from a user. On failure functions set err to what SQLite said
 * (sql_error(): code graph_busy when another process holds the database) and return false or NULL.
 */
#ifndef CLUSTER_GRAPH_SQL_H
#define CLUSTER_GRAPH_SQL_H

#include "common/error.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* Runs statements without results. */
bool sql_run(sqlite3 *db, struct error *err, const char *format, ...);
/* Finalize with sqlite3_finalize(). */
sqlite3_stmt *sql_prepare(sqlite3 *db, struct error *err, const char *format, ...);
/* One step of a statement: SQLITE_ROW and SQLITE_DONE pass, *row says which. */
bool sql_step(sqlite3_stmt *stmt, bool *row, struct error *err);
/* Runs a prepared statement that gives no rows, then resets it. */
bool sql_finish(sqlite3_stmt *stmt, struct error *err);
/* The integer in the first column of the first row; `otherwise` when there is no row. */
bool sql_integer(sqlite3 *db, int64_t otherwise, int64_t *out, struct error *err,
                 const char *format, ...);
/* Binds a C string; NULL binds null. The text must outlive the step. */
void sql_bind_text(sqlite3_stmt *stmt, int index, const char *text);
/* A column's text, "" for null; lives until the next step. */
const char *sql_column_text(sqlite3_stmt *stmt, int column);

/* Sets err to what went wrong last on db. Returns false. */
bool sql_error(sqlite3 *db, struct error *err);

#endif
