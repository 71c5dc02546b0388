/*
 * pen.c - the recorder's log: which files are ours, and one record after the other.
 *
 * Calls go straight to the kernel, for the library's are the recorder's own.
 */
#include "pen.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int raw_open(const char *path, int flags)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0);
}

/* A recorder that cannot record must not let the run go on. */
static _Noreturn void give_up(const char *what)
{
    static const char text[] = "power recorder: cannot ";
    (void)syscall(SYS_write, STDERR_FILENO, text, sizeof text - 1);
    (void)syscall(SYS_write, STDERR_FILENO, what, strlen(what));
    (void)syscall(SYS_write, STDERR_FILENO, "\n", 1UL);
    _exit(125);
}

static bool starts_with_root(const char *path)
{
    const char *root = getenv("CLUSTER_POWER_ROOT");
    size_t len = root ? strlen(root) : 0;
    return len > 0 && strncmp(path, root, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool fd_is_ours(int fd, uint64_t *inode)
{
    char link[64], path[PATH_MAX];
    int saved = errno;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    bool ours = false;
    if (len > 0) {
        path[len] = '\0';
        struct stat st;
        ours = starts_with_root(path) && fstat(fd, &st) == 0 &&
               (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
        if (ours)
            *inode = st.st_ino;
    }
    errno = saved;
    return ours;
}

bool place_of(int at, const char *path, struct place *place)
{
    char folder[PATH_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof folder)
        return false;
    memcpy(folder, path, len + 1);
    char *slash = strrchr(folder, '/');
    const char *look = folder;
    if (!slash)
        look = ".";
    else if (slash == folder)
        look = "/";
    else
        *slash = '\0';
    place->name = slash ? path + (slash - folder) + 1 : path;
    int saved = errno;
    int fd = (int)syscall(SYS_openat, at, look, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    bool ours = fd >= 0 && fd_is_ours(fd, &place->folder);
    if (fd >= 0)
        (void)syscall(SYS_close, fd);
    errno = saved;
    return ours;
}

uint64_t inode_at(int at, const char *path)
{
    struct stat st;
    int saved = errno;
    uint64_t inode = fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_ino : 0;
    errno = saved;
    return inode;
}

static void transfer(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = syscall(SYS_write, fd, at, len);
        if (n <= 0)
            give_up("write its log");
        at += n;
        len -= (size_t)n;
    }
}

struct pen pen_take(void)
{
    struct pen pen;
    const char *log = getenv("CLUSTER_POWER_LOG");
    int saved = errno;
    pen.fd = raw_open(log ? log : "", O_RDWR);
    while (pen.fd >= 0 && flock(pen.fd, LOCK_EX) != 0)
        if (errno != EINTR)
            give_up("lock its log");
    if (pen.fd < 0 ||
        syscall(SYS_pread64, pen.fd, &pen.head, sizeof pen.head, 0L) != sizeof pen.head ||
        lseek(pen.fd, 0, SEEK_END) < 0)
        give_up("open its log");
    if (pen.head.kill_at > 0 && pen.head.count >= pen.head.kill_at)
        (void)kill(getpid(), SIGKILL);
    errno = saved;
    return pen;
}

void pen_drop(const struct pen *pen)
{
    int saved = errno;
    (void)syscall(SYS_close, pen->fd);
    errno = saved;
}

void pen_write(struct pen *pen, struct power_record record, const char *name, const char *second,
               const void *data)
{
    int saved = errno;
    record.pid = (uint32_t)getpid();
    record.name_len = name ? (uint32_t)strlen(name) : 0;
    record.to_len = second ? (uint32_t)strlen(second) : 0;
    transfer(pen->fd, &record, sizeof record);
    transfer(pen->fd, name, record.name_len);
    transfer(pen->fd, second, record.to_len);
    transfer(pen->fd, data, record.len);
    pen->head.count++;
    if (syscall(SYS_pwrite64, pen->fd, &pen->head, sizeof pen->head, 0L) != sizeof pen->head)
        give_up("write its log");
    if (pen->head.kill_at > 0 && pen->head.count >= pen->head.kill_at)
        (void)kill(0, SIGKILL);
    errno = saved;
}

void pen_note_strange(const char *what)
{
    struct pen pen = pen_take();
    pen_write(&pen, (struct power_record){.op = POWER_STRANGE}, what, NULL, NULL);
    pen_drop(&pen);
}
