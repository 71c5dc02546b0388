#include "graph/root.h"

#include "common/failpoint.h"
#include "common/ulid.h"
#include "common/xalloc.h"
#include "graph/bucket_root.h"
#include "graph/directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEMPORARY_PREFIX ".tmp.graph-"
static const char database_name[] = "graph.db";
/* The database and what SQLite keeps beside it. */
static const char *const own_files[] = {"graph.db-wal", "graph.db-shm", "graph.db-journal",
                                        "graph.db"};
enum { OWN_FILES = sizeof own_files / sizeof *own_files, STALE_SECONDS = 3600 };

static char *without_trailing_slashes(const char *location)
{
    size_t len = strlen(location);
    while (len > 1 && location[len - 1] == '/')
        len--;
    return xstrndup(location, len);
}

enum content { CONTENT_NOTHING, CONTENT_EMPTY, CONTENT_FOREIGN, CONTENT_GRAPH, CONTENT_UNREADABLE };

/* What lies at a path. errno says why when it is unreadable. */
static enum content look_at(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR ? CONTENT_NOTHING : CONTENT_UNREADABLE;
    if (!S_ISDIR(st.st_mode))
        return CONTENT_FOREIGN;
    DIR *dir = opendir(path);
    if (!dir)
        return CONTENT_UNREADABLE;
    enum content content = CONTENT_EMPTY;
    struct dirent *entry;
    while ((entry = readdir(dir))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strncmp(name, ".tmp.", 5) == 0)
            continue;
        content = CONTENT_FOREIGN;
        if (strcmp(name, database_name) == 0) {
            content = CONTENT_GRAPH;
            break;
        }
    }
    closedir(dir);
    return content;
}

static enum graph_status open_on_disk(char *path, struct root *root, struct error *err)
{
    enum content content = look_at(path);
    int cause = errno;
    enum graph_status status = GRAPH_CANNOT_OPEN;
    switch (content) {
    case CONTENT_NOTHING:
    case CONTENT_EMPTY:
        error_set(err, NULL, "there is no graph at %s", path);
        status = GRAPH_NONE;
        break;
    case CONTENT_FOREIGN:
        error_set(err, NULL, "%s is no graph: it has no %s", path, database_name);
        break;
    case CONTENT_UNREADABLE:
        error_set(err, NULL, "cannot open %s: %s", path, strerror(cause));
        break;
    case CONTENT_GRAPH:
        status = GRAPH_OK;
        root->location = xstrdup(path);
        root->directory = xstrdup(path);
        root->file = xasprintf("%s/%s", path, database_name);
        break;
    }
    return status;
}

enum graph_status root_open(const char *location, enum root_use use, struct root *root,
                            struct error *err)
{
    char *path = without_trailing_slashes(location);
    enum graph_status status = bucket_root_is(path) ? bucket_root_open(path, use, root, err)
                                                    : open_on_disk(path, root, err);
    free(path);
    return status;
}

bool root_in_bucket(const struct root *root)
{
    return root->bucket != NULL;
}

static void remove_graph_directory(const char *directory)
{
    for (size_t i = 0; i < OWN_FILES; i++) {
        char *file = xasprintf("%s/%s", directory, own_files[i]);
        (void)unlink(file); /* most are not there; what stays is removed as stale later */
        free(file);
    }
    (void)rmdir(directory); /* likewise */
}

/* Inits that died here an hour ago or more are not coming back. */
static void remove_stale_temporaries(const char *parent)
{
    DIR *dir = opendir(parent);
    if (!dir)
        return;
    time_t limit = time(NULL) - STALE_SECONDS;
    struct dirent *entry;
    while ((entry = readdir(dir))) {
        if (strncmp(entry->d_name, TEMPORARY_PREFIX, strlen(TEMPORARY_PREFIX)) != 0)
            continue;
        char *path = xasprintf("%s/%s", parent, entry->d_name);
        struct stat st;
        if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_mtime < limit)
            remove_graph_directory(path);
        free(path);
    }
    closedir(dir);
}

