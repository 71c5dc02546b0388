#include "preview.h"

#include "common/address.h"
#include "common/driver.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct preview {
    struct doc *doc;
    const char *driver;
    const char *display; /* where the store is, in a form that drivers take */
    jv sources;
};

static char *graph_root(const char *display, const char *graph)
{
    size_t len = strlen(display);
    while (len > 0 && display[len - 1] == '/')
        len--;
    char *name = address_graph_root(graph);
    char *root = xasprintf("%.*s/%s", (int)len, display, name);
    free(name);
    return root;
}

static void unavailable(const struct preview *preview, const char *resource, const char *why)
{
    doc_warning(preview->doc, "schema_preview_unavailable", resource,
                "the migration of %s cannot be shown: %s; the plan is valid without it, and apply "
                "asks again before anything moves",
                resource, why);
}

static void ask(const struct preview *preview, jv *change, const char *graph)
{
    const char *resource = json_peek_string(change, "resource");
    const char *digest = json_peek_string(change, "after_digest");
    jv source = digest ? json_get(&preview->sources, digest) : jv_invalid();
    if (jv_get_kind(source) != JV_KIND_STRING) {
        unavailable(preview, resource, "the document does not hold its source");
        jv_free(source);
        return;
    }
    char *root = graph_root(preview->display, graph);
    struct driver_answer answer = driver_plan(preview->driver, root, jv_string_value(source),
                                              (size_t)jv_string_length_bytes(jv_copy(source)));
    if (answer.status == DRIVER_OK) {
        jv migration = jv_object();
        json_set(&migration, "supported", json_get(&answer.value, "supported"));
        json_set(&migration, "steps", json_get(&answer.value, "steps"));
        json_set(change, "migration", migration);
    } else {
        unavailable(preview, resource, answer.message);
    }
    driver_answer_clear(&answer);
    free(root);
    jv_free(source);
}

static void preview_change(const struct preview *preview, jv *change)
{
    struct address address;
    if (!json_string_is(change, "operation", "update") ||
        !address_parse(json_peek_string(change, "resource"), &address))
        return;
    if (address.kind == ADDRESS_SCHEMA)
        ask(preview, change, address.graph);
    address_clear(&address);
}

void preview_migrations(struct doc *doc)
{
    if (!doc_need(doc, "config") || !doc_need(doc, "store") || !doc_need(doc, "sources"))
        return;
    jv config = doc_peek(doc, "config");
    jv store = doc_peek(doc, "store");
    struct preview preview = {doc, json_peek_string(&config, "driver"),
                              json_peek_string(&store, "display"), doc_peek(doc, "sources")};
    jv changes = doc_take(doc, "changes");
    for (int i = 0, n = jv_array_length(jv_copy(changes)); i < n; i++) {
        jv change = jv_array_get(jv_copy(changes), i);
        preview_change(&preview, &change);
        changes = jv_array_set(changes, i, change);
    }
    doc_set(doc, "changes", changes);
    jv_free(preview.sources);
    jv_free(store);
    jv_free(config);
}
