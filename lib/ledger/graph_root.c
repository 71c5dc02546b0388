#include "ledger/graph_root.h"

#include "common/address.h"
#include "common/failpoint.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

char *graph_root_location(const struct store *store, const char *graph)
{
    char *root = address_graph_root(graph);
    char *location = store_location(store, root);
    free(root);
    return location;
}

/* The root as the name of a folder. To be freed. */
static char *folder_of(const char *graph)
{
    char *root = address_graph_root(graph);
    char *folder = xasprintf("%s/", root);
    free(root);
    return folder;
}

enum store_status graph_root_exists(struct store *store, const char *graph, bool *exists,
                                    struct error *err)
{
    char *folder = folder_of(graph);
    enum store_status status = store_exists(store, folder, exists, err);
    free(folder);
    return status;
}

/* What a commit swaps in a bucket (chapter "In a bucket" of cluster-graph(1)). To be freed. */
static char *manifest_of(const char *folder)
{
    return xasprintf("%smanifest.json", folder);
}

enum store_status graph_root_look(struct store *store, const char *graph,
                                  struct graph_root_content *content, struct error *err)
{
    if (!store_is_remote(store))
        return STORE_OK;
    char *folder = folder_of(graph), *manifest = manifest_of(folder);
    struct buf ignored = BUF_INIT;
    /* The manifest first: a snapshot that comes after it belongs to a commit that will move it. */
    enum store_status status = store_get(store, manifest, &ignored, &content->manifest, err);
    if (status == STORE_NOT_FOUND) {
        error_clear(err);
        content->manifest.text[0] = '\0';
        status = STORE_OK;
    }
    if (status == STORE_OK)
        status = store_list(store, folder, &content->names, err);
    buf_free(&ignored);
    free(manifest);
    free(folder);
    return status;
}

/* All that was seen but the manifest. */
static enum store_status delete_others(struct store *store, const char *manifest,
                                       const struct store_names *names, struct error *err)
{
    struct store_item *items = xcalloc(names->n + 1, sizeof *items);
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->names[i], manifest) != 0)
            items[n++].name = names->names[i];
    enum store_status status = store_delete_many(store, items, n);
    for (size_t i = 0; i < n; i++)
        if (items[i].status == status && status != STORE_OK) {
            error_set(err, NULL, "%s", error_text(&items[i].err));
            break;
        }
    store_items_clear(items, n);
    free(items);
    return status;
}

static enum store_status delete_seen(struct store *store, const char *folder,
                                     const struct graph_root_content *content, struct error *err)
{
    char *manifest = manifest_of(folder);
    enum store_status status = STORE_OK;
    bool left = false;
    if (*content->manifest.text)
        status = store_delete_if_match(store, manifest, &content->manifest, err);
    if (status == STORE_NOT_FOUND) { /* another was quicker */
        error_clear(err);
        status = STORE_OK;
    }
    if (status == STORE_OK)
        status = delete_others(store, manifest, &content->names, err);
    if (status == STORE_OK)
        status = store_exists(store, folder, &left, err);
    if (left) {
        char *location = store_location(store, folder);
        error_set(err, NULL,
                  "%s: something was written there meanwhile, and stays; run apply again",
                  location);
        free(location);
        status = STORE_CONFLICT;
    }
    free(manifest);
    return status;
}

enum store_status graph_root_delete(struct store *store, const char *graph,
                                    const struct graph_root_content *content, struct error *err)
{
    char *folder = folder_of(graph);
    enum store_status status = STORE_UNAVAILABLE;
    if (FAILPOINT("cluster_apply.before_root_removal", err))
        status = store_is_remote(store) ? delete_seen(store, folder, content, err)
                                        : store_delete_prefix(store, folder, err);
    free(folder);
    return status;
}

void graph_root_content_clear(struct graph_root_content *content)
{
    store_names_free(&content->names);
}
