/*
 * store_impl.h - what stands behind store.h: a backend is a struct that starts with a struct store
 * and a table of functions.
 *
 * store.c has checked every name and prefix before it calls in here, and serves the failpoints, so
 * a backend does only its work. Statuses, errors and ownership are store.h's.
 */
#ifndef CLUSTER_STORE_IMPL_H
#define CLUSTER_STORE_IMPL_H

#include "store/store.h"

struct store_ops {
    void (*close)(struct store *store);
    char *(*location)(const struct store *store, const char *name);
    enum store_status (*get)(struct store *store, const char *name, struct buf *out,
                             struct store_token *token, struct error *err);
    enum store_status (*put)(struct store *store, const char *name, const void *data, size_t len,
                             struct error *err);
    enum store_status (*put_if_absent)(struct store *store, const char *name, const void *data,
                                       size_t len, struct error *err);
    enum store_status (*put_if_match)(struct store *store, const char *name,
                                      const struct store_token *token, const void *data, size_t len,
                                      struct error *err);
    enum store_status (*del)(struct store *store, const char *name, struct error *err);
    enum store_status (*delete_if_match)(struct store *store, const char *name,
                                         const struct store_token *token, struct error *err);
    enum store_status (*put_file)(struct store *store, const char *name, int fd, struct error *err);
    enum store_status (*get_file)(struct store *store, const char *name, int fd, struct error *err);
    enum store_status (*age)(struct store *store, const char *name, int64_t *seconds,
                             struct error *err);
    /* Appends to out, in any order; store.c sorts. */
    enum store_status (*list)(struct store *store, const char *prefix, struct store_names *out,
                              struct error *err);
    enum store_status (*exists)(struct store *store, const char *prefix, bool *exists,
                                struct error *err);
    enum store_status (*delete_prefix)(struct store *store, const char *prefix, struct error *err);
    /* Set the status and err of each item. NULL: store.c does one after the other. */
    void (*get_many)(struct store *store, struct store_item *items, size_t n);
    void (*put_many_if_absent)(struct store *store, struct store_item *items, size_t n);
    void (*delete_many)(struct store *store, struct store_item *items, size_t n);
    /* NULL: there are none. */
    void (*remove_stale_temporaries)(struct store *store);
};

struct store {
    const struct store_ops *ops;
    bool remote;
};

/* Opens a backend for a root whose scheme has been looked at (store_open.c). */
enum store_status store_open_disk(const char *root, struct store **out, struct error *err);
enum store_status store_open_s3(const char *root, struct store **out, struct error *err);

/* Fills err and returns status, for `return store_fail(...)`. */
enum store_status store_fail(enum store_status status, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True for a whole name; for a part of one (no '/'). */
bool store_name_is_valid(const char *name);
bool store_part_is_valid(const char *part, size_t len);

/* Takes ownership of name. */
void store_names_add(struct store_names *names, size_t *cap, char *name);

#endif
