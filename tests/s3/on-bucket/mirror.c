#include "mirror.h"

#include "bucket.h"
#include "common/io.h"
#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The key of an absolute path is "mirror" and the path. */
#define KEY_PREFIX "mirror"

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "/nowhere";
}

static char *shadow_of(const char *path)
{
    return xasprintf("%s/shadow%s", variable("BATS_RUN_TMPDIR"), path);
}

/* A descriptor to close, or -1. */
static int take_lock(void)
{
    char *name = xasprintf("%s/.mirror-lock", variable("BATS_FILE_TMPDIR"));
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || flock(fd, LOCK_EX) != 0)
        fprintf(stderr, "mirror: cannot lock %s: %s\n", name, strerror(errno));
    free(name);
    return fd;
}

/* Whether an absolute path is stored: below one of the place's folders, and not hidden. */
static bool is_stored(const struct place *place, const char *path)
{
    size_t len = strlen(place->path);
    if (strncmp(path, place->path, len) != 0 || path[len] != '/' || strrchr(path, '/')[1] == '.')
        return false;
    const char *rest = path + len + 1;
    return place->is_graph || strncmp(rest, "__cluster/", 10) == 0 ||
           strncmp(rest, "graphs/", 7) == 0;
}

/* The keys of the regular files below a place, looked for in a copy of it whose paths begin with
 * `before`. */
static void find_below(const struct place *place, const char *before, struct objects *out)
{
    const char *const folders[] = {"/__cluster", "/graphs"};
    for (size_t i = 0; i < (place->is_graph ? 1 : 2); i++) {
        char *top = xasprintf("%s%s%s", before, place->path, place->is_graph ? "" : folders[i]);
        char *tops[] = {top, NULL};
        FTS *fts = fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
        for (FTSENT *entry; fts && (entry = fts_read(fts));) {
            if (entry->fts_info != FTS_F || entry->fts_level == 0 || entry->fts_name[0] == '.')
                continue;
            char *key = xasprintf(KEY_PREFIX "%s", entry->fts_path + strlen(before));
            objects_add(out, key);
            free(key);
        }
        if (fts)
            fts_close(fts);
        free(top);
    }
}

static bool contains(const struct objects *objects, const char *key)
{
    for (size_t i = 0; i < objects->n; i++)
        if (strcmp(objects->all[i].key, key) == 0)
            return true;
    return false;
}

static bool holds(const char *path, const struct buf *content)
{
    struct buf is = BUF_INIT;
    bool same = io_read_file(path, IO_MAX_DOCUMENT, &is, NULL) && is.len == content->len &&
                memcmp(buf_text(&is), buf_text(content), is.len) == 0;
    buf_free(&is);
    return same;
}

static bool has_md5(const char *path, const char *hex)
{
    struct buf is = BUF_INIT;
    unsigned char md[EVP_MAX_MD_SIZE];
    size_t len = 0;
    bool same = hex && io_read_file(path, IO_MAX_DOCUMENT, &is, NULL) &&
                EVP_Q_digest(NULL, "MD5", NULL, buf_text(&is), is.len, md, &len) == 1 &&
                strlen(hex) == 2 * len;
    for (size_t i = 0; same && i < len; i++) {
        char pair[3];
        snprintf(pair, sizeof pair, "%02x", md[i]);
        same = strncmp(hex + 2 * i, pair, 2) == 0;
    }
    buf_free(&is);
    return same;
}

static void write_file(const char *path, const struct buf *content)
{
    if (holds(path, content))
        return;
    char *folder = xstrdup(path);
    for (char *at = folder + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        (void)mkdir(folder,
                    0777); /* most of them are there; open() tells if one could not be made */
        *at = '/';
    }
    free(folder);
    /* Beside, and renamed: a test may be reading it. */
    char *temporary = xasprintf("%s.mirror%ld", path, (long)getpid());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || !io_write_all(fd, buf_text(content), content->len, NULL) || close(fd) != 0 ||
        rename(temporary, path) != 0)
        fprintf(stderr, "mirror: cannot write %s: %s\n", path, strerror(errno));
    free(temporary);
}

