/*
 * disk.h - the parts of the disk backend, for each other.
 *
 * Whatever changes the disk goes through disk_sys.c, one small function a system call, so that
 * tests can fail or record each.
 */
#ifndef CLUSTER_STORE_DISK_H
#define CLUSTER_STORE_DISK_H

#include "common/json.h"
#include "store/store_impl.h"

#include <stddef.h>

struct disk_store {
    struct store store;
    char *root; /* absolute, no trailing slash; "" for the root directory */
    /* Folders whose entry in their parent this process has seen to disk: {path: true}. */
    jv durable;
};

struct disk_store *disk_of(struct store *store);
/* The absolute path of an object or folder, to be freed. */
char *disk_path(const struct disk_store *disk, const char *name);
/* The folder that holds path, to be freed. */
char *disk_folder_of(const char *path);

/* disk_sys.c: each returns 0 or an errno, EINTR taken care of. */
int disk_make_directory(const char *path);
/* What an object is to hold: bytes in memory, or all of an open file. */
struct disk_content {
    const void *data;
    size_t len;
    bool from_file;
    int fd;
};
/* Makes a new file and writes the content; on failure nothing is left. It is not on the disk before
 * disk_sync_new(), which closes it; if that fails, the file is gone too. */
int disk_write_new(const char *path, const struct disk_content *content, int *fd);
int disk_sync_new(const char *path, int fd);
/* Has the kernel begin with what disk_sync_new() will wait for. */
void disk_start_sync(int fd);
/* Copies all of a regular file to where the other stands. */
int disk_copy(int from, int to);
int disk_overwrite(int fd, const void *data, size_t len);
int disk_rename(const char *from, const char *to);
int disk_link(const char *from, const char *to);
int disk_unlink(const char *path);
int disk_remove_directory(const char *path);
/* Waits until the entries of a directory are on the disk. */
int disk_sync_directory(const char *path);
/* Opens (making it if need be) a control file and takes flock(2) on it, exclusive. With `wait`
 * unset EWOULDBLOCK tells that somebody has it. */
int disk_open_locked(const char *path, int flags, bool wait, int *fd);

/* Sets err to "cannot DOING PATH: why; what to do" and gives the status that fits the errno. */
enum store_status disk_fail(struct error *err, const char *doing, const char *path, int cause);

/*
 * Makes the folder (absolute path below the root) of an object and all above it that are missing,
 * durably. With `later`, an object {path: true}, the directories still to be synced are added
 * there instead.
 */
enum store_status disk_make_folder(struct disk_store *disk, const char *folder, jv *later,
                                   struct error *err);
/* The entry of `path` in its parent must be on the disk: now, or when the caller syncs `later`. */
enum store_status disk_sync_entry(const char *path, jv *later, struct error *err);
/* Reads an object's file. Appends to out. */
enum store_status disk_read(const char *path, struct buf *out, struct error *err);

/*
 * A write under way: where it goes, and the temporary beside it (disk_write.c).
 *
 * begin makes the folder (`later` as above) and the temporary with its content, sync waits until
 * the disk has it, link gives it its name: STORE_CONFLICT if somebody else's is there. Then the
 * folder is to be synced, also after STORE_CONFLICT: whoever made the other one may have died
 * before it was safe, and the caller is about to rely on it. A step that fails leaves no temporary
 * and is the last one; what was begun must be synced. disk_write_free() in any case.
 */
struct disk_write {
    char *path, *folder, *temporary;
    int fd; /* of the temporary, between begin and sync */
};
#define DISK_WRITE_INIT      \
    {                        \
        NULL, NULL, NULL, -1 \
    }
enum store_status disk_write_begin(struct disk_store *disk, const char *name,
                                   const struct disk_content *content, jv *later,
                                   struct disk_write *w, struct error *err);
enum store_status disk_write_sync(struct disk_write *w, struct error *err);
enum store_status disk_write_link(const struct disk_write *w, struct error *err);
void disk_write_free(struct disk_write *w);

/* Replaces the object, or makes it. */
enum store_status disk_replace(struct disk_store *disk, const char *name,
                               const struct disk_content *content, struct error *err);
/* The operations, disk_object.c, disk_batch.c and disk_tree.c. */
enum store_status disk_get(struct store *store, const char *name, struct buf *out,
                           struct store_token *token, struct error *err);
enum store_status disk_put(struct store *store, const char *name, const void *data, size_t len,
                           struct error *err);
enum store_status disk_put_if_absent(struct store *store, const char *name, const void *data,
                                     size_t len, struct error *err);
enum store_status disk_put_if_match(struct store *store, const char *name,
                                    const struct store_token *token, const void *data, size_t len,
                                    struct error *err);
enum store_status disk_delete(struct store *store, const char *name, struct error *err);
enum store_status disk_delete_if_match(struct store *store, const char *name,
                                       const struct store_token *token, struct error *err);
/* disk_file.c */
enum store_status disk_put_file(struct store *store, const char *name, int fd, struct error *err);
enum store_status disk_get_file(struct store *store, const char *name, int fd, struct error *err);
enum store_status disk_age(struct store *store, const char *name, int64_t *seconds,
                           struct error *err);
enum store_status disk_list(struct store *store, const char *prefix, struct store_names *out,
                            struct error *err);
enum store_status disk_exists(struct store *store, const char *prefix, bool *exists,
                              struct error *err);
enum store_status disk_delete_prefix(struct store *store, const char *prefix, struct error *err);
void disk_put_many_if_absent(struct store *store, struct store_item *items, size_t n);
void disk_remove_stale_temporaries(struct store *store);

/* Control files of the backend itself, in __cluster/: no objects. */
#define DISK_CAS "__cluster/.cas"
#define DISK_LOCK "__cluster/.lock"

#endif
