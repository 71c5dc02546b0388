#include "graph/drops.h"

#include "common/suggest.h"
#include "common/xalloc.h"
#include "graph/sql.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Columns: id, kind, type, property or null, table, column or null, declaration, type hidden,
 * version, time. */
static void add_row(struct drops *drops, sqlite3_stmt *stmt)
{
    drops->list = xgrow(drops->list, drops->n, &drops->cap, sizeof *drops->list);
    struct drop *drop = &drops->list[drops->n++];
    *drop = (struct drop){
        .id = sqlite3_column_int64(stmt, 0),
        .is_type = sqlite3_column_type(stmt, 3) == SQLITE_NULL,
        .kind = strcmp(sql_column_text(stmt, 1), "node") == 0 ? SCHEMA_NODE : SCHEMA_EDGE,
        .type = xstrdup(sql_column_text(stmt, 2)),
        .table = xstrdup(sql_column_text(stmt, 4)),
        .declaration = xstrdup(sql_column_text(stmt, 6)),
        .type_hidden = sqlite3_column_int(stmt, 7) != 0,
        .version = sqlite3_column_int64(stmt, 8),
        .time = xstrdup(sql_column_text(stmt, 9)),
    };
    if (!drop->is_type) {
        drop->property = xstrdup(sql_column_text(stmt, 3));
        drop->column = xstrdup(sql_column_text(stmt, 5));
    }
    drop->name =
        xasprintf("%s:%s%s%s@%" PRId64, schema_kind_name(drop->kind), drop->type,
                  drop->property ? "." : "", drop->property ? drop->property : "", drop->version);
}

static int compare(const void *a, const void *b)
{
    const struct drop *x = a, *y = b;
    if (x->version != y->version)
        return x->version < y->version ? -1 : 1;
    return strcmp(x->name, y->name);
}

bool drops_read(struct database *d, struct drops *drops, struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(
        d->db, err,
        "SELECT t.id, t.kind, t.name, NULL, t.table_name, NULL, t.declaration, 0, t.dropped, c.time"
        " FROM types t JOIN commits c ON c.version = t.dropped"
        " UNION ALL SELECT p.id, t.kind, t.name, p.name, t.table_name, p.column_name,"
        " p.declaration, t.dropped IS NOT NULL, p.dropped, c.time"
        " FROM properties p JOIN types t ON t.id = p.type JOIN commits c ON c.version = p.dropped");
    bool ok = stmt != NULL, row = true;
    while (ok && (ok = sql_step(stmt, &row, err)) && row)
        add_row(drops, stmt);
    (void)sqlite3_finalize(stmt); /* its steps were checked */
    if (drops->n)
        qsort(drops->list, drops->n, sizeof *drops->list, compare);
    return ok;
}

/* True if `name` is the drop's name, perhaps without its kind or version. */
static bool means(const struct drop *drop, const char *name)
{
    const char *full = strchr(name, ':') ? drop->name : strchr(drop->name, ':') + 1;
    size_t len = strchr(name, '@') ? strlen(full) : strcspn(full, "@");
    return strlen(name) == len && strncmp(full, name, len) == 0;
}

const struct drop *drops_find(const struct drops *drops, const char *name, struct error *err)
{
    const struct drop *found = NULL;
    struct suggestion near;
    suggest_begin(&near, name);
    for (size_t i = 0; i < drops->n; i++) {
        const struct drop *drop = &drops->list[i];
        suggest_offer(&near, drop->name);
        if (!means(drop, name))
            continue;
        if (found) {
            error_set(err, NULL, "%s may be %s or %s; name one of them", name, found->name,
                      drop->name);
            return NULL;
        }
        found = drop;
    }
    const char *best = suggest_best(&near);
    if (!found)
        error_set(err, NULL, "nothing that was dropped is called %s%s%s%s", name,
                  best ? "; did you mean " : "; `dropped` lists what there is", best ? best : "",
                  best ? "?" : "");
    return found;
}

void drops_free(struct drops *drops)
{
    for (size_t i = 0; i < drops->n; i++) {
        struct drop *drop = &drops->list[i];
        free(drop->type);
        free(drop->property);
        free(drop->table);
        free(drop->column);
        free(drop->declaration);
        free(drop->time);
        free(drop->name);
    }
    free(drops->list);
    *drops = (struct drops){0};
}
