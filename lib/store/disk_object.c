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

/* A write under way: where it goes, and the finished temporary beside it. */
struct pending {
    char *path, *folder, *temporary;
};

static void pending_free(struct pending *p)
{
    free(p->path);
    free(p->folder);
    free(p->temporary);
}

/* Makes the folder and the temporary with all its content on the disk. On failure nothing of it is
 * left. pending_free() either way. */
static enum store_status prepare(struct disk_store *disk, const char *name,
                                 const struct disk_content *content, jv *later, struct pending *p,
                                 struct error *err)
{
    struct ulid id = ulid_new();
    p->path = disk_path(disk, name);
    p->folder = disk_folder_of(p->path);
    p->temporary = xasprintf("%s/.tmp.%s", p->folder, id.text);
    enum store_status status = disk_make_folder(disk, p->folder, later, err);
    if (status != STORE_OK)
        return status;
    int cause = disk_write_new(p->temporary, content);
    if (cause == ENOENT) {
        /* Somebody removed the folder after this process had made it. */
        jv_free(disk->durable);
        disk->durable = jv_object();
        status = disk_make_folder(disk, p->folder, later, err);
        if (status != STORE_OK)
            return status;
        cause = disk_write_new(p->temporary, content);
    }
    return cause ? disk_fail(err, "write", p->path, cause) : STORE_OK;
}

static enum store_status finish_folder(const struct pending *p, jv *later, struct error *err)
{
    if (later) {
        json_set_bool(later, p->folder, true);
        return STORE_OK;
    }
    int cause = disk_sync_directory(p->folder);
    return cause ? disk_fail(err, "sync the directory", p->folder, cause) : STORE_OK;
}

static enum store_status swap_in(const struct pending *p, struct error *err)
{
    int cause = disk_rename(p->temporary, p->path);
    if (cause == 0)
        return STORE_OK;
    (void)disk_unlink(p->temporary); /* the rename's failure is the one to tell */
    return disk_fail(err, "replace", p->path, cause);
}

enum store_status disk_replace(struct disk_store *disk, const char *name,
                               const struct disk_content *content, struct error *err)
{
    struct pending p;
    enum store_status status = prepare(disk, name, content, NULL, &p, err);
    if (status == STORE_OK)
        status = swap_in(&p, err);
    if (status == STORE_OK)
        status = finish_folder(&p, NULL, err);
    pending_free(&p);
    return status;
}

enum store_status disk_put(struct store *store, const char *name, const void *data, size_t len,
                           struct error *err)
{
    return disk_replace(disk_of(store), name, &(struct disk_content){.data = data, .len = len},
                        err);
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

enum store_status disk_create(struct disk_store *disk, const char *name, const void *data,
                              size_t len, jv *later, struct error *err)
{
    struct pending p;
    enum store_status status =
        prepare(disk, name, &(struct disk_content){.data = data, .len = len}, later, &p, err);
    if (status == STORE_OK) {
        int cause = disk_link(p.temporary, p.path);
        (void)disk_unlink(p.temporary); /* one that stays is a leftover for the sweep */
        if (cause == EEXIST)
            status = explain_existing(p.path, err);
        else if (cause != 0)
            status = disk_fail(err, "create", p.path, cause);
        /* Also for one that exists: whoever made it may have died before it was safe, and our
         * caller is about to rely on it. */
        if (status == STORE_OK || status == STORE_CONFLICT) {
            struct error sync_err = ERROR_INIT;
            enum store_status synced = finish_folder(&p, later, &sync_err);
            if (synced != STORE_OK) {
                status = synced;
                error_set(err, NULL, "%s", error_text(&sync_err));
            }
            error_clear(&sync_err);
        }
    }
    pending_free(&p);
    return status;
}

enum store_status disk_put_if_absent(struct store *store, const char *name, const void *data,
                                     size_t len, struct error *err)
{
    return disk_create(disk_of(store), name, data, len, NULL, err);
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
    struct pending p;
    int cas = -1;
    /* The slow part, writing and syncing, comes before the lock. */
    enum store_status status =
        prepare(disk, name, &(struct disk_content){.data = data, .len = len}, NULL, &p, err);
    if (status == STORE_OK) {
        status = enter_cas(disk, &cas, err);
        if (status == STORE_OK)
            status = compare(p.path, token, err);
        if (status == STORE_NOT_FOUND)
            status = store_fail(STORE_CONFLICT, err, "%s was removed in the meantime", p.path);
        if (status == STORE_OK)
            status = swap_in(&p, err);
        else
            (void)disk_unlink(p.temporary); /* the comparison's outcome is the one to tell */
        if (cas >= 0)
            (void)close(cas); /* leaves the flock */
    }
    if (status == STORE_OK)
        status = finish_folder(&p, NULL, err);
    pending_free(&p);
    return status;
}

/* Removes the object and waits for the disk. */
static enum store_status remove_object(const char *path, struct error *err)
{
    int cause = disk_unlink(path);
    if (cause != 0)
        return disk_fail(err, "delete", path, cause);
    char *folder = disk_folder_of(path);
    cause = disk_sync_directory(folder);
    enum store_status status =
        cause ? disk_fail(err, "sync the directory", folder, cause) : STORE_OK;
    free(folder);
    return status;
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
