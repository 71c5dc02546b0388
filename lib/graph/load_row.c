#include "common/suggest.h"
#include "common/ulid.h"
#include "common/xalloc.h"
#include "graph/load.h"
#include "graph/sql.h"

#include <stdlib.h>
#include <string.h>

/* Reports the phrase in load->why, with "Person " or "Person "id": " before it. */
static void complain(struct load *load, const struct load_type *type)
{
    struct buf text = BUF_INIT;
    buf_puts(&text, type->where->type->name);
    if (load->id.len)
        buf_printf(&text, " \"%.*s\"", load->id.len > 80 ? 80 : (int)load->id.len,
                   buf_text(&load->id));
    buf_printf(&text, ": %s", buf_text(&load->why));
    complaints_add(&load->complaints, load->line, buf_text(&text));
    buf_free(&text);
}

static struct load_type *find_type(struct load *load, enum schema_kind kind, struct slice name)
{
    struct load_type **last = kind == SCHEMA_NODE ? &load->last_node : &load->last_edge;
    if (*last && strncmp((*last)->where->type->name, name.text, name.len) == 0 &&
        !(*last)->where->type->name[name.len])
        return *last;
    struct catalog_type *where = catalog_find(&load->catalog, kind, name.text, name.len);
    if (!where)
        return NULL;
    *last = kind == SCHEMA_NODE ? &load->nodes[where - load->catalog.nodes]
                                : &load->edges[where - load->catalog.edges];
    return *last;
}

