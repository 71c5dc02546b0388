#include "graph/database.h"

#include "common/failpoint.h"
#include "common/timestamp.h"
#include "common/ulid.h"
#include "common/xalloc.h"
#include "graph/sql.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A path as a file: URI, for the parameters that only a URI can carry. */
static char *uri_of(const char *path, const char *parameters)
{
    struct buf uri = BUF_INIT;
    buf_puts(&uri, *path == '/' ? "file://" : "file:"); /* "//x" alone would name a host */
    for (; *path; path++) {
        if (strchr("%?#", *path))
            buf_printf(&uri, "%%%02x", (unsigned)(unsigned char)*path);
        else
            buf_putc(&uri, *path);
    }
    buf_puts(&uri, parameters);
    return buf_detach(&uri);
}

/* The size of a file beside the database, or -1. */
static off_t size_of(const struct database *d, const char *suffix)
{
    char *path = xasprintf("%s%s", d->root.file, suffix);
    struct stat st;
    off_t size = stat(path, &st) == 0 ? st.st_size : -1;
    free(path);
    return size;
}

/* Opens d->root.file; `doing` is for the message: "open" or "create". */
static bool open_file(struct database *d, int flags, const char *parameters, const char *doing,
                      struct error *err)
{
    char *uri = uri_of(d->root.file, parameters);
    flags |= SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    bool ok = sqlite3_open_v2(uri, &d->db, flags, NULL) == SQLITE_OK;
    free(uri);
    if (!d->db)
        die_out_of_memory();
    if (!ok)
        error_set(err, NULL, "cannot %s %s: %s", doing, d->root.file, sqlite3_errmsg(d->db));
    return ok;
}

static bool open_existing(struct database *d, struct error *err)
{
    int flags;
    const char *parameters = "";
    if (d->mode == DATABASE_WRITE) {
        flags = SQLITE_OPEN_READWRITE;
    } else {
        flags = SQLITE_OPEN_READONLY;
        off_t wal = size_of(d, "-wal");
        d->immutable = wal <= 0 && (wal < 0 || size_of(d, "-shm") < 0);
        if (d->immutable)
            parameters = "?immutable=1";
    }
    return open_file(d, flags, parameters, "open", err);
}

static bool configure(struct database *d, struct error *err)
{
    int on = 1;
    (void)sqlite3_busy_timeout(d->db, DATABASE_BUSY_MS); /* cannot fail */
    if (sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
        sqlite3_db_config(d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) != SQLITE_OK)
        return sql_error(d->db, err);
    if (d->mode == DATABASE_READ)
        return sql_run(d->db, err, "PRAGMA query_only=ON");
    /* The -wal and -shm files stay when the last writer closes: a reader need not create them. */
    if (sqlite3_file_control(d->db, "main", SQLITE_FCNTL_PERSIST_WAL, &on) != SQLITE_OK)
        return sql_error(d->db, err);
    /* A private copy is one file when it is published, and durable where it is published. */
    if (root_in_bucket(&d->root))
        return sql_run(d->db, err,
                       "PRAGMA journal_mode=DELETE; PRAGMA foreign_keys=ON; PRAGMA synchronous=OFF;"
                       "PRAGMA cache_size=%d",
                       DATABASE_CACHE);
    return sql_run(d->db, err,
                   "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=0;"
                   "PRAGMA cache_size=%d",
                   DATABASE_CACHE);
}

/* Whether the file is one of ours, in a format that we know. */
static bool check_identity(struct database *d, struct error *err)
{
    int64_t application = 0, format = 0;
    if (!sql_integer(d->db, 0, &application, err, "PRAGMA application_id") ||
        !sql_integer(d->db, 0, &format, err, "PRAGMA user_version"))
        return false;
    if (application != DATABASE_APPLICATION_ID)
        return error_set(err, NULL, "%s is no graph of this engine (application id %#llx)",
                         d->root.file, (unsigned long long)application);
    if (format != DATABASE_FORMAT)
        return error_set(err, NULL,
                         "%s has format %lld, this program knows format %d; use a %s program",
                         d->root.file, (long long)format, DATABASE_FORMAT,
                         format > DATABASE_FORMAT ? "newer" : "suitable");
    return true;
}

/* Versions are integers of JSON. */
#define VERSION_END (INT64_C(1) << 53)