/* "." and ".." are no names that a directory can get. */
static bool ends_in_dots(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static enum graph_status create_on_disk(const char *given, struct root *root, struct error *err)
{
    enum content content = look_at(given);
    int cause = errno;
    /* An empty directory behind a symbolic link is replaced where it is. */
    char *real = content == CONTENT_EMPTY ? realpath(given, NULL) : NULL;
    const char *path = real ? real : given;
    char *parent = directory_of(path);
    bool ok = false;
    if (content == CONTENT_UNREADABLE)
        error_set(err, NULL, "cannot look into %s: %s", path, strerror(cause));
    else if (content == CONTENT_GRAPH)
        error_set(err, NULL, "there is a graph at %s already", path);
    else if (content == CONTENT_FOREIGN)
        error_set(err, NULL, "%s is not empty; name a new directory for the graph", path);
    else if (ends_in_dots(given))
        error_set(err, NULL, "a graph cannot be made at %s; name its directory from outside",
                  given);
    else
        ok = directory_make(parent, 0777, true, err);
    if (ok) {
        remove_stale_temporaries(parent);
        struct ulid id = ulid_new();
        root->directory = xasprintf("%s/%s%s", parent, TEMPORARY_PREFIX, id.text);
        root->file = xasprintf("%s/%s", root->directory, database_name);
        root->location = xstrdup(path);
        ok = mkdir(root->directory, 0777) == 0;
        if (!ok) {
            error_set(err, NULL, "cannot create a directory in %s: %s", parent, strerror(errno));
            root_clear(root);
        }
    }
    free(parent);
    free(real);
    return ok ? GRAPH_OK : GRAPH_FAILED;
}

enum graph_status root_create(const char *location, struct root *root, struct error *err)
{
    char *path = without_trailing_slashes(location);
    enum graph_status status = bucket_root_is(path) ? bucket_root_create(path, root, err)
                                                    : create_on_disk(path, root, err);
    free(path);
    return status;
}

enum graph_status root_finish(struct root *root, struct error *err)
{
    if (root->bucket)
        return bucket_root_finish(root, err);
    if (!directory_sync(root->directory, err) || !FAILPOINT("cluster_graph.before_rename", err))
        return GRAPH_FAILED;
    if (rename(root->directory, root->location) != 0) {
        if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
            error_set(err, NULL, "something else is at %s by now; look there, then try again",
                      root->location);
        else
            error_set(err, NULL, "cannot put the new graph at %s: %s", root->location,
                      strerror(errno));
        return GRAPH_FAILED;
    }
    free(root->directory);
    root->directory = xstrdup(root->location);
    free(root->file);
    root->file = xasprintf("%s/%s", root->directory, database_name);
    char *parent = directory_of(root->location);
    /* The name is there, only its durability is not known. */
    enum graph_status status = directory_sync(parent, err) ? GRAPH_OK : GRAPH_UNKNOWN;
    free(parent);
    if (status == GRAPH_OK && !FAILPOINT("cluster_graph.after_rename", err))
        status = GRAPH_UNKNOWN;
    return status;
}

void root_abandon(struct root *root)
{
    /* A bucket's is removed when the root is cleared. */
    if (!root->bucket && root->directory && strcmp(root->directory, root->location) != 0)
        remove_graph_directory(root->directory);
}

enum graph_status root_publish(struct root *root, int64_t version, struct error *err)
{
    /* On a disk the file is the graph. */
    return root->bucket ? bucket_root_publish(root, version, err) : GRAPH_OK;
}

enum graph_status root_sweep(struct root *root, bool confirm, int64_t *snapshots, struct error *err)
{
    *snapshots = 0;
    return root->bucket ? bucket_root_sweep(root, confirm, snapshots, err) : GRAPH_OK;
}

void root_clear(struct root *root)
{
    bucket_root_close(root->bucket);
    free(root->location);
    free(root->file);
    free(root->directory);
    *root = (struct root)ROOT_INIT;
}
