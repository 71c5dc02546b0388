/*
 * bucket.h - the tests' bucket, as the mirror sees it: what is in a place with its ETags, and
 * objects by the dozen.
 *
 * Nothing is opened and no request is made before the first call that needs one. Keys are whole
 * (mirror/…), not encoded. The server is the environment's (AWS_…, $CLUSTER_TEST_S3_BUCKET). A call
 * that fails says why on the standard error and returns false.
 */
#ifndef CLUSTER_ON_BUCKET_BUCKET_H
#define CLUSTER_ON_BUCKET_BUCKET_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct object {
    char *key;
    char *etag;      /* of a list; without its quotes */
    struct buf data; /* to put, or what was got */
    bool missing;    /* to get: it was not there */
};

struct objects {
    struct object *all;
    size_t n, cap;
};

/* Appends an object with this key, to be filled. */
struct object *objects_add(struct objects *objects, const char *key);
void objects_free(struct objects *objects);

struct bucket;
struct bucket *bucket_new(void);
void bucket_free(struct bucket *bucket);

/* What lies below the prefix, which ends with '/': at most 1,000, a test has fewer. */
bool bucket_list(struct bucket *bucket, const char *prefix, struct objects *out);
bool bucket_get(struct bucket *bucket, struct objects *objects);
bool bucket_put(struct bucket *bucket, const struct objects *objects);
bool bucket_delete(struct bucket *bucket, const struct objects *objects);

#endif
