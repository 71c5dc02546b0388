/* disk_file.c - large objects from and to a file, and when one was written. */
#include "common/xalloc.h"
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum store_status disk_put_file(struct store *store, const char *name, int fd, struct error *err)
{
    return disk_replace(disk_of(store), name, &(struct disk_content){.from_file = true, .fd = fd},
                        err);
}

/* Opens an object's file for reading: 0 or an errno. */
static int open_object(const char *path, int *fd)
{
    struct stat st;
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0)
        return errno;
    if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode))
        return 0;
    (void)close(*fd); /* read-only: nothing to lose */
    *fd = -1;
    return S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
}

enum store_status disk_get_file(struct store *store, const char *name, int fd, struct error *err)
{
    char *path = disk_path(disk_of(store), name);
    int from = -1;
    int cause = open_object(path, &from);
    if (cause == 0 && (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0))
        cause = errno;
    if (cause == 0)
        cause = disk_copy(from, fd);
    if (from >= 0)
        (void)close(from); /* read-only: nothing to lose */
    enum store_status status = cause ? disk_fail(err, "copy", path, cause) : STORE_OK;
    free(path);
    return status;
}

enum store_status disk_age(struct store *store, const char *name, int64_t *seconds,
                           struct error *err)
{
    char *path = disk_path(disk_of(store), name);
    struct stat st;
    enum store_status status = STORE_OK;
    if (stat(path, &st) != 0)
        status = disk_fail(err, "look at", path, errno);
    else if (time(NULL) > st.st_mtim.tv_sec)
        *seconds = (int64_t)(time(NULL) - st.st_mtim.tv_sec);
    free(path);
    return status;
}
