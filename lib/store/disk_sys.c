/* disk_sys.c - every system call that changes a disk store, and what its failures mean. */
#include "common/io.h"
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int disk_make_directory(const char *path)
{
    return mkdir(path, 0777) == 0 ? 0 : errno;
}

/* EINVAL: this file system knows no fsync for what fd is; there is nothing to wait for. */
static int sync_fd(int fd)
{
    while (fsync(fd) != 0) {
        if (errno == EINVAL)
            return 0;
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

int disk_copy(int from, int to)
{
    enum { CHUNK = 1 << 16 };
    char chunk[CHUNK];
    for (off_t at = 0;;) {
        ssize_t n = pread(from, chunk, sizeof chunk, at);
        if (n == 0)
            return 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || !io_write_all(to, chunk, (size_t)n, NULL))
            return errno;
        at += n;
    }
}

int disk_write_new(const char *path, const struct disk_content *content, int *fd)
{
    *fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (*fd < 0)
        return errno;
    int cause;
    if (content->from_file)
        cause = disk_copy(content->fd, *fd);
    else
        cause = io_write_all(*fd, content->data, content->len, NULL) ? 0 : errno;
    if (cause != 0) {
        (void)close(*fd); /* the write's failure is the one to tell */
        *fd = -1;
        (void)unlink(path);
    }
    return cause;
}

void disk_start_sync(int fd)
{
    (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* only a head start */
}

int disk_sync_new(const char *path, int fd)
{
    int cause = sync_fd(fd);
    /* After a good fsync there is nothing that close could still lose. */
    (void)close(fd);
    if (cause != 0)
        (void)unlink(path); /* the first failure is the one to tell */
    return cause;
}

int disk_overwrite(int fd, const void *data, size_t len)
{
    if (lseek(fd, 0, SEEK_SET) != 0 || ftruncate(fd, 0) != 0)
        return errno;
    if (!io_write_all(fd, data, len, NULL))
        return errno;
    return sync_fd(fd);
}

int disk_rename(const char *from, const char *to)
{
    return rename(from, to) == 0 ? 0 : errno;
}

int disk_link(const char *from, const char *to)
{
    return link(from, to) == 0 ? 0 : errno;
}

int disk_unlink(const char *path)
{
    return unlink(path) == 0 ? 0 : errno;
}

int disk_remove_directory(const char *path)
{
    return rmdir(path) == 0 ? 0 : errno;
}

int disk_sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int cause = sync_fd(fd);
    (void)close(fd); /* read-only: nothing to lose */
    return cause;
}

/* True if path still names the file that is open as fd. */
static bool is_same_file(const char *path, int fd)
{
    struct stat at, open_file;
    return lstat(path, &at) == 0 && fstat(fd, &open_file) == 0 && at.st_dev == open_file.st_dev &&
           at.st_ino == open_file.st_ino;
}

int disk_open_locked(const char *path, int flags, bool wait, int *fd)
{
    for (;;) {
        *fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | flags, 0666);
        if (*fd < 0)
            return errno;
        int cause = 0;
        while (cause == 0 && flock(*fd, LOCK_EX | (wait ? 0 : LOCK_NB)) != 0)
            cause = errno == EINTR ? 0 : errno;
        /* Somebody who removed or replaced the file while we waited must not leave two holders. */
        if (cause == 0 && is_same_file(path, *fd))
            return 0;
        (void)close(*fd);
        *fd = -1;
        if (cause != 0)
            return cause;
    }
}

static enum store_status classify(int cause, const char **remedy)
{
    switch (cause) {
    case EACCES:
    case EPERM:
        *remedy = "; check who owns it and its mode";
        return STORE_DENIED;
    case EROFS:
        *remedy = "; mount it for writing or use another storage root";
        return STORE_DENIED;
    case ENOSPC:
    case EDQUOT:
        *remedy = "; free some space and try again";
        return STORE_UNAVAILABLE;
    case EISDIR:
    case ENOTEMPTY:
        *remedy = " where a file belongs; move it away";
        return STORE_INVALID;
    case ENOTDIR:
        *remedy = "; a file stands where a directory belongs, move it away";
        return STORE_INVALID;
    case ELOOP:
        *remedy = "; a control file must not be a symbolic link, remove it";
        return STORE_INVALID;
    case ENAMETOOLONG:
    case EINVAL:
    case ENXIO:
        *remedy = "";
        return STORE_INVALID;
    case ENOENT:
        *remedy = "";
        return STORE_NOT_FOUND;
    default:
        *remedy = "; try again, and check the disk if it goes on";
        return STORE_UNAVAILABLE;
    }
}

enum store_status disk_fail(struct error *err, const char *doing, const char *path, int cause)
{
    const char *remedy;
    enum store_status status = classify(cause, &remedy);
    return store_fail(status, err, "cannot %s %s: %s%s", doing, path, strerror(cause), remedy);
}
