#include "graph/catalog.h"

#include "common/xalloc.h"
#include "graph/sql.h"

#include <stdlib.h>
#include <string.h>

struct schema *catalog_compile(const struct source *src, struct error *err)
{
    struct diags diags;
    diags_init(&diags);
    struct schema *schema = schema_compile(src, &diags);
    if (!schema) {
        jv first = jv_array_get(jv_copy(diags.list), 0);
        const char *message = json_peek_string(&first, "message");
        size_t line = message ? strcspn(message, "\n") : 0; /* the excerpt is left out */
        char more[48] = "";
        if (diags.errors > 1)
            snprintf(more, sizeof more, " (and %d more)", diags.errors - 1);
        bool catalog = json_string_is(&first, "code", "schema_catalog_error");
        error_set(err, catalog ? "schema_catalog_error" : "schema_parse_error",
                  "the schema does not compile: %.*s%s", (int)line, message ? message : "", more);
        jv_free(first);
    }
    diags_free(&diags);
    return schema;
}

static int compare_types(const void *a, const void *b)
{
    const struct catalog_type *x = a, *y = b;
    return strcmp(x->type->name, y->type->name);
}

static struct catalog_type *list_types(const struct schema *schema, enum schema_kind kind,
                                       size_t *count)
{
    const struct schema_type *const *types = schema_types(schema, kind, count);
    struct catalog_type *list = xcalloc(*count ? *count : 1, sizeof *list);
    for (size_t i = 0; i < *count; i++) {
        list[i].type = types[i];
        list[i].properties = xcalloc(types[i]->property_count ? types[i]->property_count : 1,
                                     sizeof *list[i].properties);
        for (size_t j = 0; j < types[i]->property_count; j++)
            list[i].properties[j].property = types[i]->properties[j];
    }
    if (*count)
        qsort(list, *count, sizeof *list, compare_types);
    return list;
}

/* A text against a name of known length, as strcmp. */
static int compare_name(const char *name, size_t len, const char *other)
{
    int order = strncmp(name, other, len);
    return order ? order : other[len] ? -1 : 0;
}

struct catalog_type *catalog_find(const struct catalog *catalog, enum schema_kind kind,
                                  const char *name, size_t len)
{
    struct catalog_type *list = kind == SCHEMA_NODE ? catalog->nodes : catalog->edges;
    size_t low = 0, high = kind == SCHEMA_NODE ? catalog->node_count : catalog->edge_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_name(name, len, list[middle].type->name);
        if (order == 0)
            return &list[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

size_t catalog_property_index(const struct schema_type *type, const char *name, size_t len)
{
    size_t low = 0, high = type->property_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct schema_property *p = type->by_name[middle];
        int order = compare_name(name, len, p->name);
        if (order == 0) {
            /* by_name gives the property, the caller wants its place in the declaration. */
            for (size_t i = 0; i < type->property_count; i++)
                if (type->properties[i] == p)
                    return i;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return type->property_count;
}

static bool damaged(const struct database *d, struct error *err, const char *what, const char *name)
{
    return error_set(err, NULL, "%s is damaged: its catalog does not know the %s %s",
                     d->root.location, what, name);
}

static bool read_types(struct database *d, struct catalog *catalog, struct error *err)
{
    sqlite3_stmt *stmt = sql_prepare(
        d->db, err, "SELECT id, kind, name, table_name FROM types WHERE dropped IS NULL");
    bool ok = stmt != NULL, row = true;
    while (ok && (ok = sql_step(stmt, &row, err)) && row) {
        enum schema_kind kind =
            strcmp(sql_column_text(stmt, 1), "node") == 0 ? SCHEMA_NODE : SCHEMA_EDGE;
        const char *name = sql_column_text(stmt, 2);
        struct catalog_type *type = catalog_find(catalog, kind, name, strlen(name));
        if (!type || type->table) {
            ok = error_set(err, NULL,
                           "%s is damaged: its catalog has a type %s that is not in the "
                           "schema",
                           d->root.location, name);
            break;
        }
        type->id = sqlite3_column_int64(stmt, 0);
        type->table = xstrdup(sql_column_text(stmt, 3));
    }
    (void)sqlite3_finalize(stmt); /* its steps were checked */
    return ok;
}

static bool read_properties(struct database *d, struct catalog_type *type, sqlite3_stmt *stmt,
                            struct error *err)
{
    if (!type->table)
        return damaged(d, err, "type", type->type->name);
    (void)sqlite3_bind_int64(stmt, 1, type->id); /* fails only for a wrong index */
    bool ok = true, row = true;
    while (ok && (ok = sql_step(stmt, &row, err)) && row) {
        const char *name = sql_column_text(stmt, 1);
        size_t at = catalog_property_index(type->type, name, strlen(name));
        if (at == type->type->property_count || type->properties[at].column) {
            ok = error_set(err, NULL,
                           "%s is damaged: its catalog has a property %s.%s that is not in the "
                           "schema",
                           d->root.location, type->type->name, name);
            break;
        }
        struct catalog_property *p = &type->properties[at];
        p->id = sqlite3_column_int64(stmt, 0);
        p->column = xstrdup(sql_column_text(stmt, 2));
        p->in_id = strcmp(p->column, "id") == 0;
    }
    (void)sqlite3_reset(stmt); /* its steps were checked */
    for (size_t i = 0; ok && i < type->type->property_count; i++)
        if (!type->properties[i].column)
            ok = damaged(d, err, "property", type->type->properties[i]->name);
    return ok;
}

bool catalog_read(struct database *d, struct catalog *catalog, struct error *err)
{
    struct source src = {"schema", buf_text(&d->schema), d->schema.len, "schema"};
    catalog->schema = catalog_compile(&src, err);
    if (!catalog->schema)
        return false;
    catalog->nodes = list_types(catalog->schema, SCHEMA_NODE, &catalog->node_count);
    catalog->edges = list_types(catalog->schema, SCHEMA_EDGE, &catalog->edge_count);
    if (!read_types(d, catalog, err))
        return false;
    sqlite3_stmt *stmt = sql_prepare(d->db, err,
                                     "SELECT id, name, column_name FROM properties"
                                     " WHERE type = ?1 AND dropped IS NULL");
    bool ok = stmt != NULL;
    for (size_t i = 0; ok && i < catalog->node_count; i++)
        ok = read_properties(d, &catalog->nodes[i], stmt, err);
    for (size_t i = 0; ok && i < catalog->edge_count; i++)
        ok = read_properties(d, &catalog->edges[i], stmt, err);
    (void)sqlite3_finalize(stmt); /* its steps were checked */
    return ok;
}

static void free_types(struct catalog_type *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < list[i].type->property_count; j++)
            free(list[i].properties[j].column);
        free(list[i].properties);
        free(list[i].table);
    }
    free(list);
}

void catalog_free(struct catalog *catalog)
{
    free_types(catalog->nodes, catalog->node_count);
    free_types(catalog->edges, catalog->edge_count);
    schema_free(catalog->schema);
    *catalog = (struct catalog)CATALOG_INIT;
}
