/*
 * mirror - keeps a folder and a store in a bucket alike, so that a test written for a disk looks at
 * a bucket.
 *
 *     mirror push ROOT DIR SHADOW    what a test changed in DIR since the last time goes to ROOT
 *     mirror pull ROOT DIR SHADOW    DIR becomes what ROOT holds
 *
 * Only __cluster/ and graphs/ take part. SHADOW is a copy of what both were last; what differs from
 * it in DIR is the test's doing. Hidden files (control files of a disk store) are left alone.
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

static int fail(struct mirror *m, const char *what)
{
    fprintf(stderr, "mirror: %s: %s\n", what, error_text(&m->err));
    error_clear(&m->err);
    return 1;
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
            if (entry->fts_info != FTS_F || entry->fts_name[0] == '.')
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

static void write_file(const char *dir, const char *name, const struct buf *content)
{
    if (holds(dir, name, content))
        return;
    char *path = path_of(dir, name);
    for (char *at = path + strlen(dir) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        (void)mkdir(path, 0777);
        *at = '/';
    }
    /* Beside, and renamed: a test may be reading it. */
    char *temporary = xasprintf("%s.mirror%ld", path, (long)getpid());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || !io_write_all(fd, buf_text(content), content->len, NULL) || close(fd) != 0 ||
        rename(temporary, path) != 0)
        fprintf(stderr, "mirror: cannot write %s: %s\n", path, strerror(errno));
    free(temporary);
    free(path);
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

static int push(struct mirror *m)
{
    int status = 0;
    struct store_names now = files_of(m->dir), before = files_of(m->shadow);
    for (size_t i = 0; i < now.n; i++) {
        struct buf content = BUF_INIT;
        if (read_file(m->dir, now.names[i], &content) &&
            !holds(m->shadow, now.names[i], &content)) {
            if (store_put(m->store, now.names[i], buf_text(&content), content.len, &m->err) !=
                STORE_OK)
                status = fail(m, "push");
            write_file(m->shadow, now.names[i], &content);
        }
        buf_free(&content);
    }
    for (size_t i = 0; i < before.n; i++) {
        if (is_in(&now, before.names[i]))
            continue;
        if (store_delete(m->store, before.names[i], &m->err) != STORE_OK)
            status = fail(m, "push");
        remove_file(m->shadow, before.names[i]);
    }
    store_names_free(&now);
    store_names_free(&before);
    return status;
}

static int pull_folder(struct mirror *m, const char *folder, const struct store_names *before)
{
    int status = 0;
    char *prefix = xasprintf("%s/", folder);
    struct store_names there;
    if (store_list(m->store, prefix, &there, &m->err) != STORE_OK)
        status = fail(m, "pull");
    struct store_item *items = xcalloc(there.n, sizeof *items);
    for (size_t i = 0; i < there.n; i++)
        items[i].name = there.names[i];
    (void)store_get_many(m->store, items, there.n); /* one that is gone again is left out */
    for (size_t i = 0; i < there.n; i++) {
        if (items[i].status != STORE_OK)
            continue;
        write_file(m->dir, there.names[i], &items[i].got);
        write_file(m->shadow, there.names[i], &items[i].got);
    }
    for (size_t i = 0; status == 0 && i < before->n; i++) {
        if (strncmp(before->names[i], prefix, strlen(prefix)) != 0 ||
            is_in(&there, before->names[i]))
            continue;
        remove_file(m->dir, before->names[i]);
        remove_file(m->shadow, before->names[i]);
    }
    store_items_clear(items, there.n);
    free(items);
    store_names_free(&there);
    free(prefix);
    return status;
}

static int pull(struct mirror *m)
{
    int status = 0;
    struct store_names before = files_of(m->shadow);
    for (size_t i = 0; i < FOLDERS; i++)
        status |= pull_folder(m, folders[i], &before);
    store_names_free(&before);
    return status;
}

int main(int argc, char **argv)
{
    struct mirror m = {.err = ERROR_INIT};
    if (argc != 5 || (strcmp(argv[1], "push") != 0 && strcmp(argv[1], "pull") != 0)) {
        fprintf(stderr, "usage: mirror push|pull ROOT DIR SHADOW\n");
        return 64;
    }
    if (store_open(argv[2], &m.store, &m.err) != STORE_OK)
        return fail(&m, argv[2]);
    m.dir = argv[3];
    m.shadow = argv[4];
    int status = strcmp(argv[1], "push") == 0 ? push(&m) : pull(&m);
    store_close(m.store);
    return status;
}
