#include "common/xalloc.h"
#include "graph/catalog.h"
#include "graph/graph.h"
#include "graph/pgtext.h"
#include "graph/rekey.h"
#include "graph/sql.h"
#include "graph/tables.h"
#include "lang/migration.h"

#include <stdlib.h>
#include <string.h>

/* A migration under way: the graph as it is, and as it is wanted. */
struct migration {
    struct database d;
    struct schema *accepted;
    struct schema *desired;
    jv plan;
};

#define MIGRATION_INIT             \
    {                              \
        DATABASE_INIT, NULL, NULL, \
        {                          \
            0                      \
        }                          \
    }

static void migration_clear(struct migration *m)
{
    jv_free(m->plan);
    schema_free(m->accepted);
    schema_free(m->desired);
    database_close(&m->d);
}

static enum graph_status migration_start(struct migration *m, const char *root,
                                         enum database_mode mode, const struct source *schema,
                                         struct error *err)
{
    m->plan = jv_invalid();
    enum graph_status status = database_open(root, mode, &m->d, err);
    if (status == GRAPH_OK)
        status = database_begin(&m->d, err);
    if (status != GRAPH_OK)
        return status;
    m->desired = catalog_compile(schema, err);
    if (!m->desired)
        return GRAPH_FAILED;
    struct source accepted = {"schema", buf_text(&m->d.schema), m->d.schema.len, "schema"};
    m->accepted = catalog_compile(&accepted, err);
    if (!m->accepted) {
        error_prefix(err, "%s is damaged", root);
        return GRAPH_CANNOT_OPEN;
    }
    m->plan = migration_plan(m->accepted, m->desired);
    return GRAPH_OK;
}

enum graph_status graph_plan(const char *root, const struct source *schema, jv *answer,
                             struct error *err)
{
    struct migration m = MIGRATION_INIT;
    enum graph_status status = migration_start(&m, root, DATABASE_READ, schema, err);
    if (status == GRAPH_OK && !database_unchanged(&m.d, err))
        status = GRAPH_FAILED;
    if (status == GRAPH_OK)
        *answer = jv_copy(m.plan);
    migration_clear(&m);
    return status;
}

static enum schema_kind kind_of(const char *word)
{
    return strcmp(word, "node") == 0   ? SCHEMA_NODE
           : strcmp(word, "edge") == 0 ? SCHEMA_EDGE
                                       : SCHEMA_INTERFACE;
}

/* What a type was called before this migration. */
static const struct schema_type *accepted_type(const struct migration *m, enum schema_kind kind,
                                               const char *name)
{
    const struct schema_type *type = schema_find(m->accepted, kind, name);
    const struct schema_type *desired = schema_find(m->desired, kind, name);
    return type || !desired || !desired->rename_from
               ? type
               : schema_find(m->accepted, kind, desired->rename_from);
}

static bool drop_type(struct migration *m, enum schema_kind kind, const char *name,
                      struct error *err)
{
    const struct schema_type *type = schema_find(m->accepted, kind, name);
    if (!type)
        return error_set(err, NULL, "the plan drops %s, which is not there", name);
    jv text = pgtext_type(type);
    struct buf declaration = BUF_INIT;
    json_write_canonical(&text, &declaration);
    bool ok = tables_drop_type(&m->d, kind, name, buf_text(&declaration), err);
    buf_free(&declaration);
    jv_free(text);
    return ok;
}

static bool drop_property(struct migration *m, enum schema_kind kind, const char *type_name,
                          const char *name, struct error *err)
{
    const struct schema_type *type = accepted_type(m, kind, type_name);
    const struct schema_property *property = type ? schema_type_property(type, name) : NULL;
    if (!property)
        return error_set(err, NULL, "the plan drops %s.%s, which is not there", type_name, name);
    struct buf declaration = BUF_INIT;
    pgtext_property(type, property, &declaration);
    bool ok = tables_drop_property(&m->d, kind, type_name, name, buf_text(&declaration), err);
    buf_free(&declaration);
    return ok;
}

