#include "common/composite.h"

#include "common/address.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void add(struct digest_state *state, const char *text)
{
    digest_add(state, text, strlen(text) + 1);
}

static void add_head(struct digest_state *state, const char *graph, const jv *resources)
{
    char *schema_address = address_schema(graph);
    jv schema = json_get(resources, schema_address);
    const char *digest = json_peek_string(&schema, "digest");
    add(state, "graph");
    add(state, graph);
    add(state, "schema");
    add(state, digest ? digest : "");
    jv_free(schema);
    free(schema_address);
}

/* Adds the queries of `graph` that stand in keys (sorted) from index `at` on; returns the index
 * after the last. */
static int add_queries(struct digest_state *state, const char *graph, const jv *resources,
                       const jv *keys, int at)
{
    char *prefix = xasprintf("query.%s.", graph);
    size_t prefix_len = strlen(prefix);
    int n = jv_array_length(jv_copy(*keys));
    for (; at < n; at++) {
        jv key = jv_array_get(jv_copy(*keys), at);
        const char *address = jv_string_value(key);
        bool ours = strncmp(address, prefix, prefix_len) == 0;
        if (ours) {
            jv entry = json_get(resources, address);
            const char *digest = json_peek_string(&entry, "digest");
            add(state, "query");
            add(state, address + prefix_len);
            add(state, digest ? digest : "");
            jv_free(entry);
        }
        jv_free(key);
        if (!ours)
            break;
    }
    free(prefix);
    return at;
}

/* The first index whose key is not below `prefix`. */
static int lower_bound(const jv *keys, const char *prefix)
{
    int low = 0, high = jv_array_length(jv_copy(*keys));
    while (low < high) {
        int mid = low + (high - low) / 2;
        jv key = jv_array_get(jv_copy(*keys), mid);
        if (strcmp(jv_string_value(key), prefix) < 0)
            low = mid + 1;
        else
            high = mid;
        jv_free(key);
    }
    return low;
}

static struct digest composite(const char *graph, const jv *resources, const jv *keys)
{
    struct digest_state *state = digest_begin();
    add_head(state, graph, resources);
    char *prefix = xasprintf("query.%s.", graph);
    add_queries(state, graph, resources, keys, lower_bound(keys, prefix));
    free(prefix);
    return digest_end(state);
}

struct digest composite_of(const char *graph, const jv *resources)
{
    jv keys = json_sorted_keys(resources);
    struct digest digest = composite(graph, resources, &keys);
    jv_free(keys);
    return digest;
}

void composite_refresh_all(jv *resources)
{
    jv keys = json_sorted_keys(resources);
    int n = jv_array_length(jv_copy(keys));
    for (int i = lower_bound(&keys, "graph."); i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        const char *address = jv_string_value(key);
        bool is_graph = strncmp(address, "graph.", 6) == 0;
        if (is_graph) {
            struct digest digest = composite(address + 6, resources, &keys);
            jv entry = json_take(resources, address);
            json_set_string(&entry, "digest", digest.hex);
            json_set(resources, address, entry);
        }
        jv_free(key);
        if (!is_graph)
            break;
    }
    jv_free(keys);
}
