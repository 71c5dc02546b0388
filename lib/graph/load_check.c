#include "common/xalloc.h"
#include "graph/load.h"
#include "graph/sql.h"
#include "graph/tables.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct load_type *node_type(struct load *load, const struct schema_type *type)
{
    struct catalog_type *where =
        catalog_find(&load->catalog, SCHEMA_NODE, type->name, strlen(type->name));
    return &load->nodes[where - load->catalog.nodes];
}

/* Builds again what load_type_touch() took away. */
static bool rebuild_indexes(struct load *load, struct error *err)
{
    bool any = false;
    for (size_t i = 0; i < load->catalog.edge_count; i++) {
        const struct catalog_type *edge = &load->catalog.edges[i];
        any = any || load->edges[i].rebuild;
        if (load->edges[i].rebuild && !tables_index_ends(&load->d, edge->id, edge->table, err))
            return false;
    }
    for (size_t i = 0; i < load->catalog.node_count; i++)
        any = any || load->nodes[i].rebuild;
    return !any || tables_index(&load->d, load->catalog.schema, err);
}

/* Reports each row of a statement (row number, then the parts of a message). */
static bool report_rows(struct load *load, const struct load_type *type, sqlite3_stmt *stmt,
                        struct error *err)
{
    bool ok = stmt != NULL, row = true;
    while (ok && (ok = sql_step(stmt, &row, err)) && row) {
        uint64_t line = 0;
        ok = linemap_find(&load->maps, &type->lines, sqlite3_column_int64(stmt, 0), &line, err);
        if (ok)
            complaints_add(&load->complaints, line, sql_column_text(stmt, 1));
    }
    (void)sqlite3_finalize(stmt); /* its steps were checked */
    return ok;
}

/* Reports the edges above a row whose end is missing. */
static bool report_ends(struct load *load, const struct load_type *edge, long long above,
                        struct error *err)
{
    const struct schema_type *type = edge->where->type;
    const struct load_type *from = node_type(load, type->from), *to = node_type(load, type->to);
    sqlite3_stmt *stmt = sql_prepare(
        load->d.db, err,
        "SELECT id, printf('%%s: there is no %%s \"%%.80s\"', %Q,"
        " CASE WHEN f THEN %Q ELSE %Q END, CASE WHEN f THEN dst ELSE src END)"
        " FROM (SELECT id, src, dst, EXISTS(SELECT 1 FROM \"%w\" n WHERE n.id = e.src) AS f,"
        " EXISTS(SELECT 1 FROM \"%w\" n WHERE n.id = e.dst) AS t FROM \"%w\" e WHERE id > %lld)"
        " WHERE NOT f OR NOT t",
        type->name, type->to->name, type->from->name, from->where->table, to->where->table,
        edge->where->table, above);
    return report_rows(load, edge, stmt, err);
}

/* Whether any edge at all lacks an end. Going through an index, both sides come in order: several
 * times as fast as looking up the ends of row after row. */
static bool find_dangling(struct load *load, const struct load_type *edge, bool *found,
                          struct error *err)
{
    const struct schema_type *type = edge->where->type;
    const char *const names[2] = {"src", "dst"};
    const struct schema_type *const nodes[2] = {type->from, type->to};
    *found = false;
    for (int i = 0; i < 2 && !*found; i++) {
        int64_t one = 0;
        if (!sql_integer(load->d.db, 0, &one, err,
                         "SELECT 1 FROM \"%w\" e INDEXED BY \"index_%lld_%s\" WHERE NOT EXISTS"
                         " (SELECT 1 FROM \"%w\" n WHERE n.id = e.%s) LIMIT 1",
                         edge->where->table, (long long)edge->where->id, names[i],
                         node_type(load, nodes[i])->where->table, names[i]))
            return false;
        *found = one != 0;
    }
    return true;
}

/* Edges whose end is missing: all new ones, and old ones where the nodes of an end were replaced.
 */
static bool check_ends(struct load *load, const struct load_type *edge, struct error *err)
{
    const struct schema_type *type = edge->where->type;
    bool old = node_type(load, type->from)->replaced || node_type(load, type->to)->replaced;
    int64_t last = 0;
    if (!edge->touched && !old)
        return true;
    if (!sql_integer(load->d.db, 0, &last, err, "SELECT max(id) FROM \"%w\"", edge->where->table))
        return false;
    bool dangling = true;
    /* A few new edges in a large table are looked up one by one. */
    if ((old || last - edge->base > edge->base / 4) && !find_dangling(load, edge, &dangling, err))
        return false;
    return !dangling || report_ends(load, edge, old ? 0 : (long long)edge->base, err);
}

/* Edges beyond the most that may leave one node; of the sources that got new ones. */
static bool check_most(struct load *load, const struct load_type *edge, struct error *err)
{
    const struct schema_type *type = edge->where->type;
    if (!edge->touched || type->card_max >= INT64_MAX)
        return true;
    sqlite3_stmt *stmt = sql_prepare(
        load->d.db, err,
        "SELECT id, printf('%%s: more than %%lld leave %%s \"%%.80s\", against its @card', %Q,"
        " %lld, %Q, src)"
        " FROM (SELECT id, src, row_number() OVER (PARTITION BY src ORDER BY id) AS n"
        " FROM \"%w\" WHERE src IN (SELECT src FROM \"%w\" WHERE id > %lld))"
        " WHERE n > %lld AND id > %lld",
        type->name, (long long)type->card_max, type->from->name, edge->where->table,
        edge->where->table, (long long)edge->base, (long long)type->card_max,
        (long long)edge->base);
    return report_rows(load, edge, stmt, err);
}

/* Nodes with fewer edges than each must have: the new ones, or all when edges or nodes were
 * replaced. */
static bool check_least(struct load *load, const struct load_type *edge, struct error *err)
{
    const struct schema_type *type = edge->where->type;
    const struct load_type *from = node_type(load, type->from);
    if (type->card_min == 0 || (!from->touched && !edge->replaced))
        return true;
    long long above = edge->replaced || from->replaced ? 0 : (long long)from->base;
    sqlite3_stmt *stmt = sql_prepare(
        load->d.db, err,
        "SELECT rowid, printf('%%s \"%%.80s\": needs at least %%lld %%s, by its @card', %Q, id,"
        " %lld, %Q)"
        " FROM \"%w\" n WHERE rowid > %lld AND"
        " (SELECT count(*) FROM (SELECT 1 FROM \"%w\" e WHERE e.src = n.id LIMIT %lld)) < %lld",
        type->from->name, (long long)type->card_min, type->name, from->where->table, above,
        edge->where->table, (long long)type->card_min, (long long)type->card_min);
    return report_rows(load, from, stmt, err);
}

bool load_check(struct load *load, struct error *err)
{
    if (!rebuild_indexes(load, err))
        return false;
    for (size_t i = 0; i < load->catalog.edge_count; i++)
        if (!check_ends(load, &load->edges[i], err))
            return false;
    /* Bad edges are not in their table: only a load without complaints can be counted. */
    for (size_t i = 0; load->complaints.total == 0 && i < load->catalog.edge_count; i++)
        if (!check_most(load, &load->edges[i], err) || !check_least(load, &load->edges[i], err))
            return false;
    return true;
}
