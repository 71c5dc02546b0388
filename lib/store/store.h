/*
 * store.h - where everything stored lives: one interface, a disk or a bucket behind it.
 *
 * Nothing outside lib/store opens a file under __cluster/ or graphs/. Other parts of lib/ may use
 * this interface; only programs open a store (store_open) and so decide what is behind it. (A graph
 * that lies in a bucket is a store of its own, which lib/graph opens.)
 *
 * Names are relative to the store root, parts separated by '/': __cluster/state.json. No empty
 * part, no "." or "..", no NUL, no control character, valid UTF-8, at most 1024 bytes in all and
 * 255 a part; anything else is STORE_INVALID.
 *
 * Errors are values: each call returns a status, and on anything but STORE_OK sets err to a message
 * that names the operation and the path or URI, never a credential (code NULL: the caller knows
 * what it was doing).
 */
#ifndef CLUSTER_STORE_H
#define CLUSTER_STORE_H

#include "common/buf.h"
#include "common/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_status {
    STORE_OK,
    STORE_NOT_FOUND,   /* no such object */
    STORE_CONFLICT,    /* a conditional operation lost: somebody else wrote */
    STORE_DENIED,      /* permission, read-only, credentials */
    STORE_UNAVAILABLE, /* full disk, I/O error, dead server: worth another try */
    STORE_INVALID,     /* a bad name or URI, a directory where a file belongs, an unusable store */
};

struct store; /* opaque */

/* What stands for one version of an object: the content's SHA-256 on a disk, the ETag in a bucket.
 */
struct store_token {
    char text[128];
};

/* root: file:///abs (percent-encoded) or s3://bucket[/prefix]. Opening touches nothing: no request,
 * no directory made. */
enum store_status store_open(const char *root, struct store **out, struct error *err);
void store_close(struct store *store);

/* True for a bucket. Only for what differs by nature (the kernel's lock, heartbeats); never to
 * choose a code path elsewhere. */
bool store_is_remote(const struct store *store);
/* Where an object is, for people and drivers: the plain path on a disk, the URI in a bucket. ""
 * gives the root. To be freed. */
char *store_location(const struct store *store, const char *name);

/* The whole object, appended to out. token may be NULL. */
enum store_status store_get(struct store *store, const char *name, struct buf *out,
                            struct store_token *token, struct error *err);
enum store_status store_put(struct store *store, const char *name, const void *data, size_t len,
                            struct error *err);
/* STORE_CONFLICT if the object is there. Nobody ever sees it half-written. */
enum store_status store_put_if_absent(struct store *store, const char *name, const void *data,
                                      size_t len, struct error *err);
/* STORE_CONFLICT if the object is not (or no longer) the version of the token. */
enum store_status store_put_if_match(struct store *store, const char *name,
                                     const struct store_token *token, const void *data, size_t len,
                                     struct error *err);
/* Deleting what is not there is STORE_OK. */
enum store_status store_delete(struct store *store, const char *name, struct error *err);
/* STORE_CONFLICT if it has another version; STORE_NOT_FOUND if it is gone. */
enum store_status store_delete_if_match(struct store *store, const char *name,
                                        const struct store_token *token, struct error *err);

/*
 * Large objects, streamed: never all in memory, and of any size. fd is a regular file; all of it is
 * sent, from its start on. What is fetched replaces the file's content (on failure it holds part of
 * it, or nothing); waiting for the disk is the caller's. A bucket gets a multipart upload above
 * 64 MiB, aborted on failure: readers see the old object or the new one, never a part.
 */
enum store_status store_put_file(struct store *store, const char *name, int fd, struct error *err);
enum store_status store_get_file(struct store *store, const char *name, int fd, struct error *err);

/* Seconds since the object was last written: by the server's clock alone in a bucket (Last-Modified
 * against the answer's Date), by this machine's on a disk. Never negative. */
enum store_status store_age(struct store *store, const char *name, int64_t *seconds,
                            struct error *err);

struct store_names {
    char **names; /* sorted bytewise, relative to the root */
    size_t n;
};
/* Every object whose name starts with prefix, which ends with '/' (or is ""). None is no error.
 * Temporaries (.tmp.*) and what is no regular file are not listed. */
enum store_status store_list(struct store *store, const char *prefix, struct store_names *out,
                             struct error *err);
void store_names_free(struct store_names *names);
/* Whether any object lies under prefix (which ends with '/'): an empty directory is nothing. */
enum store_status store_exists(struct store *store, const char *prefix, bool *exists,
                               struct error *err);
/* Deletes every object under prefix (which ends with '/'), on a disk the directories too.
 * Idempotent. */
enum store_status store_delete_prefix(struct store *store, const char *prefix, struct error *err);

/* Batches: each item has its own status and error; a bucket does them concurrently. The return
 * value is STORE_OK if every item is, else the status of the first item that is not. Free with
 * store_items_clear(). */
struct store_item {
    const char *name; /* borrowed */
    const void *data; /* to put; borrowed */
    size_t len;
    struct buf got; /* what get_many fetched */
    enum store_status status;
    struct error err;
};
enum store_status store_get_many(struct store *store, struct store_item *items, size_t n);
enum store_status store_put_many_if_absent(struct store *store, struct store_item *items, size_t n);
enum store_status store_delete_many(struct store *store, struct store_item *items, size_t n);
void store_items_clear(struct store_item *items, size_t n);

/* Removes temporaries older than an hour in every folder of __cluster/ (a disk's leftovers; a no-op
 * in a bucket). Failing to remove one is no error. */
void store_remove_stale_temporaries(struct store *store);

/* The word for a status: "not found", "conflict", "denied", "unavailable", "invalid". */
const char *store_status_name(enum store_status status);

#endif
