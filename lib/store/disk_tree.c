/* disk_tree.c - what lies under a folder: list it, ask whether there is anything, delete it. */
#include "common/xalloc.h"
#include "store/disk.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { STALE_AFTER_SECONDS = 3600 };

/* A walk over one folder; symbolic links inside it are not followed. */
struct walk {
    char *path;
    FTS *fts;
};

/* By name, so that a delete that is cut off has taken a file before what completes it: graph.db
 * before its graph.db-wal, without which it would open as an older version of itself. */
static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool walk_open(struct walk *walk, struct disk_store *disk, const char *prefix)
{
    walk->path = disk_path(disk, prefix);
    size_t len = strlen(walk->path);
    if (len > 1 && walk->path[len - 1] == '/')
        walk->path[len - 1] = '\0';
    char *paths[] = {walk->path, NULL};
    walk->fts = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    return walk->fts != NULL;
}

static void walk_close(struct walk *walk)
{
    if (walk->fts)
        (void)fts_close(walk->fts); /* nothing was changed through it */
    free(walk->path);
}

static bool is_temporary(const char *leaf)
{
    return strncmp(leaf, ".tmp.", 5) == 0;
}

/* True for an entry that is an object; name is then its name in the store. */
static bool is_object(const struct disk_store *disk, const FTSENT *entry, const char **name)
{
    if (entry->fts_info != FTS_F || entry->fts_level == 0)
        return false;
    *name = entry->fts_path + strlen(disk->root) + 1;
    return store_name_is_valid(*name) && strcmp(*name, DISK_CAS) != 0 &&
           strcmp(*name, DISK_LOCK) != 0;
}

/* The errno of an entry that could not be looked at, or 0. What vanished under the walk never was.
 */
static int trouble_with(const FTSENT *entry)
{
    bool bad =
        entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS;
    return bad && entry->fts_errno != ENOENT ? entry->fts_errno : 0;
}

/* Collects the names of objects, or with names NULL only looks for the first. */
static enum store_status collect(struct store *store, const char *prefix, struct store_names *names,
                                 bool *any, struct error *err)
{
    struct disk_store *disk = disk_of(store);
    struct walk walk;
    enum store_status status = STORE_OK;
    size_t cap = 0;
    if (!walk_open(&walk, disk, prefix)) {
        status = disk_fail(err, "list", walk.path, errno);
        walk_close(&walk);
        return status;
    }
    const FTSENT *entry;
    while ((entry = fts_read(walk.fts))) {
        const char *name;
        int cause = trouble_with(entry);
        if (cause != 0) {
            status = disk_fail(err, "list", entry->fts_path, cause);
            break;
        }
        if (is_object(disk, entry, &name)) {
            *any = true;
            if (!names)
                break;
            store_names_add(names, &cap, xstrdup(name));
        }
    }
    walk_close(&walk);
    return status;
}

enum store_status disk_list(struct store *store, const char *prefix, struct store_names *out,
                            struct error *err)
{
    bool any = false;
    return collect(store, prefix, out, &any, err);
}

enum store_status disk_exists(struct store *store, const char *prefix, bool *exists,
                              struct error *err)
{
    return collect(store, prefix, NULL, exists, err);
}

/* Removes one entry of a walk; 0 or an errno. */
static int remove_entry(const FTSENT *entry)
{
    if (entry->fts_info == FTS_D)
        return 0; /* its turn comes as FTS_DP, when it is empty */
    int cause = trouble_with(entry);
    if (cause != 0 || entry->fts_info == FTS_NS)
        return cause;
    if (entry->fts_info == FTS_DP)
        cause = disk_remove_directory(entry->fts_accpath);
    /* ENOTDIR: the folder itself was reached through a symbolic link, which goes too. */
    if (entry->fts_info != FTS_DP || cause == ENOTDIR)
        cause = disk_unlink(entry->fts_accpath);
    return cause == ENOENT ? 0 : cause;
}

enum store_status disk_delete_prefix(struct store *store, const char *prefix, struct error *err)
{
    struct walk walk;
    enum store_status status = STORE_OK;
    if (!walk_open(&walk, disk_of(store), prefix)) {
        status = disk_fail(err, "delete", walk.path, errno);
    } else {
        const FTSENT *entry;
        while (status == STORE_OK && (entry = fts_read(walk.fts))) {
            int cause = remove_entry(entry);
            if (cause != 0)
                status = disk_fail(err, "delete", entry->fts_path, cause);
        }
    }
    if (status == STORE_OK) {
        char *parent = disk_folder_of(walk.path);
        int cause = disk_sync_directory(parent);
        if (cause != 0 && cause != ENOENT)
            status = disk_fail(err, "sync the directory", parent, cause);
        free(parent);
    }
    walk_close(&walk);
    return status;
}

void disk_remove_stale_temporaries(struct store *store)
{
    struct walk walk;
    time_t now = time(NULL);
    if (walk_open(&walk, disk_of(store), "__cluster/")) {
        const FTSENT *entry;
        while ((entry = fts_read(walk.fts))) {
            if (entry->fts_info == FTS_F && is_temporary(entry->fts_name) &&
                entry->fts_statp->st_mtime < now - STALE_AFTER_SECONDS)
                (void)disk_unlink(entry->fts_accpath); /* the next sweep tries again */
        }
    }
    walk_close(&walk);
}