/* Removes a file, and the folders that it leaves empty, but for what lies above the place. */
static void remove_file(const struct place *place, const char *before, const char *path)
{
    char *name = xasprintf("%s%s", before, path);
    size_t least = strlen(before) + strlen(place->path) + (place->is_graph ? 0 : 1);
    (void)unlink(name); /* the test may have been quicker */
    for (char *slash; (slash = strrchr(name, '/')) && (size_t)(slash - name) >= least;) {
        *slash = '\0';
        if (rmdir(name) != 0)
            break;
    }
    free(name);
}

static bool push(const struct place *place, struct bucket *bucket)
{
    struct objects now = {0}, before = {0}, changed = {0}, gone = {0};
    char *shadow = shadow_of("");
    find_below(place, "", &now);
    find_below(place, shadow, &before);
    for (size_t i = 0; i < now.n; i++) {
        struct buf content = BUF_INIT;
        const char *path = now.all[i].key + strlen(KEY_PREFIX);
        char *copy = shadow_of(path);
        if (io_read_file(path, IO_MAX_DOCUMENT, &content, NULL) && !holds(copy, &content)) {
            write_file(copy, &content);
            objects_add(&changed, now.all[i].key)->data = content;
        } else {
            buf_free(&content);
        }
        free(copy);
    }
    for (size_t i = 0; i < before.n; i++)
        if (!contains(&now, before.all[i].key)) {
            remove_file(place, shadow, before.all[i].key + strlen(KEY_PREFIX));
            objects_add(&gone, before.all[i].key);
        }
    bool ok = bucket_put(bucket, &changed);
    ok = bucket_delete(bucket, &gone) && ok;
    free(shadow);
    objects_free(&now);
    objects_free(&before);
    objects_free(&changed);
    objects_free(&gone);
    return ok;
}

/* Of what is there, what the shadow does not hold yet. */
static void choose_changed(const struct place *place, const struct objects *there,
                           struct objects *changed)
{
    for (size_t i = 0; i < there->n; i++) {
        const char *path = there->all[i].key + strlen(KEY_PREFIX);
        char *copy = shadow_of(path);
        if (is_stored(place, path) && !has_md5(copy, there->all[i].etag))
            objects_add(changed, there->all[i].key);
        free(copy);
    }
}

static bool pull(const struct place *place, struct bucket *bucket)
{
    struct objects there = {0}, before = {0}, changed = {0};
    char *prefix = xasprintf(KEY_PREFIX "%s/", place->path), *shadow = shadow_of("");
    bool ok = bucket_list(bucket, prefix, &there);
    if (ok)
        choose_changed(place, &there, &changed);
    ok = ok && bucket_get(bucket, &changed);
    for (size_t i = 0; ok && i < changed.n; i++) {
        const struct object *object = &changed.all[i];
        if (object->missing) /* gone again since the list: the next pull will see it */
            continue;
        char *copy = shadow_of(object->key + strlen(KEY_PREFIX));
        write_file(object->key + strlen(KEY_PREFIX), &object->data);
        write_file(copy, &object->data);
        free(copy);
    }
    if (ok)
        find_below(place, shadow, &before);
    for (size_t i = 0; i < before.n; i++)
        if (!contains(&there, before.all[i].key)) {
            remove_file(place, "", before.all[i].key + strlen(KEY_PREFIX));
            remove_file(place, shadow, before.all[i].key + strlen(KEY_PREFIX));
        }
    free(prefix);
    free(shadow);
    objects_free(&there);
    objects_free(&before);
    objects_free(&changed);
    return ok;
}

static bool locked(const struct place *place,
                   bool (*work)(const struct place *place, struct bucket *bucket))
{
    int lock = take_lock();
    if (lock < 0)
        return false;
    struct bucket *bucket = bucket_new();
    bool ok = work(place, bucket);
    bucket_free(bucket);
    close(lock);
    return ok;
}

bool mirror_push(const struct place *place)
{
    return locked(place, push);
}

bool mirror_pull(const struct place *place)
{
    return locked(place, pull);
}
