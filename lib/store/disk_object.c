/* disk_object.c - one object: read, replace, create, swap, delete. */
#include "common/digest.h"
#include "common/io.h"
#include "common/ulid.h"
#include "common/xalloc.h"
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The token of a version is its content's digest. */
static struct store_token token_of(const struct buf *content)
{
    struct store_token token = {""};
    struct digest digest = digest_of(buf_text(content), content->len);
    memcpy(token.text, digest.hex, sizeof digest.hex);
    return token;
}

enum store_status disk_read(const char *path, struct buf *out, struct error *err)
{
    if (io_read_file(path, IO_MAX_DOCUMENT, out, NULL))
        return STORE_OK;
    if (errno == EINVAL)
        return store_fail(STORE_INVALID, err, "cannot read %s: it is no regular file; move it away",
                          path);
    if (errno == EFBIG)
        return store_fail(STORE_INVALID, err, "cannot read %s: it is larger than 1 GiB", path);
    return disk_fail(err, "read", path, errno);
}

enum store_status disk_get(struct store *store, const char *name, struct buf *out,
                           struct store_token *token, struct error *err)
{
    char *path = disk_path(disk_of(store), name);
    struct buf content = BUF_INIT;
    enum store_status status = disk_read(path, &content, err);
    if (status == STORE_OK) {
        buf_append(out, buf_text(&content), content.len);
        if (token)
            *token = token_of(&content);
    }
    buf_free(&content);
    free(path);
    return status;
}

/* Folder and temporary, with all the content on the disk. */
static enum store_status prepare(struct disk_store *disk, const char *name,
                                 const struct disk_content *content, struct disk_write *w,
                                 struct error *err)
{
    enum store_status status = disk_write_begin(disk, name, content, NULL, w, err);
    return status == STORE_OK ? disk_write_sync(w, err) : status;
}

static enum store_status finish_folder(const struct disk_write *w, struct error *err)
{
    int cause = disk_sync_directory(w->folder);
    return cause ? disk_fail(err, "sync the directory", w->folder, cause) : STORE_OK;
}

static enum store_status swap_in(const struct disk_write *w, struct error *err)
{
    int cause = disk_rename(w->temporary, w->path);
    if (cause == 0)
        return STORE_OK;
    (void)disk_unlink(w->temporary); /* the rename's failure is the one to tell */
    return disk_fail(err, "replace", w->path, cause);
}

enum store_status disk_replace(struct disk_store *disk, const char *name,
                               const struct disk_content *content, struct error *err)
{
    struct disk_write w = DISK_WRITE_INIT;
    enum store_status status = prepare(disk, name, content, &w, err);
    if (status == STORE_OK)
        status = swap_in(&w, err);
    if (status == STORE_OK)
        status = finish_folder(&w, err);
    disk_write_free(&w);
    return status;
}

enum store_status disk_put(struct store *store, const char *name, const void *data, size_t len,
                           struct error *err)
{
    return disk_replace(disk_of(store), name, &(struct disk_content){.data = data, .len = len},
                        err);
}

enum store_status disk_put_if_absent(struct store *store, const char *name, const void *data,
                                     size_t len, struct error *err)
{
    struct disk_content content = {.data = data, .len = len};
    struct disk_write w = DISK_WRITE_INIT;
    enum store_status status = prepare(disk_of(store), name, &content, &w, err);
    if (status == STORE_OK)
        status = disk_write_link(&w, err);
    if (status == STORE_OK || status == STORE_CONFLICT) {
        struct error sync_err = ERROR_INIT;
        enum store_status synced = finish_folder(&w, &sync_err);
        if (synced != STORE_OK) {
            status = synced;
            error_set(err, NULL, "%s", error_text(&sync_err));
        }
        error_clear(&sync_err);
    }
    disk_write_free(&w);
    return status;
}

/* Every compare-and-change of this root, in whatever process, runs under this one flock; the
 * kernel drops it when the process dies. The folder __cluster exists by then. */
static enum store_status enter_cas(struct disk_store *disk, int *fd, struct error *err)
{
    char *path = disk_path(disk, DISK_CAS);
    char *folder = disk_folder_of(path);
    enum store_status status = disk_make_folder(disk, folder, NULL, err);
    if (status == STORE_OK) {
        int cause = disk_open_locked(path, O_CLOEXEC, true, fd);
        if (cause != 0)
            status = disk_fail(err, "lock", path, cause);
    }
    free(folder);
    free(path);
    return status;
}

/* STORE_OK if the object at path is the version of the token. */
static enum store_status compare(const char *path, const struct store_token *token,
                                 struct error *err)
{
    struct buf content = BUF_INIT;
    enum store_status status = disk_read(path, &content, err);
    if (status == STORE_OK) {
        struct store_token now = token_of(&content);
        if (strcmp(now.text, token->text) != 0)
            status = store_fail(STORE_CONFLICT, err,
                                "%s was changed by somebody else in the meantime", path);
    }
    buf_free(&content);
    return status;
}

enum store_status disk_put_if_match(struct store *store, const char *name,
                                    const struct store_token *token, const void *data, size_t len,
                                    struct error *err)
{
    struct disk_store *disk = disk_of(store);
    struct disk_write w = DISK_WRITE_INIT;
    int cas = -1;
    /* The slow part, writing and syncing, comes before the lock. */
    enum store_status status =
        prepare(disk, name, &(struct disk_content){.data = data, .len = len}, &w, err);
    if (status == STORE_OK) {
        status = enter_cas(disk, &cas, err);
        if (status == STORE_OK)
            status = compare(w.path, token, err);
        if (status == STORE_NOT_FOUND)
            status = store_fail(STORE_CONFLICT, err, "%s was removed in the meantime", w.path);
        if (status == STORE_OK)
            status = swap_in(&w, err);
        else
            (void)disk_unlink(w.temporary); /* the comparison's outcome is the one to tell */
        if (cas >= 0)
            (void)close(cas); /* leaves the flock */
    }
    if (status == STORE_OK)
        status = finish_folder(&w, err);
    disk_write_free(&w);
    return status;
}

/* Removes the object and waits for the disk. */
static enum store_status remove_object(const char *path, struct error *err)
{
    int cause = disk_unlink(path);
    if (cause != 0)
        return disk_fail(err, "delete", path, cause);
    return disk_sync_entry(path, NULL, err);
}

enum store_status disk_delete(struct store *store, const char *name, struct error *err)
{
    char *path = disk_path(disk_of(store), name);
    struct error why = ERROR_INIT;
    enum store_status status = remove_object(path, &why);
    if (status == STORE_NOT_FOUND)
        status = STORE_OK;
    else if (status != STORE_OK)
        error_set(err, NULL, "%s", error_text(&why));
    error_clear(&why);
    free(path);
    return status;
}

enum store_status disk_delete_if_match(struct store *store, const char *name,
                                       const struct store_token *token, struct error *err)
{
    struct disk_store *disk = disk_of(store);
    char *path = disk_path(disk, name);
    int cas = -1;
    enum store_status status = enter_cas(disk, &cas, err);
    if (status == STORE_OK) {
        status = compare(path, token, err);
        if (status == STORE_OK)
            status = remove_object(path, err);
        (void)close(cas); /* leaves the flock */
    }
    free(path);
    return status;
}
