/*
 * recorder.c - a library to preload: it does what the C library does and writes down, in log.h's
 * format, each call that changes a file or directory below $CLUSTER_POWER_ROOT.
 *
 * Memory-mapped files are not seen: SQLite's -shm is the only one, and it is rebuilt after a crash.
 * The replayer compares what was recorded with what is there, so that no other call slips through.
 */
#include "pen.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int open_at(int at, const char *path, int flags, mode_t mode)
{
    struct place place;
    bool writes = (flags & O_CREAT) != 0 || ((flags & O_TRUNC) != 0 && (flags & O_ACCMODE) != 0);
    if ((flags & O_TMPFILE) == O_TMPFILE || !writes || !place_of(at, path, &place))
        return (int)syscall(SYS_openat, at, path, flags, mode);
    struct pen pen = pen_take();
    bool there = inode_at(at, path) != 0;
    int fd = (int)syscall(SYS_openat, at, path, flags, mode);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        struct power_record record = {.inode = st.st_ino, .folder = place.folder};
        record.op = there ? POWER_TRUNCATE : POWER_CREATE;
        if (!there || (flags & O_TRUNC) != 0)
            pen_write(&pen, record, place.name, NULL, NULL);
    }
    pen_drop(&pen);
    return fd;
}

static mode_t mode_of(int flags, va_list ap)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;
}

/* The C library's headers use reserved names for the parameters.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int open(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    mode_t mode = mode_of(flags, ap);
    va_end(ap);
    return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    mode_t mode = mode_of(flags, ap);
    va_end(ap);
    return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    mode_t mode = mode_of(flags, ap);
    va_end(ap);
    return open_at(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    mode_t mode = mode_of(flags, ap);
    va_end(ap);
    return open_at(at, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
    return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* What <fcntl.h> turns open() into under _FORTIFY_SOURCE. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int at, const char *path, int flags);
int __openat64_2(int at, const char *path, int flags);

int __open_2(const char *path, int flags)
{
    return open_at(AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
    return open_at(AT_FDCWD, path, flags, 0);
}

int __openat_2(int at, const char *path, int flags)
{
    return open_at(at, path, flags, 0);
}

int __openat64_2(int at, const char *path, int flags)
{
    return open_at(at, path, flags, 0);
}

/* offset -1: at the file's position. */
static ssize_t write_at(int fd, const void *data, size_t len, off_t offset)
{
    uint64_t inode;
    bool here = offset < 0;
    if (!fd_is_ours(fd, &inode))
        return here ? syscall(SYS_write, fd, data, len)
                    : syscall(SYS_pwrite64, fd, data, len, offset);
    struct pen pen = pen_take();
    if (here) {
        struct stat st;
        bool appends = (fcntl(fd, F_GETFL) & O_APPEND) != 0 && fstat(fd, &st) == 0;
        offset = appends ? st.st_size : lseek(fd, 0, SEEK_CUR);
    }
    ssize_t n =
        here ? syscall(SYS_write, fd, data, len) : syscall(SYS_pwrite64, fd, data, len, offset);
    if (n > 0)
        pen_write(
            &pen,
            (struct power_record){
                .op = POWER_WRITE, .inode = inode, .offset = (uint64_t)offset, .len = (uint64_t)n},
            NULL, NULL, data);
    pen_drop(&pen);
    return n;
}

ssize_t write(int fd, const void *data, size_t len)
{
    return write_at(fd, data, len, -1);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
    return write_at(fd, data, len, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
    return write_at(fd, data, len, offset);
}

/* A short count is legal: the caller goes on with the rest. */
ssize_t writev(int fd, const struct iovec *parts, int n)
{
    uint64_t inode;
    if (!fd_is_ours(fd, &inode))
        return syscall(SYS_writev, fd, parts, n);
    for (int i = 0; i < n; i++)
        if (parts[i].iov_len > 0)
            return write_at(fd, parts[i].iov_base, parts[i].iov_len, -1);
    return 0;
}

ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t offset)
{
    uint64_t inode;
    if (!fd_is_ours(fd, &inode))
        return syscall(SYS_pwritev, fd, parts, n, offset, 0L);
    for (int i = 0; i < n; i++)
        if (parts[i].iov_len > 0)
            return write_at(fd, parts[i].iov_base, parts[i].iov_len, offset);
    return 0;
}

