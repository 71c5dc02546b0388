/* disk_write.c - the steps of a write: a temporary beside the object, synced, given its name. */
#include "common/ulid.h"
#include "common/xalloc.h"
#include "store/disk.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MAX_NAMES = 100 };

/* Whoever comes upon a name that is taken (a fork that died left it, say) takes the next one. */
static int write_temporary(struct disk_write *w, const struct disk_content *content)
{
    int cause = EEXIST;
    for (int i = 0; i < MAX_NAMES && cause == EEXIST; i++) {
        struct ulid id = ulid_new();
        free(w->temporary);
        w->temporary = xasprintf("%s/.tmp.%s", w->folder, id.text);
        cause = disk_write_new(w->temporary, content, &w->fd);
    }
    return cause;
}

enum store_status disk_write_begin(struct disk_store *disk, const char *name,
                                   const struct disk_content *content, jv *later,
                                   struct disk_write *w, struct error *err)
{
    w->path = disk_path(disk, name);
    w->folder = disk_folder_of(w->path);
    enum store_status status = disk_make_folder(disk, w->folder, later, err);
    if (status != STORE_OK)
        return status;
    int cause = write_temporary(w, content);
    if (cause == ENOENT) {
        /* Somebody removed the folder after this process had made it. */
        jv_free(disk->durable);
        disk->durable = jv_object();
        status = disk_make_folder(disk, w->folder, later, err);
        if (status != STORE_OK)
            return status;
        cause = write_temporary(w, content);
    }
    return cause ? disk_fail(err, "write", w->path, cause) : STORE_OK;
}

enum store_status disk_write_sync(struct disk_write *w, struct error *err)
{
    int cause = disk_sync_new(w->temporary, w->fd);
    w->fd = -1;
    return cause ? disk_fail(err, "write", w->path, cause) : STORE_OK;
}

/* Something is there already: another's object, or what can be none. */
static enum store_status explain_existing(const char *path, struct error *err)
{
    struct stat st;
    if (stat(path, &st) != 0 && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        return store_fail(STORE_INVALID, err,
                          "cannot create %s: a symbolic link that leads nowhere is there; remove "
                          "it",
                          path);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return store_fail(STORE_INVALID, err,
                          "cannot create %s: there is something else than a file; move it away",
                          path);
    return store_fail(STORE_CONFLICT, err, "cannot create %s: it exists", path);
}

enum store_status disk_write_link(const struct disk_write *w, struct error *err)
{
    int cause = disk_link(w->temporary, w->path);
    (void)disk_unlink(w->temporary); /* one that stays is a leftover for the sweep */
    if (cause == EEXIST)
        return explain_existing(w->path, err);
    return cause ? disk_fail(err, "create", w->path, cause) : STORE_OK;
}

void disk_write_free(struct disk_write *w)
{
    free(w->path);
    free(w->folder);
    free(w->temporary);
}