static bool add_property(struct migration *m, enum schema_kind kind, const char *type_name,
                         const char *name, struct error *err)
{
    const struct schema_type *type = schema_find(m->desired, kind, type_name);
    const struct schema_property *property = type ? schema_type_property(type, name) : NULL;
    if (!property)
        return error_set(err, NULL, "the plan adds %s.%s, which the schema does not have",
                         type_name, name);
    return tables_add_property(&m->d, kind, type_name, property, err);
}

/* Nodes that are there cannot have edges of a type that is only being added. */
static bool least_holds(struct migration *m, const struct schema_type *edge, struct error *err)
{
    char *table = NULL;
    int64_t found = 0;
    bool ok = tables_find(&m->d, SCHEMA_NODE, edge->from->name, &table, err) &&
              sql_integer(m->d.db, 0, &found, err, "SELECT 1 FROM \"%w\" LIMIT 1", table);
    free(table);
    if (ok && found)
        return error_set(err, NULL,
                         "there are nodes of type %s already, and each would need at least %lld %s "
                         "by its @card; add the edge with a minimum of 0",
                         edge->from->name, (long long)edge->card_min, edge->name);
    return ok;
}

static bool add_type(struct migration *m, enum schema_kind kind, const char *name,
                     struct error *err)
{
    const struct schema_type *type = schema_find(m->desired, kind, name);
    if (!type)
        return error_set(err, NULL, "the plan adds %s, which the schema does not have", name);
    if (kind == SCHEMA_EDGE && type->card_min > 0 && !least_holds(m, type, err))
        return false;
    return tables_add_type(&m->d, type, err);
}

/* A text of a step, "" if it has none. */
static const char *text_of(const jv *step, const char *key)
{
    const char *text = json_peek_string(step, key);
    return text ? text : "";
}

/* Interfaces have no tables; metadata, enum words and ranges are checked by what the schema says;
 * indexes are built at the end, by what it says too. */
static bool execute_step(struct migration *m, const jv *step, struct error *err)
{
    const char *what = text_of(step, "kind");
    enum schema_kind kind = kind_of(text_of(step, "type_kind"));
    const char *type = text_of(step, "type_name");
    if (kind == SCHEMA_INTERFACE || strcmp(what, "update_type_metadata") == 0 ||
        strcmp(what, "update_property_metadata") == 0 || strcmp(what, "extend_enum") == 0 ||
        strcmp(what, "add_constraint") == 0)
        return true;
    if (strcmp(what, "add_type") == 0)
        return add_type(m, kind, text_of(step, "name"), err);
    if (strcmp(what, "rename_type") == 0)
        return tables_rename_type(&m->d, kind, text_of(step, "from"), text_of(step, "to"), err);
    if (strcmp(what, "drop_type") == 0)
        return drop_type(m, kind, text_of(step, "name"), err);
    if (strcmp(what, "add_property") == 0)
        return add_property(m, kind, type, text_of(step, "property_name"), err);
    if (strcmp(what, "rename_property") == 0)
        return tables_rename_property(&m->d, kind, type, text_of(step, "from"), text_of(step, "to"),
                                      err);
    if (strcmp(what, "drop_property") == 0)
        return drop_property(m, kind, type, text_of(step, "property_name"), err);
    return error_set(err, NULL, "the plan has a step that is not known here: %s", what);
}

/* What a property of the desired type is called in the accepted one, as the plan sees it. */
static const char *accepted_name(const struct schema_type *old, const struct schema_type *new,
                                 const char *name)
{
    const struct schema_property *p = schema_type_property(new, name);
    return schema_type_property(old, name) || !p || !p->rename_from ? name : p->rename_from;
}

/* The order of a key's names means nothing in the language, but it does in ids. */
static bool follow_key(struct migration *m, const struct schema_type *type, struct error *err)
{
    const struct schema_type *old = accepted_type(m, SCHEMA_NODE, type->name);
    if (!old || !old->key || !type->key || type->key->name_count != old->key->name_count)
        return true;
    size_t n = type->key->name_count;
    size_t *order = xcalloc(n, sizeof *order);
    bool same = true;
    for (size_t i = 0; i < n; i++) {
        const char *name = accepted_name(old, type, type->key->names[i]);
        for (size_t j = 0; j < n; j++)
            if (strcmp(old->key->names[j], name) == 0)
                order[i] = j;
        same = same && order[i] == i;
    }
    bool ok = same || rekey_nodes(&m->d, type->name, order, n, err);
    free(order);
    return ok;
}

