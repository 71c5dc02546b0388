#include "common/xalloc.h"
#include "graph/load.h"
#include "graph/sql.h"

#include <string.h>

static void append(struct buf *sql, char *part)
{
    if (!part)
        die_out_of_memory();
    buf_puts(sql, part);
    sqlite3_free(part);
}

/* Whether another row has the same values for a @unique; edges' ends are in the record. An update
 * of `row` leaves there what the record does not mention. */
static bool clashes(struct load *load, const struct load_type *type,
                    const struct schema_constraint *unique, int64_t row, struct error *err)
{
    struct buf sql = BUF_INIT;
    const char *table = type->where->table;
    append(&sql,
           sqlite3_mprintf("SELECT 1 FROM \"%w\" WHERE rowid <> %lld", table, (long long)row));
    for (size_t i = 0; i < unique->name_count; i++) {
        size_t at =
            catalog_property_index(type->where->type, unique->names[i], strlen(unique->names[i]));
        const char *column =
            at < type->count ? type->where->properties[at].column : unique->names[i];
        if (at < type->count && type->cells[at].kind == CELL_ABSENT)
            append(&sql, sqlite3_mprintf(" AND \"%w\" = (SELECT \"%w\" FROM \"%w\""
                                         " WHERE rowid = %lld)",
                                         column, column, table, (long long)row));
        else
            append(&sql, sqlite3_mprintf(" AND \"%w\" = ?%d", column, (int)i + 1));
    }
    sqlite3_stmt *stmt = sql_prepare(load->d.db, err, "%s", buf_text(&sql));
    buf_free(&sql);
    bool row_found = false;
    for (size_t i = 0; stmt && i < unique->name_count; i++) {
        const char *name = unique->names[i];
        size_t at = catalog_property_index(type->where->type, name, strlen(name));
        const struct slice *end = strcmp(name, "src") == 0 ? &load->datum.from : &load->datum.to;
        if (at < type->count) /* an absent one has no parameter: then this does nothing */
            cell_bind(&type->cells[at], stmt, (int)i + 1);
        else
            (void)sqlite3_bind_text64(stmt, (int)i + 1, end->text, end->len, SQLITE_STATIC,
                                      SQLITE_UTF8);
    }
    bool found = stmt && sql_step(stmt, &row_found, err) && row_found;
    (void)sqlite3_finalize(stmt); /* its step was checked */
    return found;
}

void load_explain_refusal(struct load *load, const struct load_type *type, int code, int64_t row)
{
    struct error unused = ERROR_INIT; /* at worst the explanation is a general one */
    if (code == SQLITE_CONSTRAINT_PRIMARYKEY) {
        buf_puts(&load->why, load->mode == LOAD_OVERWRITE ? "this id stands in the data twice"
                                                          : "there is one with this id already");
        return;
    }
    for (size_t i = 0; i < type->where->type->constraint_count; i++) {
        const struct schema_constraint *c = type->where->type->constraints[i];
        if (c->kind != CONSTRAINT_UNIQUE || !clashes(load, type, c, row, &unused))
            continue;
        buf_printf(&load->why, "another one has the same ");
        for (size_t j = 0; j < c->name_count; j++)
            buf_printf(&load->why, "%s%s", j ? ", " : "", c->names[j]);
        goto out;
    }
    buf_puts(&load->why, "it is not unique");
out:
    error_clear(&unused);
}
