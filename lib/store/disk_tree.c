/* disk_tree.c - what lies under a folder: list it, ask whether there is anything, delete it. */
#include "common/xalloc.h"
#include "store/disk.h"
#include "store/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { STALE_AFTER_SECONDS = 3600 };

/* The path of the folder that a prefix names, to be freed. */
static char *folder_path(struct store *store, const char *prefix)
{
    char *path = disk_path(disk_of(store), prefix);
    size_t len = strlen(path);
    if (len > 1 && path[len - 1] == '/')
        path[len - 1] = '\0';
    return path;
}

static bool is_temporary(const char *leaf)
{
    return strncmp(leaf, ".tmp.", 5) == 0;
}

/* True for an entry that is an object; name is then its name in the store. */
static bool is_object(const struct disk_store *disk, const struct walk_entry *entry,
                      const char **name)
{
    if (entry->kind != WALK_FILE || entry->is_top)
        return false;
    *name = entry->path + strlen(disk->root) + 1;
    return store_name_is_valid(*name) && strcmp(*name, DISK_CAS) != 0 &&
           strcmp(*name, DISK_LOCK) != 0;
}

/* Collects the names of objects, or with names NULL only looks for the first. */
static enum store_status collect(struct store *store, const char *prefix, struct store_names *names,
                                 bool *any, struct error *err)
{
    struct walk walk;
    struct walk_entry entry;
    enum store_status status = STORE_OK;
    size_t cap = 0;
    char *path = folder_path(store, prefix);
    walk_begin(&walk, path);
    while (status == STORE_OK && (names || !*any) && walk_next(&walk, &entry)) {
        const char *name;
        if (entry.kind == WALK_TROUBLE) {
            status = disk_fail(err, "list", entry.path, entry.cause);
        } else if (is_object(disk_of(store), &entry, &name)) {
            *any = true;
            if (names)
                store_names_add(names, &cap, xstrdup(name));
        }
    }
    walk_end(&walk);
    free(path);
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
static int remove_entry(const struct walk_entry *entry)
{
    int cause;
    switch (entry->kind) {
    case WALK_FOLDER:
        return 0; /* its turn comes as WALK_LEFT, when it is empty */
    case WALK_TROUBLE:
        return entry->cause;
    case WALK_LEFT:
        cause = disk_remove_directory(entry->path);
        /* The folder itself was reached through a symbolic link, which goes too. */
        if (cause == ENOTDIR)
            cause = disk_unlink(entry->path);
        break;
    default:
        cause = disk_unlink(entry->path);
    }
    return cause == ENOENT ? 0 : cause;
}

/* In the order of the names, so that a delete that is cut off has taken a file before what
 * completes it: graph.db before its graph.db-wal, without which it would open as an older version
 * of itself. */
enum store_status disk_delete_prefix(struct store *store, const char *prefix, struct error *err)
{
    struct walk walk;
    struct walk_entry entry;
    enum store_status status = STORE_OK;
    char *path = folder_path(store, prefix);
    walk_begin(&walk, path);
    while (status == STORE_OK && walk_next(&walk, &entry)) {
        int cause = remove_entry(&entry);
        if (cause != 0)
            status = disk_fail(err, "delete", entry.path, cause);
    }
    if (status == STORE_OK) {
        char *parent = disk_folder_of(path);
        int cause = disk_sync_directory(parent);
        if (cause != 0 && cause != ENOENT)
            status = disk_fail(err, "sync the directory", parent, cause);
        free(parent);
    }
    walk_end(&walk);
    free(path);
    return status;
}

static bool is_stale(const char *path, time_t now)
{
    struct stat st;
    return lstat(path, &st) == 0 && st.st_mtime < now - STALE_AFTER_SECONDS;
}

void disk_remove_stale_temporaries(struct store *store)
{
    struct walk walk;
    struct walk_entry entry;
    time_t now = time(NULL);
    char *path = folder_path(store, "__cluster/");
    walk_begin(&walk, path);
    while (walk_next(&walk, &entry)) {
        if (entry.kind == WALK_FILE && is_temporary(entry.leaf) && is_stale(entry.path, now))
            (void)disk_unlink(entry.path); /* the next sweep tries again */
    }
    walk_end(&walk);
    free(path);
}
