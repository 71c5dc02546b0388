#include "resources.h"

#include "common/composite.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

void resources_init(struct resources *resources)
{
    resources->by_address = jv_object();
    resources->dependencies = jv_object();
    resources->sources = jv_object();
}

void resources_clear(struct resources *resources)
{
    jv_free(resources->by_address);
    jv_free(resources->dependencies);
    jv_free(resources->sources);
    resources->by_address = resources->dependencies = resources->sources = jv_null();
}

static jv make(const char *address, enum address_kind kind)
{
    jv resource = jv_object();
    json_set_string(&resource, "address", address);
    json_set_string(&resource, "kind", address_kind_name(kind));
    return resource;
}

void resources_add(struct resources *resources, const char *address, enum address_kind kind,
                   const struct source_file *file, const char *path)
{
    jv resource = make(address, kind);
    json_set_string(&resource, "digest", file->digest.hex);
    json_set_string(&resource, "path", path);
    json_set(&resources->by_address, address, resource);
    if (!json_has(&resources->sources, file->digest.hex))
        json_set(&resources->sources, file->digest.hex,
                 jv_string_sized(buf_text(&file->text), (int)file->text.len));
}

void resources_add_graph(struct resources *resources, const char *id)
{
    char *address = address_graph(id);
    json_set(&resources->by_address, address, make(address, ADDRESS_GRAPH));
    free(address);
}

void resources_set_applies_to(struct resources *resources, const char *address,
                              char *const *applies_to, size_t n)
{
    jv resource = json_take(&resources->by_address, address);
    jv list = jv_array();
    for (size_t i = 0; i < n; i++)
        list = jv_array_append(list, jv_string(applies_to[i]));
    json_set(&resource, "applies_to", list);
    json_set(&resources->by_address, address, resource);
}

void resources_depend(struct resources *resources, const char *from, const char *to)
{
    jv dependency = jv_object();
    json_set_string(&dependency, "from", from);
    json_set_string(&dependency, "to", to);
    char *key = xasprintf("%s\n%s", from, to); /* sorts by from, then to */
    json_set(&resources->dependencies, key, dependency);
    free(key);
}

/* The values of an object in the order of its keys. Consumes. */
static jv values_in_order(jv object)
{
    jv keys = json_sorted_keys(&object);
    jv values = jv_array();
    for (int i = 0, n = jv_array_length(jv_copy(keys)); i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        values = jv_array_append(values, json_get(&object, jv_string_value(key)));
        jv_free(key);
    }
    jv_free(keys);
    jv_free(object);
    return values;
}

static void append_covered(const jv *list, struct buf *covered)
{
    for (int i = 0, n = jv_array_length(jv_copy(*list)); i < n; i++) {
        jv resource = jv_array_get(jv_copy(*list), i);
        const char *address = json_peek_string(&resource, "address");
        const char *digest = json_peek_string(&resource, "digest");
        buf_append(covered, address, strlen(address) + 1);
        buf_append(covered, digest, strlen(digest) + 1);
        jv_free(resource);
    }
}

void resources_into(struct resources *resources, struct doc *doc, struct buf *covered)
{
    composite_refresh_all(&resources->by_address);
    jv list = values_in_order(resources->by_address);
    append_covered(&list, covered);
    doc_set(doc, "resources", list);
    doc_set(doc, "dependencies", values_in_order(resources->dependencies));
    doc_set(doc, "sources", resources->sources);
    resources_init(resources);
}
