#include "graph/linemap.h"

#include "graph/sql.h"

static bool prepare(struct linemaps *maps, struct error *err)
{
    if (maps->insert)
        return true;
    if (!sql_run(maps->db, err,
                 "CREATE TABLE temp.load_lines(\"table\" INTEGER NOT NULL, first INTEGER NOT NULL,"
                 " count INTEGER NOT NULL, line INTEGER NOT NULL, stride INTEGER NOT NULL,"
                 " PRIMARY KEY(\"table\", first)) STRICT, WITHOUT ROWID"))
        return false;
    maps->insert =
        sql_prepare(maps->db, err, "INSERT INTO temp.load_lines VALUES(?1, ?2, ?3, ?4, ?5)");
    maps->find = sql_prepare(maps->db, err,
                             "SELECT first, count, line, stride FROM temp.load_lines"
                             " WHERE \"table\" = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1");
    return maps->insert && maps->find;
}

/* Binding fails only for a wrong index. */
static void bind_run(sqlite3_stmt *stmt, const struct linemap *map)
{
    (void)sqlite3_bind_int64(stmt, 1, map->table);
    (void)sqlite3_bind_int64(stmt, 2, map->first);
    (void)sqlite3_bind_int64(stmt, 3, map->count);
    (void)sqlite3_bind_int64(stmt, 4, map->line);
    (void)sqlite3_bind_int64(stmt, 5, map->stride);
}

bool linemap_add(struct linemaps *maps, struct linemap *map, int64_t row, uint64_t line,
                 struct error *err)
{
    int64_t at = (int64_t)line;
    if (map->count > 0 && row == map->first + map->count) {
        if (map->count == 1)
            map->stride = at - map->line;
        if (at == map->line + map->count * map->stride) {
            map->count++;
            return true;
        }
    }
    if (map->count > 0) {
        if (!prepare(maps, err))
            return false;
        bind_run(maps->insert, map);
        if (!sql_finish(maps->insert, err))
            return false;
    }
    *map = (struct linemap){map->table, row, 1, at, 1};
    return true;
}

static uint64_t line_in(const struct linemap *run, int64_t row)
{
    bool inside = row >= run->first && row - run->first < run->count;
    return inside ? (uint64_t)(run->line + (row - run->first) * run->stride) : 0;
}

bool linemap_find(struct linemaps *maps, const struct linemap *map, int64_t row, uint64_t *line,
                  struct error *err)
{
    *line = line_in(map, row);
    if (*line || !maps->find)
        return true;
    bool found;
    (void)sqlite3_bind_int64(maps->find, 1, map->table);
    (void)sqlite3_bind_int64(maps->find, 2, row);
    bool ok = sql_step(maps->find, &found, err);
    if (ok && found) {
        struct linemap run = {
            map->table, sqlite3_column_int64(maps->find, 0), sqlite3_column_int64(maps->find, 1),
            sqlite3_column_int64(maps->find, 2), sqlite3_column_int64(maps->find, 3)};
        *line = line_in(&run, row);
    }
    (void)sqlite3_reset(maps->find); /* its step was checked */
    return ok;
}

void linemaps_free(struct linemaps *maps)
{
    (void)sqlite3_finalize(maps->insert); /* their steps were checked */
    (void)sqlite3_finalize(maps->find);
    *maps = (struct linemaps){0};
}
