/* bucket_cache_trim.c - what goes when the cache is full, and what the dead left behind. */
#include "common/xalloc.h"
#include "graph/bucket_cache.h"
#include "graph/bucket_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct candidate {
    struct digest snapshot;
    int64_t bytes;
    struct timespec used;
};

struct candidates {
    struct candidate *list;
    size_t n, cap;
    int64_t bytes;
};

/* Splits "<sha256>.suffix". */
static bool split_name(const char *name, struct digest *snapshot, const char **suffix)
{
    if (strlen(name) <= DIGEST_LEN || name[DIGEST_LEN] != '.')
        return false;
    memcpy(snapshot->hex, name, DIGEST_LEN);
    snapshot->hex[DIGEST_LEN] = '\0';
    *suffix = name + DIGEST_LEN;
    return digest_is_hex(snapshot->hex);
}

bool cache_evict(const struct cache *cache, const struct digest *snapshot)
{
    char *lock_path = cache_path(cache, snapshot->hex, ".lock");
    int lock = cache_lock(lock_path, LOCK_EX | LOCK_NB);
    if (lock >= 0) {
        char *file = cache_path(cache, snapshot->hex, ".db");
        char *partial = cache_path(cache, snapshot->hex, ".tmp");
        (void)unlink(file); /* one of both may not be there */
        (void)unlink(partial);
        (void)unlink(lock_path); /* last, and while we hold it: cache_lock() then begins anew */
        (void)close(lock);       /* lets go of the lock */
        free(file);
        free(partial);
    }
    free(lock_path);
    return lock >= 0;
}

static void remove_if_abandoned(const char *directory)
{
    int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (lock < 0)
        return;
    if (flock(lock, LOCK_EX | LOCK_NB) == 0)
        bucket_file_remove_directory(directory);
    (void)close(lock); /* lets go of the lock */
}

static void add_candidate(struct candidates *all, int directory, const char *name,
                          const struct digest *snapshot)
{
    struct stat file, lock;
    if (fstatat(directory, name, &file, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    char *lock_name = xasprintf("%s.lock", snapshot->hex);
    struct candidate candidate = {.snapshot = *snapshot, .bytes = file.st_size};
    if (fstatat(directory, lock_name, &lock, AT_SYMLINK_NOFOLLOW) == 0)
        candidate.used = lock.st_mtim;
    free(lock_name);
    all->list = xgrow(all->list, all->n, &all->cap, sizeof *all->list);
    all->list[all->n++] = candidate;
    all->bytes += candidate.bytes;
}

/* Whether an entry's file is all that there is of it: its fetch failed, or its fetcher died. */
static bool is_alone(int directory, const struct digest *snapshot)
{
    char *name = xasprintf("%s.db", snapshot->hex);
    struct stat st;
    bool alone = fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0;
    free(name);
    return alone;
}

static void look_at(const struct cache *cache, int directory, const char *name,
                    struct candidates *all)
{
    struct digest snapshot;
    const char *suffix;
    if (strncmp(name, "work-", 5) == 0) {
        char *path = xasprintf("%s/%s", cache->directory, name);
        remove_if_abandoned(path);
        free(path);
    } else if (split_name(name, &snapshot, &suffix)) {
        if (strcmp(suffix, ".db") == 0)
            add_candidate(all, directory, name, &snapshot);
        else if (is_alone(directory, &snapshot))
            (void)cache_evict(cache, &snapshot); /* unless somebody is fetching it right now */
    }
}

static int by_use(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->used.tv_sec != y->used.tv_sec)
        return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    if (x->used.tv_nsec != y->used.tv_nsec)
        return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
    return strcmp(x->snapshot.hex, y->snapshot.hex);
}

void cache_trim(const struct cache *cache)
{
    DIR *dir = opendir(cache->directory);
    if (!dir)
        return;
    struct candidates all = {0};
    struct dirent *entry;
    while ((entry = readdir(dir)))
        look_at(cache, dirfd(dir), entry->d_name, &all);
    closedir(dir);
    if (all.n > 0 && (all.bytes > cache->max || all.n > CACHE_ENTRIES))
        qsort(all.list, all.n, sizeof *all.list, by_use);
    size_t left = all.n;
    for (size_t i = 0; i < all.n && (all.bytes > cache->max || left > CACHE_ENTRIES); i++) {
        if (cache_evict(cache, &all.list[i].snapshot)) {
            all.bytes -= all.list[i].bytes;
            left--;
        }
    }
    free(all.list);
}
