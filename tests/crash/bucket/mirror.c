/*
 * mirror - keeps the box of a crash test and its place in a bucket alike (tests/crash/place.h).
 *
 *     mirror push ROOT DIR SHADOW    what was changed in DIR since the last time goes to ROOT
 *     mirror pull ROOT DIR SHADOW    DIR becomes what ROOT holds
 *
 * Only __cluster/ and graphs/ take part. SHADOW is a copy of what both were last; what differs from
 * it in DIR was changed by hand. Exit status: 0 done, 1 not all of it, and stderr says what not.
 */
#include "common/io.h"
#include "common/xalloc.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = {"__cluster", "graphs"};
enum { FOLDERS = 2 };

struct mirror {
    struct store *store;
    const char *dir, *shadow;
    struct error err;
};

static bool fail(struct error *err, const char *what)
{
    fprintf(stderr, "mirror: %s: %s\n", what, err->message ? error_text(err) : "not as it was");
    error_clear(err);
    return false;
}

static char *path_of(const char *dir, const char *name)
{
    return xasprintf("%s/%s", dir, name);
}

/* The regular files below the folders of a directory, named relative to it. */
static struct store_names files_of(const char *dir)
{
    struct store_names names = {NULL, 0};
    size_t cap = 0;
    for (size_t i = 0; i < FOLDERS; i++) {
        char *top = path_of(dir, folders[i]);
        char *paths[] = {top, NULL};
        FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
        for (FTSENT *entry; fts && (entry = fts_read(fts));) {
            if (entry->fts_info != FTS_F)
                continue;
            names.names = xgrow(names.names, names.n, &cap, sizeof *names.names);
            names.names[names.n++] = xstrdup(entry->fts_path + strlen(dir) + 1);
        }
        if (fts)
            fts_close(fts);
        free(top);
    }
    return names;
}

static bool read_file(const char *dir, const char *name, struct buf *out)
{
    char *path = path_of(dir, name);
    bool ok = io_read_file(path, IO_MAX_DOCUMENT, out, NULL);
    free(path);
    return ok;
}

static bool holds(const char *dir, const char *name, const struct buf *content)
{
    struct buf is = BUF_INIT;
    bool same = read_file(dir, name, &is) && is.len == content->len &&
                (is.len == 0 || memcmp(is.data, content->data, is.len) == 0);
    buf_free(&is);
    return same;
}

static bool write_file(const char *dir, const char *name, const struct buf *content)
{
    if (holds(dir, name, content))
        return true;
    char *path = path_of(dir, name);
    for (char *at = path + strlen(dir) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        (void)mkdir(path, 0777);
        *at = '/';
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && io_write_all(fd, buf_text(content), content->len, NULL);
    if (!ok)
        fprintf(stderr, "mirror: cannot write %s: %s\n", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    free(path);
    return ok;
}

/* Removes a file, and the folders that it leaves empty. */
static void remove_file(const char *dir, const char *name)
{
    char *path = path_of(dir, name);
    (void)unlink(path);
    for (char *slash; (slash = strrchr(path, '/')) && slash > path + strlen(dir);) {
        *slash = '\0';
        if (rmdir(path) != 0)
            break;
    }
    free(path);
}

static bool is_in(const struct store_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->names[i], name) == 0)
            return true;
    return false;
}

static bool push_file(struct mirror *m, const char *name)
{
    struct buf content = BUF_INIT;
    bool ok = read_file(m->dir, name, &content);
    if (ok && !holds(m->shadow, name, &content))
        ok = store_put(m->store, name, buf_text(&content), content.len, &m->err) == STORE_OK &&
             write_file(m->shadow, name, &content);
    buf_free(&content);
    return ok || fail(&m->err, name);
}

static bool push(struct mirror *m)
{
    struct store_names now = files_of(m->dir), before = files_of(m->shadow);
    struct store_item *gone = xcalloc(before.n + 1, sizeof *gone);
    size_t n = 0;
    bool ok = true;
    for (size_t i = 0; i < now.n; i++)
        ok &= push_file(m, now.names[i]);
    for (size_t i = 0; i < before.n; i++)
        if (!is_in(&now, before.names[i]))
            gone[n++].name = before.names[i];
    (void)store_delete_many(m->store, gone, n); /* each tells for itself */
    for (size_t i = 0; i < n; i++) {
        if (gone[i].status == STORE_OK || gone[i].status == STORE_NOT_FOUND)
            remove_file(m->shadow, gone[i].name);
        else
            ok = fail(&gone[i].err, gone[i].name);
    }
    store_items_clear(gone, n);
    free(gone);
    store_names_free(&now);
    store_names_free(&before);
    return ok;
}

/* Everything that is there now, to both folders. */
static bool fetch(struct mirror *m, const struct store_names *there)
{
    bool ok = true;
    struct store_item *items = xcalloc(there->n + 1, sizeof *items);
    for (size_t i = 0; i < there->n; i++)
        items[i].name = there->names[i];
    (void)store_get_many(m->store, items, there->n); /* each tells for itself */
    for (size_t i = 0; i < there->n; i++)
        if (items[i].status != STORE_OK || !write_file(m->dir, items[i].name, &items[i].got) ||
            !write_file(m->shadow, items[i].name, &items[i].got))
            ok = fail(&items[i].err, items[i].name);
    store_items_clear(items, there->n);
    free(items);
    return ok;
}

static bool pull(struct mirror *m)
{
    struct store_names before = files_of(m->shadow), there = {NULL, 0};
    bool ok = store_list(m->store, "", &there, &m->err) == STORE_OK ? fetch(m, &there)
                                                                    : fail(&m->err, "the list");
    for (size_t i = 0; ok && i < before.n; i++)
        if (!is_in(&there, before.names[i])) {
            remove_file(m->dir, before.names[i]);
            remove_file(m->shadow, before.names[i]);
        }
    store_names_free(&there);
    store_names_free(&before);
    return ok;
}

int main(int argc, char **argv)
{
    struct mirror m = {.err = ERROR_INIT};
    if (argc != 5 || (strcmp(argv[1], "push") != 0 && strcmp(argv[1], "pull") != 0)) {
        fprintf(stderr, "usage: mirror push|pull ROOT DIR SHADOW\n");
        return 64;
    }
    if (store_open(argv[2], &m.store, &m.err) != STORE_OK) {
        (void)fail(&m.err, argv[2]);
        return 1;
    }
    m.dir = argv[3];
    m.shadow = argv[4];
    bool ok = strcmp(argv[1], "push") == 0 ? push(&m) : pull(&m);
    store_close(m.store);
    return ok ? 0 : 1;
}
