/*
 * faults.h - makes the n-th system call that changes the disk fail, kill the process, or write only
 * a part; and notes all of them.
 *
 * A test program that includes this (one file only) has these calls of the whole program go through
 * here: the definitions of the executable win over the C library's. They are still the real calls.
 */
#ifndef CLUSTER_TEST_FAULTS_H
#define CLUSTER_TEST_FAULTS_H

#include "common/buf.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    bool on;
    bool kill;       /* instead of failing */
    bool part;       /* writes take half of what they are given */
    int at;          /* which call, from 1; 0: none */
    int errnum;      /* how it fails */
    int calls;       /* so far */
    char failed[32]; /* the call that failed */
    struct buf log;  /* one line a call: NAME PATH */
} faults;

static void faults_start(int at, int errnum)
{
    buf_free(&faults.log);
    faults.on = true;
    faults.kill = faults.part = false;
    faults.at = at;
    faults.errnum = errnum;
    faults.calls = 0;
    faults.failed[0] = '\0';
}

static inline void faults_stop(void)
{
    faults.on = false;
}

/* True if the call is to fail. Standard streams and pipes do not count. */
static bool fault(const char *name, const char *path)
{
    if (!faults.on)
        return false;
    buf_printf(&faults.log, "%s %s\n", name, path);
    if (++faults.calls != faults.at)
        return false;
    if (faults.kill)
        raise(SIGKILL);
    snprintf(faults.failed, sizeof faults.failed, "%s", name);
    errno = faults.errnum;
    return true;
}

static const char *fault_path(int fd, char *path, size_t size)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, size - 1);
    path[n > 0 ? n : 0] = '\0';
    return path;
}

/* The C library names its parameters with reserved names. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
ssize_t write(int fd, const void *data, size_t len)
{
    char path[4096];
    if (faults.on && fd > 2 && *fault_path(fd, path, sizeof path) == '/') {
        if (fault("write", path))
            return -1;
        if (faults.part && len > 1)
            len /= 2;
    }
    return syscall(SYS_write, fd, data, len);
}

int fsync(int fd)
{
    char path[4096];
    return fault("fsync", fault_path(fd, path, sizeof path)) ? -1 : (int)syscall(SYS_fsync, fd);
}

int ftruncate(int fd, off_t len)
{
    char path[4096];
    return fault("ftruncate", fault_path(fd, path, sizeof path))
               ? -1
               : (int)syscall(SYS_ftruncate, fd, len);
}

int rename(const char *from, const char *to)
{
    return fault("rename", to) ? -1 : (int)syscall(SYS_rename, from, to);
}

int link(const char *from, const char *to)
{
    return fault("link", to) ? -1 : (int)syscall(SYS_link, from, to);
}

int unlink(const char *path)
{
    return fault("unlink", path) ? -1 : (int)syscall(SYS_unlink, path);
}

int mkdir(const char *path, mode_t mode)
{
    return fault("mkdir", path) ? -1 : (int)syscall(SYS_mkdir, path, mode);
}

int rmdir(const char *path)
{
    return fault("rmdir", path) ? -1 : (int)syscall(SYS_rmdir, path);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

#endif
