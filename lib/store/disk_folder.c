/* disk_folder.c - making the folder of an object so that it survives a power failure. */
#include "common/xalloc.h"
#include "store/disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *disk_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

enum store_status disk_sync_entry(const char *path, jv *later, struct error *err)
{
    char *parent = disk_folder_of(path);
    int cause = 0;
    if (later)
        json_set_bool(later, parent, true);
    else
        cause = disk_sync_directory(parent);
    enum store_status status =
        cause ? disk_fail(err, "sync the directory", parent, cause) : STORE_OK;
    free(parent);
    return status;
}

/* The root is made only when it is missing; what is above it and exists is none of our business. */
static enum store_status make_root(struct disk_store *disk, struct error *err)
{
    enum store_status status = STORE_OK;
    if (access(disk->root, F_OK) == 0)
        return STORE_OK;
    char *path = xstrdup(disk->root);
    for (char *at = strchr(path + 1, '/'); status == STORE_OK; at = strchr(at + 1, '/')) {
        if (at)
            *at = '\0';
        int cause = disk_make_directory(path);
        if (cause == 0)
            status = disk_sync_entry(path, NULL, err);
        else if (cause != EEXIST)
            status = disk_fail(err, "make the directory", path, cause);
        if (!at)
            break;
        *at = '/';
    }
    free(path);
    return status;
}

enum store_status disk_make_folder(struct disk_store *disk, const char *folder, jv *later,
                                   struct error *err)
{
    if (json_has(&disk->durable, folder))
        return STORE_OK;
    enum store_status status = *disk->root ? make_root(disk, err) : STORE_OK;
    char *path = xstrdup(folder);
    char *at = path + strlen(disk->root);
    while (status == STORE_OK && *at) {
        at += 1 + strcspn(at + 1, "/");
        char end = *at;
        *at = '\0';
        if (!json_has(&disk->durable, path)) {
            int cause = disk_make_directory(path);
            /* One that exists may have been made by a run that died before it synced: sync again.
             */
            if (cause == 0 || cause == EEXIST)
                status = disk_sync_entry(path, later, err);
            else
                status = disk_fail(err, "make the directory", path, cause);
            if (status == STORE_OK)
                json_set_bool(&disk->durable, path, true);
        }
        *at = end;
    }
    free(path);
    return status;
}
