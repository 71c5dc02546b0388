/*
 * bucket_cache.h - snapshots of graphs in buckets, kept on this disk for all processes of a user.
 *
 *     struct cache cache = CACHE_INIT;
 *     struct cache_entry entry = CACHE_ENTRY_INIT;
 *     if (cache_open(&cache, &err) &&
 *         cache_hold(&cache, store, &snapshot, &entry, &err) == STORE_OK)
 *         ... entry.file is the snapshot, read-only; it stays until ...
 *     cache_let_go(&entry);
 *     cache_close(&cache);
 *
 * In ${XDG_CACHE_HOME:-~/.cache}/cluster/:
 *
 *     <sha256>.db     a snapshot, whole
 *     <sha256>.lock   its lock; says which file was found to have that hash, and by its time of
 *                     modification when it was last used
 *     <sha256>.tmp    one that is being fetched
 *     work-<ULID>/    a writer's own copy
 *
 * A holder keeps a shared flock(2) on the .lock file, who fetches or removes an exclusive one: so a
 * snapshot is fetched once however many want it, and never goes away under a reader. A new one is
 * checked against its name before anybody uses it, and so is an old one whose file is not the very
 * one that was checked before (size, times and inode); what does not have its hash is fetched
 * again.
 *
 * The least recently used snapshots go when there is more than $CLUSTER_CACHE_MAX (bytes, or with
 * K, M, G or T; 4G when unset) or there are more than 1000, each time that a process has done with
 * the cache; so does the one that a commit has replaced. What others are using stays. Processes
 * that died leave nothing that the next one does not remove.
 */
#ifndef CLUSTER_GRAPH_BUCKET_CACHE_H
#define CLUSTER_GRAPH_BUCKET_CACHE_H

#include "common/digest.h"
#include "store/store.h"

struct cache {
    char *directory;
    int64_t max; /* bytes */
};

/* More entries than this are not kept however small they are: each use looks at all of them. */
enum { CACHE_ENTRIES = 1000 };

#define CACHE_INIT \
    {              \
        NULL, 0    \
    }

struct cache_entry {
    char *file;
    int lock;
};

#define CACHE_ENTRY_INIT \
    {                    \
        NULL, -1         \
    }

/* A directory of one's own, gone when its maker is. */
struct workspace {
    char *directory;
    int lock;
};

#define WORKSPACE_INIT \
    {                  \
        NULL, -1       \
    }

/* Finds and makes the directory. */
bool cache_open(struct cache *cache, struct error *err);
/* Removes what is too much. Harmless on CACHE_INIT. */
void cache_close(struct cache *cache);

/* Fetches the snapshot from a graph's store if need be, and holds it. As store_get_file();
 * STORE_INVALID also when the object does not have the hash of its name. */
enum store_status cache_hold(const struct cache *cache, struct store *store,
                             const struct digest *snapshot, struct cache_entry *entry,
                             struct error *err);
void cache_let_go(struct cache_entry *entry);
/* Moves a file, which has been made in a workspace and has this hash, into the cache. It is no
 * error if that fails: the file then only has to be fetched some day. */
void cache_adopt(const struct cache *cache, const char *file, const struct digest *snapshot);

bool workspace_open(const struct cache *cache, struct workspace *workspace, struct error *err);
/* Removes it with the files in it. */
void workspace_close(struct workspace *workspace);

/* The name of a snapshot in a graph's store. To be freed. */
char *snapshot_name(const struct digest *snapshot);
#define SNAPSHOT_PREFIX "snapshots/"
#define SNAPSHOT_SUFFIX ".db"

/* Removes an entry unless somebody uses it. */
bool cache_evict(const struct cache *cache, const struct digest *snapshot);
/* Removes the least recently used until at most cache->max bytes are left, and what the dead left
 * behind. Called by cache_close(). */
void cache_trim(const struct cache *cache);
/* The path of one of an entry's files. To be freed. */
char *cache_path(const struct cache *cache, const char *sha256, const char *suffix);
/* Opens the lock file of an entry and takes it with flock(2)'s `how`; an entry that was removed
 * meanwhile is made again. -1 with errno set; EWOULDBLOCK with LOCK_NB when it is held. */
int cache_lock(const char *path, int how);

#endif
