#include "common/xalloc.h"
#include "graph/catalog.h"
#include "graph/drops.h"
#include "graph/graph.h"
#include "graph/sql.h"
#include "graph/tables.h"
#include "lang/lexer.h"

#include <stdlib.h>
#include <string.h>

/* A restore under way. */
struct restore {
    struct database d;
    struct drops drops;
    struct schema *schema; /* as it is */
    const struct drop *drop;
    struct buf source; /* as it will be */
};

static struct schema *compile(const struct buf *text, struct error *err)
{
    struct source src = {"schema", buf_text(text), text->len, "schema"};
    return catalog_compile(&src, err);
}

/* Where to write into a declaration: before its closing brace, or (an edge without a body) after
 * its last token. */
struct place {
    size_t offset;
    bool has_body;
};

/* The end of "@name(…)…", starting at the token after the ends of an edge or the name of a node. */
static struct place find_place(const struct source *src, const struct schema_type *type)
{
    struct lexer lexer;
    struct token token;
    lexer_init(&lexer, src);
    lexer.at = type->at;
    int parens = 0;
    bool ends = type->kind != SCHEMA_EDGE; /* whether "-> Type" was passed */
    bool arrow = false;
    struct place place = {type->at.offset, false};
    for (;;) {
        lexer_next(&lexer, &token);
        if (token.kind == TOKEN_LBRACE && parens == 0)
            break;
        /* Behind the ends of an edge there are annotations only, or its body, or it is over. */
        if (token.kind == TOKEN_END || token.kind == TOKEN_BAD ||
            (type->kind == SCHEMA_EDGE && ends && parens == 0 && token.kind != TOKEN_AT &&
             token.kind != TOKEN_LPAREN))
            return place;
        parens += (token.kind == TOKEN_LPAREN) - (token.kind == TOKEN_RPAREN);
        ends = ends || (arrow && token.kind == TOKEN_TYPE);
        arrow = token.kind == TOKEN_ARROW;
        place.offset = token.at.offset + token.raw_len;
    }
    /* Nothing inside a body has braces of its own. */
    while (token.kind != TOKEN_RBRACE && token.kind != TOKEN_END)
        lexer_next(&lexer, &token);
    return (struct place){token.at.offset, true};
}

/* True if only blanks stand between the line's beginning and the offset. */
static bool begins_line(const char *text, size_t offset)
{
    while (offset > 0 && (text[offset - 1] == ' ' || text[offset - 1] == '\t'))
        offset--;
    return offset == 0 || text[offset - 1] == '\n';
}

static void insert_property(struct restore *r, const struct schema_type *type, const char *text)
{
    const char *old = buf_text(&r->d.schema);
    struct source src = {"schema", old, r->d.schema.len, "schema"};
    struct place place = find_place(&src, type);
    size_t at = place.offset;
    bool own_line = place.has_body && begins_line(old, at);
    while (own_line && at > 0 && old[at - 1] != '\n')
        at--;
    buf_clear(&r->source);
    buf_append(&r->source, old, at);
    buf_puts(&r->source, !place.has_body ? " {\n" : own_line ? "" : "\n");
    buf_puts(&r->source, text);
    buf_puts(&r->source, place.has_body ? "" : "}");
    buf_append(&r->source, old + at, r->d.schema.len - at);
}

/* Rows that were added since have no value: then the property can only come back nullable. */
static bool needs_null(struct restore *r, bool *needs, struct error *err)
{
    int64_t found = 0;
    bool ok =
        sql_integer(r->d.db, 0, &found, err, "SELECT 1 FROM \"%w\" WHERE \"%w\" IS NULL LIMIT 1",
                    r->drop->table, r->drop->column);
    *needs = found != 0;
    return ok;
}

/* The declaration with "?" behind its type; both texts are pgtext.h's. */
static char *make_nullable(const char *declaration, const struct schema_property *property)
{
    char *type = property_type_text(&property->type);
    size_t head = strlen("    : ") + strlen(property->name) + strlen(type);
    char *text = xasprintf("%.*s?%s", (int)head, declaration, declaration + head);
    free(type);
    return text;
}

