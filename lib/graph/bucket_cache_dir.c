/* bucket_cache_dir.c - where the cache is, how large it may be, and the workspaces in it. */
#include "common/ulid.h"
#include "common/xalloc.h"
#include "graph/bucket_cache.h"
#include "graph/bucket_file.h"
#include "graph/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t default_max = (int64_t)4 << 30;

/* "4G" as bytes. At most 15 digits before the unit, and no more than fits. */
static bool parse_size(const char *text, int64_t *bytes)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 15)
        return false;
    static const char units[] = "KMGT";
    int shift = 0;
    if (text[n]) {
        const char *unit = strchr(units, text[n]);
        if (!unit || text[n + 1])
            return false;
        shift = 10 * (int)(unit - units + 1);
    }
    int64_t number = strtoll(text, NULL, 10);
    if (number > INT64_MAX >> shift)
        return false;
    *bytes = number << shift;
    return true;
}

static bool find_max(int64_t *max, struct error *err)
{
    const char *text = getenv("CLUSTER_CACHE_MAX");
    *max = default_max;
    return !text || !*text || parse_size(text, max) ||
           error_set(err, NULL,
                     "CLUSTER_CACHE_MAX is '%s': give it a number of bytes, as in 500M or 4G",
                     text);
}

/* The specification has a relative path ignored. */
static char *find_directory(struct error *err)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (xdg && *xdg == '/')
        return xasprintf("%s/cluster", xdg);
    if (home && *home == '/')
        return xasprintf("%s/.cache/cluster", home);
    error_set(err, NULL,
              "there is no place to keep what comes from a bucket: set XDG_CACHE_HOME or HOME to a "
              "directory");
    return NULL;
}

bool cache_open(struct cache *cache, struct error *err)
{
    if (!find_max(&cache->max, err))
        return false;
    cache->directory = find_directory(err);
    /* The mode is what the XDG base directory specification wants. */
    return cache->directory &&
           (directory_make(cache->directory, 0700, false, err) ||
            error_prefix(err, "the cache for graphs in buckets (XDG_CACHE_HOME moves it)"));
}

void cache_close(struct cache *cache)
{
    if (cache->directory)
        cache_trim(cache);
    free(cache->directory);
    *cache = (struct cache)CACHE_INIT;
}

/* Locks a new directory; false if somebody who tidies up took it for one of the dead. */
static bool claim(const char *path, int *lock)
{
    *lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock >= 0 && flock(*lock, LOCK_EX | LOCK_NB) == 0 && bucket_file_is_at(*lock, path))
        return true;
    if (*lock >= 0)
        (void)close(*lock); /* a directory */
    *lock = -1;
    return false;
}

bool workspace_open(const struct cache *cache, struct workspace *workspace, struct error *err)
{
    for (;;) {
        struct ulid id = ulid_new();
        workspace->directory = xasprintf("%s/work-%s", cache->directory, id.text);
        if (mkdir(workspace->directory, 0700) != 0) {
            error_set(err, NULL, "cannot create %s: %s", workspace->directory, strerror(errno));
            free(workspace->directory);
            workspace->directory = NULL;
            return false;
        }
        if (claim(workspace->directory, &workspace->lock))
            return true;
        free(workspace->directory);
    }
}

void workspace_close(struct workspace *workspace)
{
    if (workspace->directory)
        bucket_file_remove_directory(workspace->directory);
    if (workspace->lock >= 0)
        (void)close(workspace->lock); /* lets go of the lock */
    free(workspace->directory);
    *workspace = (struct workspace)WORKSPACE_INIT;
}
