#include "graph/bucket_cache.h"

#include "common/xalloc.h"
#include "graph/bucket_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    STAMP_LEN = 128,
    /* How often an entry may be removed by others between its being fetched and held. */
    MAX_ROUNDS = 16,
};

char *cache_path(const struct cache *cache, const char *sha256, const char *suffix)
{
    return xasprintf("%s/%s%s", cache->directory, sha256, suffix);
}

char *snapshot_name(const struct digest *snapshot)
{
    return xasprintf("%s%s%s", SNAPSHOT_PREFIX, snapshot->hex, SNAPSHOT_SUFFIX);
}

int cache_lock(const char *path, int how)
{
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return -1;
        int failed;
        while ((failed = flock(fd, how)) != 0 && errno == EINTR)
            ;
        if (failed == 0 && bucket_file_is_at(fd, path))
            return fd;
        int cause = errno;
        (void)close(fd); /* nothing was written */
        if (failed != 0) {
            errno = cause;
            return -1;
        }
    }
}

/* What tells one state of a file from any other. False if there is no such file. */
static bool stamp_of(const char *file, char stamp[STAMP_LEN])
{
    struct stat st;
    if (lstat(file, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    snprintf(stamp, STAMP_LEN, "%jd %jd.%09ld %jd.%09ld %ju\n", (intmax_t)st.st_size,
             (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec,
             st.st_ctim.tv_nsec, (uintmax_t)st.st_ino);
    return true;
}

/* Whether the file is the one that was checked last. */
static bool is_checked(int lock, const char *file)
{
    char stamp[STAMP_LEN], is[STAMP_LEN];
    ssize_t n = pread(lock, is, sizeof is, 0);
    return stamp_of(file, stamp) && n == (ssize_t)strlen(stamp) &&
           memcmp(stamp, is, (size_t)n) == 0;
}

/* Failing to note it only means that it is checked again. */
static void note_checked(int lock, const char *file)
{
    char stamp[STAMP_LEN];
    if (stamp_of(file, stamp) && ftruncate(lock, 0) == 0)
        (void)!pwrite(lock, stamp, strlen(stamp), 0);
}

static bool has_digest(int fd, const struct digest *snapshot)
{
    struct digest is;
    return bucket_file_digest(fd, &is, NULL) && strcmp(is.hex, snapshot->hex) == 0;
}

static bool file_has_digest(const char *file, const struct digest *snapshot)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    bool has = has_digest(fd, snapshot);
    (void)close(fd); /* it was only read */
    return has;
}

/* Trouble on this disk says nothing about the graph. */
static enum store_status fail(struct error *err, const char *what, const char *path)
{
    error_set(err, NULL, "cannot %s %s: %s", what, path, strerror(errno));
    return STORE_UNAVAILABLE;
}

/* Under the exclusive lock: gets the object into `file`, or leaves none there. */
static enum store_status fetch(const char *partial, const char *file, struct store *store,
                               const struct digest *snapshot, struct error *err)
{
    int fd = open(partial, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(err, "create", partial);
    char *name = snapshot_name(snapshot);
    enum store_status status = store_get_file(store, name, fd, err);
    if (status == STORE_OK && !has_digest(fd, snapshot)) {
        char *where = store_location(store, name);
        error_set(err, NULL, "%s is damaged: it does not have the hash that is its name", where);
        free(where);
        status = STORE_INVALID;
    }
    /* Durable before it is noted as checked, or a power loss could leave less than was checked. */
    if (status == STORE_OK && (fchmod(fd, 0400) != 0 || fsync(fd) != 0))
        status = fail(err, "write", partial);
    if (close(fd) != 0 && status == STORE_OK)
        status = fail(err, "write", partial);
    if (status == STORE_OK && rename(partial, file) != 0)
        status = fail(err, "create", file);
    if (status != STORE_OK)
        (void)unlink(partial); /* else the next who fetches writes over it */
    free(name);
    return status;
}

/* Makes sure that the entry is there and checked; alone with it while it does. */
static enum store_status provide(const struct cache *cache, struct store *store,
                                 const char *lock_path, const char *file,
                                 const struct digest *snapshot, struct error *err)
{
    int lock = cache_lock(lock_path, LOCK_EX);
    if (lock < 0)
        return fail(err, "lock", lock_path);
    enum store_status status = STORE_OK;
    if (!is_checked(lock, file)) {
        if (!file_has_digest(file, snapshot)) {
            char *partial = cache_path(cache, snapshot->hex, ".tmp");
            (void)unlink(file); /* most often it is not there; else it is replaced */
            status = fetch(partial, file, store, snapshot, err);
            free(partial);
        }
        if (status == STORE_OK)
            note_checked(lock, file);
    }
    (void)close(lock); /* what the file says may be lost */
    return status;
}

/* True when the entry is held: there, checked, and ours to use until we let go. */
static bool take(const char *lock_path, const char *file, struct cache_entry *entry)
{
    int lock = cache_lock(lock_path, LOCK_SH);
    if (lock < 0)
        return false;
    if (!is_checked(lock, file)) {
        (void)close(lock); /* nothing was written */
        return false;
    }
    (void)futimens(lock, NULL); /* used now; if that fails it goes a little earlier */
    entry->file = xstrdup(file);
    entry->lock = lock;
    return true;
}

enum store_status cache_hold(const struct cache *cache, struct store *store,
                             const struct digest *snapshot, struct cache_entry *entry,
                             struct error *err)
{
    char *lock_path = cache_path(cache, snapshot->hex, ".lock");
    char *file = cache_path(cache, snapshot->hex, ".db");
    enum store_status status = STORE_OK;
    bool held = take(lock_path, file, entry);
    for (int round = 0; !held && status == STORE_OK && round < MAX_ROUNDS; round++) {
        status = provide(cache, store, lock_path, file, snapshot, err);
        held = status == STORE_OK && take(lock_path, file, entry);
    }
    if (status == STORE_OK && !held) {
        error_set(err, NULL,
                  "%s does not stay there: other processes remove it; raise CLUSTER_CACHE_MAX",
                  file);
        status = STORE_UNAVAILABLE;
    }
    free(lock_path);
    free(file);
    return status;
}

void cache_let_go(struct cache_entry *entry)
{
    if (entry->lock >= 0)
        (void)close(entry->lock); /* lets go of the lock */
    free(entry->file);
    *entry = (struct cache_entry)CACHE_ENTRY_INIT;
}

void cache_adopt(const struct cache *cache, const char *file, const struct digest *snapshot)
{
    char *lock_path = cache_path(cache, snapshot->hex, ".lock");
    char *target = cache_path(cache, snapshot->hex, ".db");
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    int lock = cache_lock(lock_path, LOCK_EX);
    if (fd >= 0 && lock >= 0 && fchmod(fd, 0400) == 0 && fsync(fd) == 0 &&
        rename(file, target) == 0)
        note_checked(lock, target);
    if (lock >= 0)
        (void)close(lock); /* what the file says may be lost */
    if (fd >= 0)
        (void)close(fd); /* it was only read */
    free(lock_path);
    free(target);
}