int ftruncate(int fd, off_t size)
{
    uint64_t inode;
    if (!fd_is_ours(fd, &inode))
        return (int)syscall(SYS_ftruncate, fd, size);
    struct pen pen = pen_take();
    int result = (int)syscall(SYS_ftruncate, fd, size);
    if (result == 0)
        pen_write(
            &pen,
            (struct power_record){.op = POWER_TRUNCATE, .inode = inode, .offset = (uint64_t)size},
            NULL, NULL, NULL);
    pen_drop(&pen);
    return result;
}

int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

static int sync_file(long call, int fd)
{
    uint64_t inode;
    if (!fd_is_ours(fd, &inode))
        return (int)syscall(call, fd);
    struct pen pen = pen_take();
    int result = (int)syscall(call, fd);
    if (result == 0)
        pen_write(&pen, (struct power_record){.op = POWER_SYNC, .inode = inode}, NULL, NULL, NULL);
    pen_drop(&pen);
    return result;
}

int fsync(int fd)
{
    return sync_file(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return sync_file(SYS_fdatasync, fd);
}

int mkdirat(int at, const char *path, mode_t mode)
{
    struct place place;
    if (!place_of(at, path, &place))
        return (int)syscall(SYS_mkdirat, at, path, mode);
    struct pen pen = pen_take();
    int result = (int)syscall(SYS_mkdirat, at, path, mode);
    if (result == 0)
        pen_write(&pen,
                  (struct power_record){
                      .op = POWER_MKDIR, .folder = place.folder, .inode = inode_at(at, path)},
                  place.name, NULL, NULL);
    pen_drop(&pen);
    return result;
}

int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

int unlinkat(int at, const char *path, int flags)
{
    struct place place;
    if (!place_of(at, path, &place))
        return (int)syscall(SYS_unlinkat, at, path, flags);
    struct pen pen = pen_take();
    int result = (int)syscall(SYS_unlinkat, at, path, flags);
    if (result == 0)
        pen_write(
            &pen,
            (struct power_record){.op = (flags & AT_REMOVEDIR) != 0 ? POWER_RMDIR : POWER_UNLINK,
                                  .folder = place.folder},
            place.name, NULL, NULL);
    pen_drop(&pen);
    return result;
}

int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int linkat(int from_at, const char *from, int at, const char *to, int flags)
{
    struct place place;
    if (!place_of(at, to, &place))
        return (int)syscall(SYS_linkat, from_at, from, at, to, flags);
    struct pen pen = pen_take();
    int result = (int)syscall(SYS_linkat, from_at, from, at, to, flags);
    if (result == 0)
        pen_write(&pen,
                  (struct power_record){
                      .op = POWER_LINK, .folder = place.folder, .inode = inode_at(at, to)},
                  place.name, NULL, NULL);
    pen_drop(&pen);
    return result;
}

int link(const char *from, const char *to)
{
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_at, const char *from, int at, const char *to, unsigned flags)
{
    struct place source, target;
    bool leaves = place_of(from_at, from, &source), enters = place_of(at, to, &target);
    if (leaves != enters || (flags != 0 && leaves))
        pen_note_strange("rename");
    if (!leaves || !enters)
        return (int)syscall(SYS_renameat2, from_at, from, at, to, flags);
    struct pen pen = pen_take();
    int result = (int)syscall(SYS_renameat2, from_at, from, at, to, flags);
    if (result == 0)
        pen_write(&pen,
                  (struct power_record){.op = POWER_RENAME,
                                        .folder = source.folder,
                                        .to_folder = target.folder,
                                        .inode = inode_at(at, to)},
                  source.name, target.name, NULL);
    pen_drop(&pen);
    return result;
}

int renameat(int from_at, const char *from, int at, const char *to)
{
    return renameat2(from_at, from, at, to, 0);
}

int rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