static void complain_unknown_type(struct load *load, enum schema_kind kind, struct slice name)
{
    const struct catalog_type *list =
        kind == SCHEMA_NODE ? load->catalog.nodes : load->catalog.edges;
    size_t n = kind == SCHEMA_NODE ? load->catalog.node_count : load->catalog.edge_count;
    char *word = xstrndup(name.text, name.len);
    struct suggestion near;
    suggest_begin(&near, word);
    for (size_t i = 0; i < n; i++)
        suggest_offer(&near, list[i].type->name);
    const char *best = suggest_best(&near);
    buf_clear(&load->why);
    buf_printf(&load->why, "the schema has no %s type \"%.60s\"%s%s%s", schema_kind_name(kind),
               word, best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
    complaints_add(&load->complaints, load->line, buf_text(&load->why));
    free(word);
}

/* The property a member names; data of one type mostly names them in the same order. */
static size_t find_property(struct load_type *type, const struct member *member)
{
    size_t at = type->expected < type->count ? type->expected : 0;
    if (type->count) {
        const char *name = type->where->properties[at].property->name;
        if (strncmp(name, member->name, member->name_len) != 0 || name[member->name_len])
            at = catalog_property_index(type->where->type, member->name, member->name_len);
    }
    type->expected = at + 1;
    return at;
}

static bool unknown_property(struct load *load, const struct load_type *type,
                             const struct member *member)
{
    char *word = xstrndup(member->name, member->name_len);
    struct suggestion near;
    suggest_begin(&near, word);
    for (size_t i = 0; i < type->count; i++)
        suggest_offer(&near, type->where->properties[i].property->name);
    const char *best = suggest_best(&near);
    buf_printf(&load->why, "there is no property \"%.60s\"%s%s%s", word,
               best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
    free(word);
    return false;
}

/* `id` in the data of a node whose schema has no such property is the node's id. */
static bool take_id(struct load *load, const struct member *member)
{
    const struct jtoken *token = &load->datum.tokens[member->first];
    struct slice *id = &load->datum.id;
    if (token->kind != JTOKEN_STRING) {
        buf_puts(&load->why, "\"id\" must be a string");
        return false;
    }
    if (id->text && (id->len != token->len || memcmp(id->text, token->text, token->len) != 0)) {
        buf_puts(&load->why, "there are two ids, beside \"type\" and in \"data\"");
        return false;
    }
    *id = (struct slice){token->text, token->len};
    return true;
}

static bool take_member(struct load *load, struct load_type *type, const struct member *member)
{
    size_t at = find_property(type, member);
    if (at == type->count) {
        if (type->where->type->kind == SCHEMA_NODE && member->name_len == 2 &&
            memcmp(member->name, "id", 2) == 0)
            return take_id(load, member);
        return unknown_property(load, type, member);
    }
    struct cell *cell = &type->cells[at];
    if (cell->kind != CELL_ABSENT) {
        buf_printf(&load->why, "%s stands there twice", type->where->properties[at].property->name);
        return false;
    }
    return cell_from_json(&type->rules[at], load->datum.tokens + member->first, member->count, cell,
                          &load->why);
}

/* Fills the cells from the data. The first error is in load->why; false then. */
static bool take_members(struct load *load, struct load_type *type)
{
    bool ok = true;
    for (size_t i = 0; i < type->count; i++)
        type->cells[i].kind = CELL_ABSENT;
    type->expected = 0;
    for (size_t i = 0; i < load->datum.member_count; i++) {
        size_t said = load->why.len;
        if (!take_member(load, type, &load->datum.members[i])) {
            if (!ok) { /* one complaint a line: the first */
                load->why.len = said;
                load->why.data[said] = '\0';
            }
            ok = false;
        }
    }
    return ok;
}

static bool check_absent(struct load *load, struct load_type *type)
{
    for (size_t i = 0; i < type->count; i++)
        if (type->cells[i].kind == CELL_ABSENT && !cell_check_absent(&type->rules[i], &load->why))
            return false;
    return true;
}

/* Joins the parts of a key: "|" between them, "\" before a "|" or "\" of their own. */
static void append_part(struct buf *id, const struct cell *cell, const struct property_type *type)
{
    struct buf part = BUF_INIT;
    cell_append_id(cell, type, &part);
    for (size_t i = 0; i < part.len; i++) {
        if (part.data[i] == '|' || part.data[i] == '\\')
            buf_putc(id, '\\');
        buf_putc(id, part.data[i]);
    }
    buf_free(&part);
}

/* The node's id in load->id. False with load->why set when there can be none. */
static bool make_id(struct load *load, struct load_type *type)
{
    const struct slice *given = &load->datum.id;
    for (size_t i = 0; i < type->key_count; i++) {
        const struct cell *cell = &type->cells[type->key[i]];
        const struct schema_property *p = type->where->properties[type->key[i]].property;
        if (cell->kind == CELL_ABSENT || cell->kind == CELL_NULL) {
            buf_clear(&load->id);
            if (load->why.len == 0)
                buf_printf(&load->why, "%s is missing; it is the key", p->name);
            return false;
        }
        if (type->key_count == 1) {
            cell_append_id(cell, &p->type, &load->id);
        } else {
            buf_puts(&load->id, i ? "|" : "");
            append_part(&load->id, cell, &p->type);
        }
    }
    if (type->key_count == 0 && given->text) {
        buf_append(&load->id, given->text, given->len);
    } else if (type->key_count == 0) {
        struct ulid id = ulid_new();
        buf_puts(&load->id, id.text);
    } else if (given->text && (given->len != load->id.len ||
                               memcmp(given->text, load->id.data, given->len) != 0)) {
        if (load->why.len == 0)
            buf_printf(&load->why, "its id is its key, not \"%.*s\"",
                       given->len > 60 ? 60 : (int)given->len, given->text);
        return false;
    }
    if (load->id.len == 0 && load->why.len == 0)
        buf_puts(&load->why, "the id is empty");
    return load->id.len > 0;
}

static void bind_cells(const struct load_type *type, sqlite3_stmt *stmt, bool present_only)
{
    for (size_t i = 0; i < type->count; i++)
        if (!type->where->properties[i].in_id &&
            (!present_only || type->cells[i].kind != CELL_ABSENT))
            cell_bind(&type->cells[i], stmt, type->first_parameter + (int)i);
}

/* Runs an insert or update. A broken constraint refuses the row and goes to load->why; false: the
 * load cannot go on. */
static bool run(struct load *load, const struct load_type *type, sqlite3_stmt *stmt, int64_t row,
                bool *refused, struct error *err)
{
    *refused = false;
    int code = sqlite3_step(stmt);
    if (code == SQLITE_DONE || code == SQLITE_ROW) {
        (void)sqlite3_reset(stmt);
        return true;
    }
    code = sqlite3_extended_errcode(load->d.db);
    if ((code & 0xff) != SQLITE_CONSTRAINT) {
        sql_error(load->d.db, err);
        (void)sqlite3_reset(stmt); /* repeats it */
        return false;
    }
    (void)sqlite3_reset(stmt); /* likewise */
    *refused = true;
    if (load->why.len == 0)
        load_explain_refusal(load, type, code, row);
    return true;
}

/* A node that another one's values keep out. The load has failed, but its edges are not to be
 * reported as dangling: the row goes in with no values at all. */
static void insert_bare(struct load_type *type)
{
    for (size_t i = 0; i < type->count; i++)
        if (!type->where->properties[i].in_id)
            (void)sqlite3_bind_null(type->insert, type->first_parameter + (int)i);
    /* Refused again if the id itself is taken; whatever else fails, nothing will be committed. */
    (void)sqlite3_step(type->insert);
    (void)sqlite3_reset(type->insert);
}

static bool insert(struct load *load, struct load_type *type, struct error *err)
{
    bool refused;
    bind_cells(type, type->insert, false);
    if (!run(load, type, type->insert, -1, &refused, err))
        return false;
    if (refused && type->where->type->kind == SCHEMA_NODE)
        insert_bare(type);
    if (load->why.len || !type->keeps_lines)
        return true;
    return linemap_add(&load->maps, &type->lines, sqlite3_last_insert_rowid(load->d.db), load->line,
                       err);
}

static bool update(struct load *load, struct load_type *type, int64_t row, struct error *err)
{
    sqlite3_stmt *stmt = load_type_update(load, type, err);
    if (!stmt)
        return false;
    (void)sqlite3_bind_int64(stmt, 1, row); /* fails only for a wrong index */
    bind_cells(type, stmt, true);
    bool refused;
    return run(load, type, stmt, row, &refused, err);
}

/* The rows that type->find gives: how many (at most 2) and the first. */
static bool find_rows(const struct load_type *type, int *count, int64_t *row, struct error *err)
{
    bool ok = true, found = true;
    for (*count = 0; ok && (ok = sql_step(type->find, &found, err)) && found; ++*count)
        if (*count == 0)
            *row = sqlite3_column_int64(type->find, 0);
    (void)sqlite3_reset(type->find); /* its steps were checked */
    return ok;
}

static bool load_node(struct load *load, struct load_type *type, struct error *err)
{
    int count = 0;
    int64_t row = 0;
    bool ok = true;
    (void)take_members(load, type); /* the reason is in load->why */
    if (make_id(load, type)) {
        (void)sqlite3_bind_text64(type->insert, 1, load->id.data, load->id.len, SQLITE_STATIC,
                                  SQLITE_UTF8);
        if (load->mode == LOAD_MERGE) {
            (void)sqlite3_bind_text64(type->find, 1, load->id.data, load->id.len, SQLITE_STATIC,
                                      SQLITE_UTF8);
            ok = find_rows(type, &count, &row, err);
        }
        if (ok && count == 0 && load->why.len == 0)
            (void)check_absent(load, type); /* the reason is in load->why */
        /* Even a bad one, so that its edges do not count as dangling. */
        if (ok)
            ok = count ? update(load, type, row, err) : insert(load, type, err);
    }
    if (load->why.len)
        complain(load, type);
    load->node_count++;
    return ok;
}

/* Whether one of several parallel edges has just the given properties. */
static bool find_equal(struct load *load, struct load_type *type, bool *found, struct error *err)
{
    struct buf sql = BUF_INIT;
    for (size_t i = 0; i < type->count; i++) {
        if (type->cells[i].kind == CELL_ABSENT)
            continue;
        char *part = sqlite3_mprintf(" AND \"%w\" IS ?%d", type->where->properties[i].column,
                                     type->first_parameter + (int)i);
        if (!part)
            die_out_of_memory();
        buf_puts(&sql, part);
        sqlite3_free(part);
    }
    sqlite3_stmt *stmt = sql_prepare(
        load->d.db, err, "SELECT 1 FROM \"%w\" WHERE src = ?1 AND dst = ?2 AND id <= %lld%s",
        type->where->table, (long long)type->base, buf_text(&sql));
    buf_free(&sql);
    if (!stmt)
        return false;
    const struct datum *r = &load->datum;
    (void)sqlite3_bind_text64(stmt, 1, r->from.text, r->from.len, SQLITE_STATIC, SQLITE_UTF8);
    (void)sqlite3_bind_text64(stmt, 2, r->to.text, r->to.len, SQLITE_STATIC, SQLITE_UTF8);
    bind_cells(type, stmt, true);
    bool ok = sql_step(stmt, found, err);
    (void)sqlite3_finalize(stmt); /* its step was checked */
    return ok;
}

/* An edge has no id of its own. Merging takes one that was there before the load and has the same
 * ends as the same; where there are several, only one that is equal anyway. */
static bool merge_edge(struct load *load, struct load_type *type, struct error *err)
{
    const struct datum *r = &load->datum;
    int count = 0;
    int64_t row = 0;
    (void)sqlite3_bind_text64(type->find, 1, r->from.text, r->from.len, SQLITE_STATIC, SQLITE_UTF8);
    (void)sqlite3_bind_text64(type->find, 2, r->to.text, r->to.len, SQLITE_STATIC, SQLITE_UTF8);
    if (!find_rows(type, &count, &row, err))
        return false;
    if (count == 1)
        return update(load, type, row, err);
    if (count == 0)
        return !check_absent(load, type) || insert(load, type, err);
    bool found = false;
    if (!find_equal(load, type, &found, err))
        return false;
    if (!found)
        buf_puts(&load->why, "several such edges join these nodes; merge cannot tell which one is "
                             "meant");
    return true;
}

static bool load_edge(struct load *load, struct load_type *type, struct error *err)
{
    const struct datum *r = &load->datum;
    bool ok = true;
    if (r->id.text)
        buf_puts(&load->why, "an edge has no \"id\"");
    else if (!r->from.len || !r->to.len)
        buf_printf(&load->why, "\"%s\" is missing", r->from.len ? "to" : "from");
    else if (take_members(load, type) && (load->mode == LOAD_MERGE || check_absent(load, type))) {
        (void)sqlite3_bind_text64(type->insert, 1, r->from.text, r->from.len, SQLITE_STATIC,
                                  SQLITE_UTF8);
        (void)sqlite3_bind_text64(type->insert, 2, r->to.text, r->to.len, SQLITE_STATIC,
                                  SQLITE_UTF8);
        ok = load->mode == LOAD_MERGE ? merge_edge(load, type, err) : insert(load, type, err);
    }
    if (ok && load->why.len)
        complain(load, type);
    load->edge_count++;
    return ok;
}

bool load_row(struct load *load, struct error *err)
{
    const struct datum *r = &load->datum;
    enum schema_kind kind = r->type.text ? SCHEMA_NODE : SCHEMA_EDGE;
    struct slice name = r->type.text ? r->type : r->edge;
    buf_clear(&load->why);
    buf_clear(&load->id);
    if (kind == SCHEMA_NODE && (r->from.text || r->to.text)) {
        complaints_add(&load->complaints, load->line, "a node has no \"from\" and \"to\"");
        return true;
    }
    struct load_type *type = find_type(load, kind, name);
    if (!type) {
        complain_unknown_type(load, kind, name);
        return true;
    }
    if (!type->touched && !load_type_touch(load, type, err))
        return false;
    return kind == SCHEMA_NODE ? load_node(load, type, err) : load_edge(load, type, err);
}
