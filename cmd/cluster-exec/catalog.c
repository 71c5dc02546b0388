/* Publishing the content-addressed blobs of queries and policies, before the ledger names them. */
#include "common/failpoint.h"
#include "common/progress.h"
#include "common/xalloc.h"
#include "exec.h"

#include <stdlib.h>
#include <string.h>

/* So many blobs go out at once: enough to keep a bucket busy, few enough to check in memory. */
enum { BATCH = 256 };

/* One blob to publish. The text belongs to exec->sources, and was re-hashed by checks.c. */
struct blob {
    struct change *change;
    char *name;
    const char *text;
    size_t len;
};

static struct blob *list_blobs(struct exec *exec, size_t *n)
{
    struct blob *blobs = xcalloc(exec->n + 1, sizeof *blobs);
    *n = 0;
    for (size_t i = 0; i < exec->n; i++) {
        struct change *change = &exec->changes[i];
        if (!change_publishes(change) ||
            (change->address.kind != ADDRESS_QUERY && change->address.kind != ADDRESS_POLICY))
            continue;
        jv text = json_get(&exec->sources, change->after);
        blobs[(*n)++] =
            (struct blob){change, address_blob_name(&change->address, change->after),
                          jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text))};
        jv_free(text); /* the sources still hold it */
    }
    return blobs;
}

static bool write_failed(struct exec *exec, const struct blob *blob, const struct error *err)
{
    return exec_abort(exec, "resource_payload_write_error", blob->change->resource,
                      "the catalog blob of %s cannot be written: %s; the ledger was not changed, "
                      "apply again",
                      blob->change->resource, error_text(err));
}

/* A blob of that name was there. Good, if it holds what its name says; else it is replaced. */
static bool settle_existing(struct exec *exec, const struct blob *blob,
                            const struct store_item *existing)
{
    const struct buf *got = &existing->got;
    if (existing->status == STORE_OK && got->len == blob->len &&
        memcmp(buf_text(got), blob->text, blob->len) == 0)
        return true;
    if (existing->status != STORE_OK && existing->status != STORE_NOT_FOUND)
        return write_failed(exec, blob, &existing->err);
    struct error err = ERROR_INIT;
    bool ok = store_put(exec->store, blob->name, blob->text, blob->len, &err) == STORE_OK;
    if (!ok)
        (void)write_failed(exec, blob, &err);
    else if (existing->status == STORE_OK)
        doc_warning(exec->doc, "catalog_payload_mismatch", blob->change->resource,
                    "the catalog blob %s held something else than its name says and was replaced",
                    blob->name);
    error_clear(&err);
    return ok;
}

static bool verify_existing(struct exec *exec, const struct blob *const *blobs, size_t n)
{
    struct store_item *items = xcalloc(n + 1, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i].name = blobs[i]->name;
    (void)store_get_many(exec->store, items, n); /* each item tells for itself */
    bool ok = true;
    for (size_t i = 0; i < n; i++)
        ok = settle_existing(exec, blobs[i], &items[i]) && ok;
    store_items_clear(items, n);
    free(items);
    return ok;
}

static bool publish_batch(struct exec *exec, const struct blob *blobs, size_t n)
{
    struct store_item *items = xcalloc(n, sizeof *items);
    const struct blob **existing = xcalloc(n, sizeof(struct blob *));
    size_t n_existing = 0;
    for (size_t i = 0; i < n; i++) {
        items[i].name = blobs[i].name;
        items[i].data = blobs[i].text;
        items[i].len = blobs[i].len;
    }
    (void)store_put_many_if_absent(exec->store, items, n); /* each item tells for itself */
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        if (items[i].status == STORE_CONFLICT)
            existing[n_existing++] = &blobs[i];
        else if (items[i].status != STORE_OK)
            ok = write_failed(exec, &blobs[i], &items[i].err);
    }
    ok = ok && verify_existing(exec, existing, n_existing);
    store_items_clear(items, n);
    free(items);
    free(existing);
    return ok;
}

/* Each blob stands for itself, so those that are not published are left for the next run. */
static void leave_out(const struct blob *blobs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        change_block(blobs[i].change, "skipped_after_failure", NULL);
}

bool catalog_publish(struct exec *exec)
{
    size_t n;
    struct blob *blobs = list_blobs(exec, &n);
    bool ok = true;
    for (size_t at = 0; ok && at < n; at += BATCH) {
        size_t count = n - at < BATCH ? n - at : BATCH;
        if (exec_interrupted(exec)) {
            leave_out(blobs + at, count);
        } else {
            ok = publish_batch(exec, blobs + at, count);
            progress_say(exec->progress, "published %zu of %zu queries and policies", at + count,
                         n);
        }
    }
    for (size_t i = 0; i < n; i++)
        free(blobs[i].name);
    free(blobs);
    struct error err = ERROR_INIT;
    if (ok && !FAILPOINT("cluster_apply.after_payload_phase", &err))
        return exec_abort_error(exec, "", &err);
    return ok;
}
