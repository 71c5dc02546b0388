#include "graph/bucket_root.h"

#include "common/failpoint.h"
#include "common/xalloc.h"
#include "graph/bucket_cache.h"
#include "graph/bucket_file.h"
#include "graph/bucket_manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bucket_root {
    struct store *store;
    struct cache cache;
    struct manifest manifest;   /* what was opened; version 0 while the graph is being made */
    struct cache_entry entry;   /* a reader's snapshot */
    struct workspace workspace; /* a writer's */
    int64_t version;            /* of a new graph */
    struct digest copied;       /* the snapshot that the writer started from */
    char *own_file;             /* the writer's database, once it is published as … */
    struct digest own;          /* … this snapshot */
};

/* A manifest that names a snapshot which a cleanup has just removed is read again this often. */
enum { MAX_ROUNDS = 8 };

bool bucket_root_is(const char *location)
{
    return strncmp(location, "s3://", 5) == 0;
}

/* The exit status for an operation of the store that only read. */
static enum graph_status status_of(enum store_status status)
{
    return status == STORE_OK            ? GRAPH_OK
           : status == STORE_UNAVAILABLE ? GRAPH_FAILED
                                         : GRAPH_CANNOT_OPEN;
}

/* Opens the store, which touches nothing, and the cache. */
static enum graph_status start(const char *location, struct root *root, struct error *err)
{
    struct bucket_root *bucket = xcalloc(1, sizeof *bucket);
    bucket->entry = (struct cache_entry)CACHE_ENTRY_INIT;
    bucket->workspace = (struct workspace)WORKSPACE_INIT;
    manifest_init(&bucket->manifest);
    root->bucket = bucket;
    root->location = xstrdup(location);
    if (store_open(location, &bucket->store, err) != STORE_OK)
        return GRAPH_CANNOT_OPEN;
    return cache_open(&bucket->cache, err) ? GRAPH_OK : GRAPH_FAILED;
}

void bucket_root_close(struct bucket_root *bucket)
{
    if (!bucket)
        return;
    if (bucket->own_file) {
        cache_adopt(&bucket->cache, bucket->own_file, &bucket->own);
        if (bucket->copied.hex[0])
            (void)cache_evict(&bucket->cache, &bucket->copied); /* unless it is being read */
    }
    free(bucket->own_file);
    cache_let_go(&bucket->entry);
    workspace_close(&bucket->workspace);
    cache_close(&bucket->cache);
    manifest_clear(&bucket->manifest);
    if (bucket->store)
        store_close(bucket->store);
    free(bucket);
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether anything is there that did not come from an init that died: a snapshot, or what the store
 * leaves when it tries what the server can do. */
static enum store_status look_for_others(struct store *store, bool *others, struct error *err)
{
    struct store_names names = {0};
    *others = false;
    enum store_status status = store_list(store, "", &names, err);
    for (size_t i = 0; i < names.n; i++)
        *others = *others || !(starts_with(names.names[i], SNAPSHOT_PREFIX) ||
                               starts_with(names.names[i], "__cluster/probe-"));
    store_names_free(&names);
    return status;
}

/* There is no manifest. */
static enum graph_status explain_missing(struct store *store, const char *location,
                                         struct error *err)
{
    bool others;
    enum store_status status = look_for_others(store, &others, err);
    if (status != STORE_OK)
        return status_of(status);
    if (others) {
        error_set(err, NULL, "%s is no graph: it has no %s", location, MANIFEST_NAME);
        return GRAPH_CANNOT_OPEN;
    }
    error_set(err, NULL, "there is no graph at %s", location);
    return GRAPH_NONE;
}

/* Reads the manifest and gets hold of the snapshot that it names. */
static enum graph_status hold_snapshot(struct bucket_root *bucket, const char *location,
                                       struct error *err)
{
    struct manifest *manifest = &bucket->manifest;
    enum store_status status = STORE_NOT_FOUND;
    for (int round = 0; status == STORE_NOT_FOUND && round < MAX_ROUNDS; round++) {
        struct digest missed = manifest->snapshot;
        error_clear(err);
        status = manifest_read(bucket->store, manifest, err);
        if (status == STORE_NOT_FOUND) {
            error_clear(err);
            return explain_missing(bucket->store, location, err);
        }
        if (status != STORE_OK)
            return status_of(status);
        if (round > 0 && strcmp(missed.hex, manifest->snapshot.hex) == 0)
            break; /* it is missed for good */
        if (!FAILPOINT("cluster_graph.before_snapshot_fetch", err))
            return GRAPH_FAILED;
        status =
            cache_hold(&bucket->cache, bucket->store, &manifest->snapshot, &bucket->entry, err);
    }
    if (status == STORE_NOT_FOUND || (status == STORE_OK && !bucket->entry.file)) {
        error_clear(err);
        error_set(err, NULL, "%s is damaged: its manifest names a snapshot that is not there",
                  location);
        return GRAPH_CANNOT_OPEN;
    }
    return status_of(status);
}

/* A writer's database: in a workspace, a copy of the snapshot that is held, or nothing yet. */
static bool make_own(struct root *root, struct error *err)
{
    struct bucket_root *bucket = root->bucket;
    if (!workspace_open(&bucket->cache, &bucket->workspace, err))
        return false;
    root->directory = xstrdup(bucket->workspace.directory);
    root->file = xasprintf("%s/graph.db", root->directory);
    if (!bucket->entry.file)
        return true;
    bool ok = bucket_file_copy(bucket->entry.file, root->file, err);
    bucket->copied = bucket->manifest.snapshot;
    cache_let_go(&bucket->entry);
    return ok;
}

enum graph_status bucket_root_open(const char *location, enum root_use use, struct root *root,
                                   struct error *err)
{
    enum graph_status status = start(location, root, err);
    if (status == GRAPH_OK)
        status = hold_snapshot(root->bucket, location, err);
    if (status == GRAPH_OK && use == ROOT_WRITE) {
        status = make_own(root, err) ? GRAPH_OK : GRAPH_FAILED;
    } else if (status == GRAPH_OK) {
        root->file = xstrdup(root->bucket->entry.file);
        root->directory = xstrdup(root->bucket->cache.directory);
    }
    if (status != GRAPH_OK)
        root_clear(root);
    return status;
}

static bool is_free(struct store *store, const char *location, struct error *err)
{
    bool others, exists;
    if (store_exists(store, "", &exists, err) != STORE_OK)
        return false;
    if (!exists)
        return true;
    struct buf manifest = BUF_INIT;
    enum store_status status = store_get(store, MANIFEST_NAME, &manifest, NULL, err);
    buf_free(&manifest);
    if (status == STORE_OK)
        return error_set(err, NULL, "there is a graph at %s already", location);
    error_clear(err);
    return look_for_others(store, &others, err) == STORE_OK &&
           (!others ||
            error_set(err, NULL, "%s is not empty; name a new place for the graph", location));
}

enum graph_status bucket_root_create(const char *location, struct root *root, struct error *err)
{
    bool ok = start(location, root, err) == GRAPH_OK &&
              is_free(root->bucket->store, location, err) && make_own(root, err);
    if (!ok)
        root_clear(root);
    return ok ? GRAPH_OK : GRAPH_FAILED;
}

static bool upload(struct store *store, const char *file, struct digest *snapshot,
                   struct error *err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, NULL, "cannot open %s: %s", file, strerror(errno));
    bool ok = bucket_file_digest(fd, snapshot, err) || error_prefix(err, "%s", file);
    if (ok) {
        char *name = snapshot_name(snapshot);
        ok = store_put_file(store, name, fd, err) == STORE_OK;
        free(name);
    }
    (void)close(fd); /* it was only read */
    return ok;
}