static bool read_header(struct database *d, struct error *err)
{
    sqlite3_stmt *stmt =
        sql_prepare(d->db, err, "SELECT manifest_version, schema_digest, schema_source FROM graph");
    bool row = false;
    bool ok = stmt && sql_step(stmt, &row, err);
    if (ok && !row)
        ok = error_set(err, NULL, "%s is damaged: it holds no schema", d->root.file);
    if (ok) {
        d->version = sqlite3_column_int64(stmt, 0);
        const char *digest = sql_column_text(stmt, 1);
        const void *text = sqlite3_column_blob(stmt, 2);
        buf_clear(&d->schema);
        buf_append(&d->schema, text ? text : "", (size_t)sqlite3_column_bytes(stmt, 2));
        d->schema_digest = digest_of(buf_text(&d->schema), d->schema.len);
        if (d->version < 1 || d->version >= VERSION_END)
            ok = error_set(err, NULL, "%s is damaged: its version is %lld", d->root.file,
                           (long long)d->version);
        else if (strcmp(d->schema_digest.hex, digest) != 0)
            ok = error_set(err, NULL, "%s is damaged: its schema does not have its digest",
                           d->root.file);
    }
    (void)sqlite3_finalize(stmt); /* repeats the error of the step */
    return ok;
}

static enum graph_status failed_opening(const struct error *err)
{
    return err->code && strcmp(err->code, "graph_busy") == 0 ? GRAPH_FAILED : GRAPH_CANNOT_OPEN;
}

enum graph_status database_open(const char *location, enum database_mode mode, struct database *d,
                                struct error *err)
{
    enum graph_status status =
        root_open(location, mode == DATABASE_WRITE ? ROOT_WRITE : ROOT_READ, &d->root, err);
    if (status != GRAPH_OK)
        return status;
    d->mode = mode;
    struct error why = ERROR_INIT;
    bool ok = open_existing(d, &why);
    if (ok && mode == DATABASE_WRITE && sqlite3_db_readonly(d->db, "main") == 1) {
        status = GRAPH_FAILED;
        error_set(err, NULL, "%s cannot be written: no permission, or a read-only file system",
                  location);
    } else if (!ok || !configure(d, &why) || !check_identity(d, &why)) {
        status = failed_opening(&why);
        error_set(err, why.code, "%s: %s", location, error_text(&why));
    }
    error_clear(&why);
    return status;
}

