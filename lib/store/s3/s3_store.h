/*
 * s3_store.h - the bucket behind store.h, in parts: the plain operations (s3_store.c), lists
 * (s3_list.c), conditional ones (s3_conditional.c) and the proof that the server honors them
 * (s3_proof.c), batches (s3_batch.c), files (s3_file.c) and their multipart uploads
 * (s3_multipart.c). Used inside lib/store/s3 alone.
 */
#ifndef CLUSTER_S3_STORE_H
#define CLUSTER_S3_STORE_H

#include "store/s3/s3_http.h"
#include "store/store_impl.h"

struct s3_store {
    struct store base;
    struct s3_client *client;
    bool proven;          /* conditional writes were seen to work here */
    bool bare_etag;       /* If-Match wants the ETag without its quotes */
    bool delete_if_match; /* DELETE honors If-Match; else: read, compare, delete */
};

/* The key of a name: the store's prefix before it. To be freed. */
char *s3_key(const struct s3_store *store, const char *name);

/* Sends one request and gives the status of its answer: 2xx STORE_OK; 404 STORE_NOT_FOUND (but
 * STORE_INVALID where the bucket is missing); 409 and 412 STORE_CONFLICT; 401, 403 STORE_DENIED; no
 * answer STORE_UNAVAILABLE; any other STORE_INVALID. Sets err on all but STORE_OK. The caller
 * clears the request. */
enum store_status s3_send(struct s3_store *store, struct s3_request *request, struct error *err);
/* The same verdict on a request that s3_perform() has sent. */
enum store_status s3_status(struct s3_store *store, const struct s3_request *request,
                            struct error *err);

/* Reads an object; as store_get. */
enum store_status s3_get(struct store *base, const char *name, struct buf *out,
                         struct store_token *token, struct error *err);

/* Before the first conditional write: shows with a probe object that a second create fails, that a
 * wrong If-Match fails, and whether DELETE honors If-Match. What was proven is passed on to child
 * processes in $CLUSTER_S3_PROVEN. Not STORE_OK: err.code is
 * storage_conditional_writes_unsupported, or the probe itself failed. */
enum store_status s3_prove(struct s3_store *store, struct error *err);

enum store_status s3_put_if_absent(struct store *base, const char *name, const void *data,
                                   size_t len, struct error *err);
/* What a create's answer means, given the request that was sent; may read the object, or send the
 * request again. */
enum store_status s3_settle_create(struct s3_store *store, const char *name,
                                   struct s3_request *request, struct error *err);
enum store_status s3_put_if_match(struct store *base, const char *name,
                                  const struct store_token *token, const void *data, size_t len,
                                  struct error *err);
enum store_status s3_delete_if_match(struct store *base, const char *name,
                                     const struct store_token *token, struct error *err);

enum store_status s3_list(struct store *base, const char *prefix, struct store_names *out,
                          struct error *err);
enum store_status s3_exists(struct store *base, const char *prefix, bool *exists,
                            struct error *err);

enum store_status s3_put_file(struct store *base, const char *name, int fd, struct error *err);
enum store_status s3_get_file(struct store *base, const char *name, int fd, struct error *err);
enum store_status s3_age(struct store *base, const char *name, int64_t *seconds, struct error *err);

/* A file that is sent in one request is at most this long. */
#define S3_ONE_PUT_MAX ((size_t)64 << 20)
/* Uploads len bytes of fd in parts, some at a time. */
enum store_status s3_put_in_parts(struct s3_store *store, const char *name, int fd, size_t len,
                                  struct error *err);
/* The digest of len bytes of a file, as the payload of a request is signed. False with err set if
 * they cannot be read. */
bool s3_hash_file(struct s3_request *request, struct error *err);

enum store_status s3_delete_prefix(struct store *base, const char *prefix, struct error *err);
void s3_get_many(struct store *base, struct store_item *items, size_t n);
void s3_put_many_if_absent(struct store *base, struct store_item *items, size_t n);
void s3_delete_many(struct store *base, struct store_item *items, size_t n);

#endif
