/*
 * disk.c - a preloaded library that makes one call on the files of a store fail.
 *
 *     FAULT_ROOT=DIR      calls on files below it are counted, by all processes of a run together
 *     FAULT_COUNTER=FILE  the count: eight bytes, mapped by all of them; made beforehand
 *     FAULT_AT=N          the N-th call fails (0: none; then only the count is of interest)
 *     FAULT_HOW=…         an error number, or "short": a write that takes half and says so
 *     FAULT_STRUCK=FILE   gets the path of each call that fails, one a line
 *     FAULT_STAYS=1       every call from the N-th on fails, as on a disk that stays full
 *
 * Counted are write, pwrite, fsync, fdatasync, ftruncate, rename, link, unlink, mkdir, rmdir, and
 * open where it may create. SQLite's calls are among them: it goes through the same C library.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The plan, read once; a preloaded library has nowhere else to keep it. */
static struct {
    const char *root, *struck;
    uint64_t *count;
    uint64_t at;
    int error; /* 0: a short write */
    bool stays;
} plan;

/* The C library's own. ISO C has no way from void * to a function; POSIX says that a copy of the
 * bytes is one. */
#define REAL(name)                                  \
    __typeof__(name) *real;                         \
    do {                                            \
        void *found = dlsym(RTLD_NEXT, #name);      \
        memcpy((void *)&real, &found, sizeof real); \
    } while (0)

__attribute__((constructor)) static void read_plan(void)
{
    const char *counter = getenv("FAULT_COUNTER"), *at = getenv("FAULT_AT");
    const char *how = getenv("FAULT_HOW"), *root = getenv("FAULT_ROOT");
    if (!counter || !root)
        return;
    int fd = open(counter, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof *plan.count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return;
    plan.at = at ? strtoull(at, NULL, 10) : 0;
    plan.error = how && strcmp(how, "short") != 0 ? (int)strtol(how, NULL, 10) : 0;
    plan.struck = getenv("FAULT_STRUCK");
    plan.stays = getenv("FAULT_STAYS") != NULL;
    plan.count = map;
    plan.root = root;
}

static void note(const char *path)
{
    FILE *file = plan.struck ? fopen(plan.struck, "a") : NULL;
    if (!file)
        return;
    fprintf(file, "%s\n", path);
    fclose(file);
}

/* Counts a call on path; true if it is the one that fails, with errno set. */
static bool strikes(const char *path, bool can_be_short)
{
    if (!plan.count || !plan.root)
        return false;
    size_t len = strlen(plan.root);
    if (strncmp(path, plan.root, len) != 0 || path[len] != '/')
        return false;
    uint64_t now = __atomic_add_fetch(plan.count, 1, __ATOMIC_SEQ_CST);
    bool struck = plan.at != 0 && (plan.stays ? now >= plan.at : now == plan.at);
    if (!struck || (plan.error == 0 && !can_be_short))
        return false;
    note(path);
    errno = plan.error;
    return true;
}

/* The path of an entry, which need not exist yet; false if it has none. */
static bool path_of(int dir, const char *name, char path[PATH_MAX])
{
    char link[64], folder[PATH_MAX];
    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
        return true;
    }
    snprintf(link, sizeof link, dir == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", dir);
    ssize_t len = readlink(link, folder, sizeof folder - 1);
    if (len < 0)
        return false;
    folder[len] = '\0';
    int written = snprintf(path, PATH_MAX, "%s%s%s", folder, *name ? "/" : "", name);
    return written > 0 && written < PATH_MAX;
}

static bool fails_at(int dir, const char *name)
{
    char path[PATH_MAX];
    int kept = errno;
    bool struck = plan.count && path_of(dir, name, path) && strikes(path, false);
    if (!struck)
        errno = kept;
    return struck;
}

static bool fails_on(int fd)
{
    return fails_at(fd, "");
}

/* How much of a write goes through: all of it, half, or -1 with errno set. */
static ssize_t share(int fd, size_t len)
{
    char path[PATH_MAX];
    int kept = errno;
    bool struck = plan.count && path_of(fd, "", path) && strikes(path, len > 1);
    if (struck && plan.error != 0)
        return -1;
    errno = kept;
    return (ssize_t)(struck ? len / 2 : len);
}

ssize_t write(int fd, const void *buf, size_t n)
{
    REAL(write);
    ssize_t part = share(fd, n);
    return part < 0 ? -1 : real(fd, buf, (size_t)part);
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t offset)
{
    REAL(pwrite64);
    ssize_t part = share(fd, n);
    return part < 0 ? -1 : real(fd, buf, (size_t)part, offset);
}

int fsync(int fd)
{
    REAL(fsync);
    return fails_on(fd) ? -1 : real(fd);
}

int fdatasync(int fildes)
{
    REAL(fdatasync);
    return fails_on(fildes) ? -1 : real(fildes);
}

int ftruncate(int fd, off_t length)
{
    REAL(ftruncate);
    return fails_on(fd) ? -1 : real(fd, length);
}

int ftruncate64(int fd, off64_t length)
{
    REAL(ftruncate64);
    return fails_on(fd) ? -1 : real(fd, length);
}

int rename(const char *old, const char *new)
{
    REAL(rename);
    return fails_at(AT_FDCWD, new) ? -1 : real(old, new);
}

int link(const char *from, const char *to)
{
    REAL(link);
    return fails_at(AT_FDCWD, to) ? -1 : real(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(mkdir);
    return fails_at(AT_FDCWD, path) ? -1 : real(path, mode);
}

int unlink(const char *name)
{
    REAL(unlink);
    return fails_at(AT_FDCWD, name) ? -1 : real(name);
}

int rmdir(const char *path)
{
    REAL(rmdir);
    return fails_at(AT_FDCWD, path) ? -1 : real(path);
}

static mode_t mode_from(int flags, va_list ap)
{
    bool creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return creates ? (mode_t)va_arg(ap, unsigned) : 0;
}

int open(const char *file, int oflag, ...)
{
    REAL(open);
    va_list ap;
    va_start(ap, oflag);
    mode_t mode = mode_from(oflag, ap);
    va_end(ap);
    return (oflag & O_CREAT) != 0 && fails_at(AT_FDCWD, file) ? -1 : real(file, oflag, mode);
}

int open64(const char *file, int oflag, ...)
{
    REAL(open64);
    va_list ap;
    va_start(ap, oflag);
    mode_t mode = mode_from(oflag, ap);
    va_end(ap);
    return (oflag & O_CREAT) != 0 && fails_at(AT_FDCWD, file) ? -1 : real(file, oflag, mode);
}
