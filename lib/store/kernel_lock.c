#include "store/kernel_lock.h"

#include "common/io.h"
#include "common/xalloc.h"
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_TEXT = 4096 };

/* The open file description lock that kernel_lock_look() asks for: the whole file. */
static struct flock whole_file(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static enum store_status refuse_remote(struct error *err)
{
    return store_fail(STORE_INVALID, err, "a bucket has no lock of the kernel's");
}

/*
 * Puts the folder's entries on the disk, marks the lock for those who look, reads the text. Not
 * only the entry of a new file needs it: a holder that was killed may have removed what its text
 * names without waiting for the disk, and after a power failure that would be back, while the text
 * names us.
 */
static enum store_status settle(struct kernel_lock *lock, const char *folder, struct error *err)
{
    int cause = disk_sync_directory(folder);
    if (cause != 0)
        return disk_fail(err, "sync the directory", folder, cause);
    /* A file system that has no such locks only makes a live holder look dead to status. */
    struct flock mark = whole_file();
    (void)fcntl(lock->fd, F_OFD_SETLK, &mark);
    struct buf text = BUF_INIT;
    struct error why = ERROR_INIT;
    enum store_status status = STORE_OK;
    if (io_read_all(lock->fd, MAX_TEXT, &text, &why))
        lock->text = xstrndup(buf_text(&text), strcspn(buf_text(&text), "\n"));
    else
        status = store_fail(STORE_INVALID, err, "cannot use %s: %s", lock->path, error_text(&why));
    error_clear(&why);
    buf_free(&text);
    return status;
}

enum store_status kernel_lock_take(struct store *store, const char *name, struct kernel_lock *lock,
                                   struct error *err)
{
    *lock = (struct kernel_lock)KERNEL_LOCK_INIT;
    if (store->remote)
        return refuse_remote(err);
    struct disk_store *disk = disk_of(store);
    lock->path = disk_path(disk, name);
    char *folder = disk_folder_of(lock->path);
    enum store_status status = disk_make_folder(disk, folder, NULL, err);
    if (status == STORE_OK) {
        int cause = disk_open_locked(lock->path, 0, false, &lock->fd);
        if (cause == EWOULDBLOCK)
            status = store_fail(STORE_CONFLICT, err, "somebody holds %s", lock->path);
        else if (cause != 0)
            status = disk_fail(err, "lock", lock->path, cause);
    }
    if (status == STORE_OK)
        status = settle(lock, folder, err);
    if (status != STORE_OK)
        kernel_lock_drop(lock);
    free(folder);
    return status;
}

enum store_status kernel_lock_write(struct kernel_lock *lock, const char *text, struct error *err)
{
    char *line = xasprintf("%s\n", text);
    int cause = disk_overwrite(lock->fd, line, strlen(line));
    free(line);
    if (cause != 0)
        return disk_fail(err, "write", lock->path, cause);
    free(lock->text);
    lock->text = xstrdup(text);
    return STORE_OK;
}

void kernel_lock_drop(struct kernel_lock *lock)
{
    if (lock->fd >= 0)
        (void)close(lock->fd); /* the last one who closes it lets go */
    free(lock->path);
    free(lock->text);
    *lock = (struct kernel_lock)KERNEL_LOCK_INIT;
}

enum store_status kernel_lock_look(struct store *store, const char *name, bool *held,
                                   struct buf *text, struct error *err)
{
    *held = false;
    if (store->remote)
        return refuse_remote(err);
    char *path = disk_path(disk_of(store), name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    enum store_status status = STORE_OK;
    if (fd < 0 && errno != ENOENT)
        status = disk_fail(err, "read", path, errno);
    if (fd >= 0) {
        struct flock mark = whole_file();
        *held = fcntl(fd, F_OFD_GETLK, &mark) == 0 && mark.l_type != F_UNLCK;
        struct buf content = BUF_INIT;
        struct error why = ERROR_INIT;
        if (io_read_all(fd, MAX_TEXT, &content, &why))
            buf_append(text, buf_text(&content), strcspn(buf_text(&content), "\n"));
        else
            status = store_fail(STORE_INVALID, err, "cannot read %s: %s", path, error_text(&why));
        error_clear(&why);
        buf_free(&content);
        (void)close(fd);
    }
    free(path);
    return status;
}