static bool restore_property(struct restore *r, struct error *err)
{
    const struct drop *drop = r->drop;
    if (drop->type_hidden)
        return error_set(err, NULL, "the type %s was dropped too; restore it first", drop->type);
    const struct schema_type *type = schema_find(r->schema, drop->kind, drop->type);
    if (!type)
        return error_set(err, NULL, "the graph is damaged: no type %s", drop->type);
    if (schema_type_property(type, drop->property))
        return error_set(err, NULL, "%s has a property %s again; rename or drop that one first",
                         drop->type, drop->property);
    insert_property(r, type, drop->declaration);
    struct schema *wanted = compile(&r->source, err);
    bool null = false;
    bool ok = wanted && needs_null(r, &null, err);
    if (ok) {
        const struct schema_property *p =
            schema_type_property(schema_find(wanted, drop->kind, drop->type), drop->property);
        if (null && !p->type.nullable) {
            char *text = make_nullable(drop->declaration, p);
            insert_property(r, type, text);
            free(text);
        }
    }
    schema_free(wanted);
    return ok && tables_restore_property(&r->d, drop->id, err);
}

/* "src -> dst" by the present names of the types that the rows refer to. */
static bool find_ends(struct restore *r, struct buf *ends, struct error *err)
{
    sqlite3_stmt *stmt =
        sql_prepare(r->d.db, err,
                    "SELECT t.name, t.dropped IS NOT NULL, t.table_name, f.\"from\""
                    " FROM pragma_foreign_key_list(%Q) f JOIN types t"
                    " ON t.table_name = f.\"table\" COLLATE NOCASE ORDER BY f.\"from\" DESC",
                    r->drop->table);
    bool ok = stmt != NULL, row = true;
    while (ok && (ok = sql_step(stmt, &row, err)) && row) {
        if (sqlite3_column_int(stmt, 1))
            ok = error_set(err, NULL, "its nodes, %s, were dropped too; restore them first",
                           sql_column_text(stmt, 0));
        buf_printf(ends, "%s%s", ends->len ? " -> " : "", sql_column_text(stmt, 0));
        int64_t lost = 0;
        ok = ok && sql_integer(r->d.db, 0, &lost, err,
                               "SELECT count(*) FROM \"%w\" e WHERE NOT EXISTS"
                               " (SELECT 1 FROM \"%w\" n WHERE n.id = e.\"%w\")",
                               r->drop->table, sql_column_text(stmt, 2), sql_column_text(stmt, 3));
        if (ok && lost)
            ok = error_set(err, NULL,
                           "%lld of its edges have lost a node meanwhile; load the nodes again "
                           "first",
                           (long long)lost);
    }
    (void)sqlite3_finalize(stmt); /* its steps were checked */
    return ok;
}

/* Whether values of one type are all values of the other: it may be nullable, or have more words.
 */
static bool holds(const struct property_type *wanted, const struct property_type *stored)
{
    bool ok = wanted->scalar == stored->scalar && wanted->list == stored->list &&
              wanted->dimensions == stored->dimensions && (wanted->nullable || !stored->nullable) &&
              (wanted->word_count == 0) == (stored->word_count == 0);
    for (size_t i = 0; ok && i < stored->word_count; i++)
        ok = property_type_has_word(wanted, stored->sorted_words[i]);
    return ok;
}

/* Whether the type, with what its interfaces give it by now, fits the rows of the stored one. */
static bool fits(const struct schema_type *wanted, const struct schema_type *stored)
{
    bool ok = wanted->property_count == stored->property_count;
    for (size_t i = 0; ok && i < stored->property_count; i++) {
        const struct schema_property *rows = stored->properties[i];
        const struct schema_property *now = schema_type_property(wanted, rows->name);
        ok = now && holds(&now->type, &rows->type);
    }
    return ok;
}

/* "@card(2..5)…" with another minimum. */
static void append_head(struct buf *out, const char *head, bool no_least)
{
    static const char card[] = " @card(";
    if (no_least && strncmp(head, card, sizeof card - 1) == 0) {
        buf_printf(out, "%s0", card);
        head += sizeof card - 1;
        head += strspn(head, "0123456789");
    }
    buf_puts(out, head);
}

/* The schema with the type behind it, as it stood, or (flat) with what its interfaces gave it
 * written out. NULL, with err set, if that does not compile. */
static struct schema *with_type(struct restore *r, const jv *declaration, const char *ends,
                                bool flat, bool no_least, struct error *err)
{
    const char *head = json_peek_string(declaration, flat ? "flat_head" : "head");
    const char *body = json_peek_string(declaration, flat ? "flat_body" : "body");
    buf_clear(&r->source);
    buf_append(&r->source, buf_text(&r->d.schema), r->d.schema.len);
    buf_printf(&r->source, "\n%s %s%s%s", schema_kind_name(r->drop->kind), r->drop->type,
               *ends ? ": " : "", ends);
    append_head(&r->source, head ? head : "", no_least);
    buf_printf(&r->source, " %s\n", body ? body : "");
    return compile(&r->source, err);
}