/* Nobody will ever need it; what stays is garbage for a cleanup. */
static void discard(struct store *store, const struct digest *snapshot)
{
    char *name = snapshot_name(snapshot);
    struct error ignored = ERROR_INIT;
    (void)store_delete(store, name, &ignored);
    error_clear(&ignored);
    free(name);
}

static enum graph_status commit(struct root *root, int64_t version, struct error *err)
{
    struct bucket_root *bucket = root->bucket;
    struct digest snapshot;
    if (!upload(bucket->store, root->file, &snapshot, err))
        return GRAPH_FAILED;
    enum graph_status status = GRAPH_FAILED;
    if (FAILPOINT("cluster_graph.before_manifest_swap", err))
        status = manifest_commit(bucket->store, &bucket->manifest, version, &snapshot, err);
    if (status == GRAPH_FAILED)
        discard(bucket->store, &snapshot);
    if (status != GRAPH_OK)
        return status;
    bucket->own_file = xstrdup(root->file);
    bucket->own = snapshot;
    return FAILPOINT("cluster_graph.after_manifest_swap", err) ? GRAPH_OK : GRAPH_UNKNOWN;
}

enum graph_status bucket_root_publish(struct root *root, int64_t version, struct error *err)
{
    if (root->bucket->manifest.version > 0)
        return commit(root, version, err);
    root->bucket->version = version; /* bucket_root_finish() is to come */
    return GRAPH_OK;
}

enum graph_status bucket_root_finish(struct root *root, struct error *err)
{
    return commit(root, root->bucket->version, err);
}

/* The snapshots of the list that the manifest does not name, as things to delete. */
static struct store_item *unreferenced(const struct store_names *names,
                                       const struct manifest *manifest, size_t *n)
{
    char *current = snapshot_name(&manifest->snapshot);
    struct store_item *items = xcalloc(names->n + 1, sizeof *items);
    *n = 0;
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->names[i], current) != 0)
            items[(*n)++].name = names->names[i];
    free(current);
    return items;
}

/*
 * A snapshot that nobody names may be one that a writer has just uploaded and is about to name. So
 * the list comes first, then the fence: a writer whose snapshot is in the list started from an
 * older manifest, and his swap fails now. STORE_CONFLICT: begin again.
 */
static enum store_status sweep_once(struct bucket_root *bucket, bool confirm, int64_t *snapshots,
                                    struct error *err)
{
    struct store_names names = {0};
    struct store_item *items = NULL;
    size_t n = 0;
    enum store_status status = store_list(bucket->store, SNAPSHOT_PREFIX, &names, err);
    if (status == STORE_OK)
        status = manifest_read(bucket->store, &bucket->manifest, err);
    if (status != STORE_OK)
        goto out;
    items = unreferenced(&names, &bucket->manifest, &n);
    *snapshots = (int64_t)n;
    if (!confirm || n == 0)
        goto out;
    status = manifest_fence(bucket->store, &bucket->manifest, err);
    if (status == STORE_OK && (status = store_delete_many(bucket->store, items, n)) != STORE_OK)
        for (size_t i = 0; i < n && !(err && err->message); i++)
            if (items[i].status != STORE_OK)
                error_set(err, NULL, "%s", error_text(&items[i].err));
    store_items_clear(items, n);
out:
    free(items);
    store_names_free(&names);
    return status;
}

enum graph_status bucket_root_sweep(struct root *root, bool confirm, int64_t *snapshots,
                                    struct error *err)
{
    enum store_status status = STORE_CONFLICT;
    for (int round = 0; status == STORE_CONFLICT && round < MAX_ROUNDS; round++) {
        error_clear(err);
        status = sweep_once(root->bucket, confirm, snapshots, err);
    }
    return status == STORE_OK ? GRAPH_OK : GRAPH_FAILED;
}