static bool follow_keys(struct migration *m, struct error *err)
{
    size_t n;
    const struct schema_type *const *types = schema_types(m->desired, SCHEMA_NODE, &n);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = follow_key(m, types[i], err);
    return ok;
}

static bool execute(struct migration *m, const jv *steps, struct error *err)
{
    int n = jv_array_length(jv_copy(*steps));
    bool ok = true;
    for (int i = 0; ok && i < n; i++) {
        jv step = jv_array_get(jv_copy(*steps), i);
        ok = execute_step(m, &step, err);
        jv_free(step);
    }
    return ok && follow_keys(m, err) && tables_index(&m->d, m->desired, err);
}

/* What was made must be what the schema says, or every later call would fail on it. */
static bool verify(struct migration *m, struct error *err)
{
    struct catalog catalog = CATALOG_INIT;
    bool ok = catalog_read(&m->d, &catalog, err);
    catalog_free(&catalog);
    return ok;
}

static enum graph_status carry_out(struct migration *m, const struct source *schema,
                                   const char *actor, struct error *err)
{
    struct digest digest = digest_of(schema->text, schema->len);
    if (strcmp(digest.hex, m->d.schema_digest.hex) == 0)
        return GRAPH_OK; /* the graph has this very source: nothing to record */
    jv steps = json_get(&m->plan, "steps");
    struct commit commit = {
        .operation = "apply", .actor = actor, .steps = jv_array_length(jv_copy(steps))};
    enum graph_status status = GRAPH_FAILED;
    if (execute(m, &steps, err)) {
        database_set_schema(&m->d, schema->text, schema->len);
        if (verify(m, err))
            status = database_commit(&m->d, &commit, err);
    }
    jv_free(steps);
    return status;
}

/* The first unsupported change, and how many more there are. */
static void explain_unsupported(const jv *plan, struct error *err)
{
    jv steps = json_get(plan, "steps");
    int n = jv_array_length(jv_copy(steps)), found = 0;
    struct buf text = BUF_INIT;
    for (int i = 0; i < n; i++) {
        jv step = jv_array_get(jv_copy(steps), i);
        if (json_string_is(&step, "kind", "unsupported_change") && found++ == 0) {
            const char *code = json_peek_string(&step, "code");
            buf_printf(&text, "%s: %s%s%s%s", text_of(&step, "entity"), text_of(&step, "reason"),
                       code ? " (" : "", code ? code : "", code ? ")" : "");
        }
        jv_free(step);
    }
    if (found > 1)
        buf_printf(&text, " (and %d more)", found - 1);
    error_set(err, NULL, "the schema change is not supported: %s", buf_text(&text));
    buf_free(&text);
    jv_free(steps);
}

enum graph_status graph_apply(const char *root, const struct source *schema, const char *actor,
                              jv *answer, struct error *err)
{
    struct migration m = MIGRATION_INIT;
    enum graph_status status = migration_start(&m, root, DATABASE_WRITE, schema, err);
    bool supported = status == GRAPH_OK && json_peek_bool(&m.plan, "supported", false);
    if (status == GRAPH_OK && !supported) {
        explain_unsupported(&m.plan, err);
        status = GRAPH_FAILED;
        *answer = jv_copy(m.plan);
        json_set_bool(answer, "applied", false);
        json_set_int(answer, "manifest_version", m.d.version);
    } else if (status == GRAPH_OK) {
        status = carry_out(&m, schema, actor, err);
        if (status == GRAPH_OK) {
            *answer = jv_copy(m.plan);
            json_set_bool(answer, "applied", true);
            json_set_int(answer, "manifest_version", m.d.version);
        }
    }
    migration_clear(&m);
    return status;
}