/* Whether some node has fewer edges of the type than each must have: one that was added since. */
static bool lacks_edges(struct restore *r, const struct schema_type *edge, bool *lacks,
                        struct error *err)
{
    char *nodes = NULL;
    int64_t found = 0;
    long long least = (long long)edge->card_min;
    bool ok = least == 0 ||
              (tables_find(&r->d, SCHEMA_NODE, edge->from->name, &nodes, err) &&
               sql_integer(r->d.db, 0, &found, err,
                           "SELECT 1 FROM \"%w\" n WHERE (SELECT count(*) FROM (SELECT 1 FROM"
                           " \"%w\" e WHERE e.src = n.id LIMIT %lld)) < %lld LIMIT 1",
                           nodes, r->drop->table, least, least));
    free(nodes);
    *lacks = found != 0;
    return ok;
}

/* Leaves in r->source the schema with the type: as it was; if its interfaces are not what they
 * were, without them; if newer nodes lack edges that each must have, with a minimum of 0. */
static bool declare_type(struct restore *r, const jv *declaration, const char *ends,
                         struct error *err)
{
    const struct drop *drop = r->drop;
    struct error unused = ERROR_INIT;
    bool lacks = false;
    struct schema *flat = with_type(r, declaration, ends, true, false, err);
    if (!flat) {
        error_prefix(err, "the schema cannot take %s back", drop->type);
        return false;
    }
    const struct schema_type *stored = schema_find(flat, drop->kind, drop->type);
    bool ok = drop->kind == SCHEMA_NODE || lacks_edges(r, stored, &lacks, err);
    if (ok) {
        struct schema *wanted = with_type(r, declaration, ends, false, lacks, &unused);
        bool as_it_was = wanted && fits(schema_find(wanted, drop->kind, drop->type), stored);
        schema_free(wanted);
        if (!as_it_was)
            schema_free(with_type(r, declaration, ends, true, lacks, &unused));
    }
    error_clear(&unused); /* then it is the flat one, which compiles */
    schema_free(flat);
    return ok;
}

static bool restore_type(struct restore *r, struct error *err)
{
    const struct drop *drop = r->drop;
    if (schema_find(r->schema, drop->kind, drop->type))
        return error_set(err, NULL, "the schema has a type %s again; rename or drop that one first",
                         drop->type);
    struct buf ends = BUF_INIT;
    jv declaration = json_parse(drop->declaration, strlen(drop->declaration), err);
    bool ok = jv_is_valid(declaration) && (drop->kind == SCHEMA_NODE || find_ends(r, &ends, err)) &&
              declare_type(r, &declaration, buf_text(&ends), err) &&
              tables_restore_type(&r->d, drop->id, err);
    jv_free(declaration);
    buf_free(&ends);
    return ok;
}

static enum graph_status carry_out(struct restore *r, const char *name, const char *actor,
                                   struct error *err)
{
    struct commit commit = {.operation = "restore", .actor = actor, .steps = 1};
    if (!drops_read(&r->d, &r->drops, err) || !(r->drop = drops_find(&r->drops, name, err)))
        return GRAPH_FAILED;
    r->schema = compile(&r->d.schema, err);
    if (!r->schema)
        return GRAPH_CANNOT_OPEN;
    if (!(r->drop->is_type ? restore_type(r, err) : restore_property(r, err)))
        return GRAPH_FAILED;
    database_set_schema(&r->d, buf_text(&r->source), r->source.len);
    struct catalog catalog = CATALOG_INIT;
    bool ok = catalog_read(&r->d, &catalog, err) && tables_index(&r->d, catalog.schema, err);
    catalog_free(&catalog);
    return ok ? database_commit(&r->d, &commit, err) : GRAPH_FAILED;
}

enum graph_status graph_restore(const char *root, const char *name, const char *actor, jv *answer,
                                struct error *err)
{
    struct restore r = {.d = DATABASE_INIT};
    enum graph_status status = database_open(root, DATABASE_WRITE, &r.d, err);
    if (status == GRAPH_OK)
        status = database_begin(&r.d, err);
    if (status == GRAPH_OK)
        status = carry_out(&r, name, actor, err);
    if (status == GRAPH_OK) {
        *answer = jv_object();
        json_set_int(answer, "manifest_version", r.d.version);
        json_set_string(answer, "schema_digest", r.d.schema_digest.hex);
        json_set_string(answer, "restored", r.drop->name);
    }
    schema_free(r.schema);
    drops_free(&r.drops);
    buf_free(&r.source);
    database_close(&r.d);
    return status;
}
