/*
 * scratch.h - a fresh directory for one test, a store in it, and looking into both.
 */
#ifndef CLUSTER_TEST_SCRATCH_H
#define CLUSTER_TEST_SCRATCH_H

#include "common/buf.h"
#include "common/xalloc.h"
#include "store/store.h"
#include "test.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch {
    char *dir;
    struct store *store; /* whose root is dir */
};

static inline struct store *scratch_store(const char *dir)
{
    struct store *store;
    char *root = xasprintf("file://%s", dir);
    assert_int_equal(store_open(root, &store, NULL), STORE_OK);
    free(root);
    return store;
}

static inline struct scratch scratch_make(void)
{
    const char *base = getenv("TMPDIR");
    struct scratch s = {xasprintf("%s/cluster-unit.XXXXXX", base ? base : "/tmp"), NULL};
    assert_non_null(mkdtemp(s.dir));
    s.store = scratch_store(s.dir);
    return s;
}

static inline void scratch_remove(struct scratch *s)
{
    char *paths[] = {s->dir, NULL};
    FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; fts && (entry = fts_read(fts));)
        if (entry->fts_info != FTS_D)
            (void)remove(entry->fts_accpath);
    if (fts)
        fts_close(fts);
    store_close(s->store);
    free(s->dir);
}

static inline char *scratch_path(const struct scratch *s, const char *name)
{
    return xasprintf("%s/%s", s->dir, name);
}

/* Makes a file (and its folders) behind the store's back. */
static inline void scratch_write(const struct scratch *s, const char *name, const char *text)
{
    char *path = scratch_path(s, name);
    for (char *at = strchr(path + strlen(s->dir) + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(path, 0777);
        *at = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(path);
}

/* The content of a file as text, to be freed; NULL if there is none. */
static inline char *scratch_read(const struct scratch *s, const char *name)
{
    char *path = scratch_path(s, name);
    FILE *file = fopen(path, "r");
    free(path);
    if (!file)
        return NULL;
    struct buf text = BUF_INIT;
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;)
        buf_append(&text, chunk, n);
    fclose(file);
    buf_puts(&text, "");
    return buf_detach(&text);
}

static inline void scratch_assert(const struct scratch *s, const char *name, const char *text)
{
    char *is = scratch_read(s, name);
    if (text) {
        assert_non_null(is);
        assert_string_equal(is, text);
    } else {
        assert_null(is);
    }
    free(is);
}

/* Writes an object through the store. */
static inline enum store_status scratch_put(const struct scratch *s, const char *name,
                                            const char *text)
{
    return store_put(s->store, name, text, strlen(text), NULL);
}

/* How many regular files lie below a folder whose leaf starts with `start`. */
static inline int scratch_count(const struct scratch *s, const char *start)
{
    int n = 0;
    char *paths[] = {s->dir, NULL};
    FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; fts && (entry = fts_read(fts));)
        n += entry->fts_info == FTS_F && strncmp(entry->fts_name, start, strlen(start)) == 0;
    if (fts)
        fts_close(fts);
    return n;
}

#endif