enum graph_status database_begin(struct database *d, struct error *err)
{
    struct error why = ERROR_INIT;
    enum graph_status status = GRAPH_OK;
    if (!sql_run(d->db, &why, d->mode == DATABASE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN") ||
        !read_header(d, &why)) {
        status = failed_opening(&why);
        error_set(err, why.code, "%s: %s", d->root.location, error_text(&why));
    }
    error_clear(&why);
    return status;
}

/* graph.h says what they are for. `dropped` names the commit that is only written at the end. */
static const char catalog_sql[] =
    "CREATE TABLE graph(one INTEGER NOT NULL PRIMARY KEY CHECK(one = 1),"
    " manifest_version INTEGER NOT NULL, schema_digest TEXT NOT NULL,"
    " schema_source BLOB NOT NULL) STRICT;"
    "CREATE TABLE commits(version INTEGER NOT NULL PRIMARY KEY, time TEXT NOT NULL, actor TEXT,"
    " operation TEXT NOT NULL, nodes INTEGER NOT NULL, edges INTEGER NOT NULL,"
    " steps INTEGER NOT NULL, id TEXT NOT NULL) STRICT;"
    "CREATE TABLE types(id INTEGER NOT NULL PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL,"
    " table_name TEXT NOT NULL,"
    " dropped INTEGER REFERENCES commits(version) DEFERRABLE INITIALLY DEFERRED,"
    " declaration TEXT) STRICT;"
    "CREATE TABLE properties(id INTEGER NOT NULL PRIMARY KEY,"
    " type INTEGER NOT NULL REFERENCES types(id), name TEXT NOT NULL, column_name TEXT NOT NULL,"
    " dropped INTEGER REFERENCES commits(version) DEFERRABLE INITIALLY DEFERRED,"
    " declaration TEXT) STRICT;"
    "CREATE INDEX properties_type ON properties(type);"
    "INSERT INTO graph VALUES(1, 0, '', x'')";

enum graph_status database_create(struct root *root, struct database *d, struct error *err)
{
    d->root = *root;
    *root = (struct root)ROOT_INIT;
    d->mode = DATABASE_WRITE;
    bool ok = open_file(d, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "", "create", err) &&
              configure(d, err) &&
              sql_run(d->db, err,
                      "PRAGMA journal_mode=%s; PRAGMA application_id=%d; PRAGMA user_version=%d;"
                      "BEGIN IMMEDIATE",
                      root_in_bucket(&d->root) ? "DELETE" : "WAL", DATABASE_APPLICATION_ID,
                      DATABASE_FORMAT) &&
              sql_run(d->db, err, "%s", catalog_sql);
    return ok ? GRAPH_OK : GRAPH_FAILED;
}

void database_set_schema(struct database *d, const char *text, size_t len)
{
    buf_clear(&d->schema);
    buf_append(&d->schema, text, len);
    d->schema_digest = digest_of(text, len);
}

static bool write_header(struct database *d, struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(
        d->db, err, "UPDATE graph SET manifest_version=?1, schema_digest=?2, schema_source=?3");
    if (!stmt)
        return false;
    (void)sqlite3_bind_int64(stmt, 1, d->version); /* binding fails only for a wrong index */
    sql_bind_text(stmt, 2, d->schema_digest.hex);
    (void)sqlite3_bind_blob64(stmt, 3, buf_text(&d->schema), d->schema.len, SQLITE_STATIC);
    bool ok = sql_finish(stmt, err);
    (void)sqlite3_finalize(stmt); /* its step was checked */
    return ok;
}

/* With an id of its own no commit is the same, byte for byte, as another's of the same moment: in a
 * bucket they would be one snapshot, and whoever loses removes his. */
static bool record_commit(struct database *d, const struct commit *commit, struct error *err)
{
    sqlite3_stmt *stmt =
        sql_prepare(d->db, err, "INSERT INTO commits VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    if (!stmt)
        return false;
    struct timestamp now = timestamp_now();
    struct ulid id = ulid_new();
    (void)sqlite3_bind_int64(stmt, 1, d->version);
    sql_bind_text(stmt, 2, now.text);
    sql_bind_text(stmt, 3, commit->actor);
    sql_bind_text(stmt, 4, commit->operation);
    (void)sqlite3_bind_int64(stmt, 5, commit->nodes);
    (void)sqlite3_bind_int64(stmt, 6, commit->edges);
    (void)sqlite3_bind_int64(stmt, 7, commit->steps);
    sql_bind_text(stmt, 8, id.text);
    bool ok = sql_finish(stmt, err);
    (void)sqlite3_finalize(stmt); /* its step was checked */
    return ok;
}

static bool file_size(struct database *d, int64_t *bytes, struct error *err)
{
    int64_t pages = 0, page = 0;
    bool ok = sql_integer(d->db, 0, &pages, err, "PRAGMA page_count") &&
              sql_integer(d->db, 0, &page, err, "PRAGMA page_size");
    *bytes = pages * page;
    return ok;
}

/* Gives the space back. That is no part of the commit: if somebody is reading, SQLite uses it again
 * for what comes next. */
static int64_t reclaim(struct database *d)
{
    struct error ignored = ERROR_INIT;
    int64_t before = 0, after = 0;
    bool ok = file_size(d, &before, &ignored) && sql_run(d->db, &ignored, "VACUUM") &&
              file_size(d, &after, &ignored);
    error_clear(&ignored);
    return ok ? before - after : 0;
}

enum graph_status database_commit(struct database *d, const struct commit *commit,
                                  struct error *err)
{
    bool copy = root_in_bucket(&d->root);
    d->version++;
    if (!write_header(d, err) || !record_commit(d, commit, err) ||
        !FAILPOINT("cluster_graph.before_commit", err))
        return GRAPH_FAILED;
    if (sqlite3_exec(d->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
        int code = sqlite3_errcode(d->db) & 0xff;
        sql_error(d->db, err);
        /* An I/O error may strike after the commit record reached the log: who recovers the log
         * decides then. All else was decided before. */
        return code == SQLITE_IOERR && !copy ? GRAPH_UNKNOWN : GRAPH_FAILED;
    }
    if (!FAILPOINT("cluster_graph.after_commit", err))
        return copy ? GRAPH_FAILED : GRAPH_UNKNOWN;
    if (commit->reclaim)
        d->reclaimed = reclaim(d);
    return root_publish(&d->root, d->version, err);
}

bool database_unchanged(const struct database *d, struct error *err)
{
    if (!d->immutable || size_of(d, "-wal") <= 0)
        return true;
    return error_set(err, NULL, "the graph at %s was changed while it was read; try again",
                     d->root.location);
}

void database_close(struct database *d)
{
    (void)sqlite3_close(
        d->db); /* rolls back; fails only with statements left, a leak seen in tests */
    d->db = NULL;
    buf_free(&d->schema);
    root_clear(&d->root);
}
