/*
 * disk_batch.c - many new objects: each file is synced, each directory only once, at the end.
 *
 * A file system with a journal pays for a sync by the commit that it has to wait for, whatever else
 * is in it. So all files of a group are written before the first is synced: that one's commit has
 * most of the others in it, and their syncs have little left to wait for.
 */
#include "store/disk.h"

/* So many temporaries are open at once. */
enum { GROUP = 128 };

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

/* Up to GROUP objects, but for their directories, which go to `later`. */
static void put_group(struct disk_store *disk, struct store_item *items, size_t n, jv *later)
{
    struct disk_write writes[GROUP];
    for (size_t i = 0; i < n; i++) {
        struct disk_content content = {.data = items[i].data, .len = items[i].len};
        writes[i] = (struct disk_write)DISK_WRITE_INIT;
        items[i].status =
            disk_write_begin(disk, items[i].name, &content, later, &writes[i], &items[i].err);
        if (items[i].status == STORE_OK)
            disk_start_sync(writes[i].fd);
    }
    for (size_t i = 0; i < n; i++)
        if (items[i].status == STORE_OK)
            items[i].status = disk_write_sync(&writes[i], &items[i].err);
    for (size_t i = 0; i < n; i++) {
        if (items[i].status == STORE_OK)
            items[i].status = disk_write_link(&writes[i], &items[i].err);
        if (items[i].status == STORE_OK || items[i].status == STORE_CONFLICT)
            json_set_bool(later, writes[i].folder, true);
        disk_write_free(&writes[i]);
    }
}

void disk_put_many_if_absent(struct store *store, struct store_item *items, size_t n)
{
    struct disk_store *disk = disk_of(store);
    jv later = jv_object();
    for (size_t at = 0; at < n; at += GROUP)
        put_group(disk, items + at, n - at < GROUP ? n - at : GROUP, &later);
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
