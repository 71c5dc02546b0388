/* disk_batch.c - many new objects: each file is synced, each directory only once, at the end. */
#include "store/disk.h"

/* Syncs each directory of the set. */
static enum store_status sync_all(const jv *directories, struct error *err)
{
    enum store_status status = STORE_OK;
    for (int i = jv_object_iter(*directories);
         status == STORE_OK && jv_object_iter_valid(*directories, i);
         i = jv_object_iter_next(*directories, i)) {
        jv path = jv_object_iter_key(*directories, i);
        int cause = disk_sync_directory(jv_string_value(path));
        if (cause != 0)
            status = disk_fail(err, "sync the directory", jv_string_value(path), cause);
        jv_free(path);
    }
    return status;
}

void disk_put_many_if_absent(struct store *store, struct store_item *items, size_t n)
{
    struct disk_store *disk = disk_of(store);
    jv later = jv_object();
    for (size_t i = 0; i < n; i++)
        items[i].status =
            disk_create(disk, items[i].name, items[i].data, items[i].len, &later, &items[i].err);
    struct error err = ERROR_INIT;
    enum store_status status = sync_all(&later, &err);
    if (status != STORE_OK) {
        /* None of it is sure to stay, and the folders are to be synced again. */
        for (size_t i = 0; i < n; i++)
            if (items[i].status == STORE_OK || items[i].status == STORE_CONFLICT)
                items[i].status = store_fail(status, &items[i].err, "%s", error_text(&err));
        jv_free(disk->durable);
        disk->durable = jv_object();
    }
    error_clear(&err);
    jv_free(later);
}
