#include "graph/directory.h"

#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool directory_sync(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, NULL, "cannot open %s: %s", path, strerror(errno));
    bool ok = fsync(fd) == 0;
    if (!ok)
        error_set(err, NULL, "cannot make %s durable: %s", path, strerror(errno));
    (void)close(fd); /* it was only synced */
    return ok;
}

char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return xstrdup(".");
    return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

/* One directory, in one that is there. */
static bool make_one(const char *path, mode_t mode, bool durable, struct error *err)
{
    if (mkdir(path, mode) != 0)
        return errno == EEXIST ||
               error_set(err, NULL, "cannot create %s: %s", path, strerror(errno));
    if (!durable)
        return true;
    char *parent = directory_of(path);
    bool ok = directory_sync(parent, err);
    free(parent);
    return ok;
}

bool directory_make(const char *path, mode_t mode, bool durable, struct error *err)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return true;
        return error_set(err, NULL, "%s is not a directory", path);
    }
    char *copy = xstrdup(path);
    bool ok = true;
    for (char *at = copy + 1; ok; at++) {
        if (*at != '/' && *at)
            continue;
        char end = *at;
        *at = '\0';
        ok = make_one(copy, mode, durable, err);
        *at = end;
        if (!end)
            break;
    }
    free(copy);
    return ok;
}
