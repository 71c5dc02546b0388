/*
 * Objects from and to a file, and how old one is.
 */
#include "common/digest.h"
#include "common/xalloc.h"
#include "store/s3/s3_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool s3_hash_file(struct s3_request *request, struct error *err)
{
    enum { CHUNK = 1 << 16 };
    char chunk[CHUNK];
    struct digest_state *state = digest_begin();
    size_t done = 0;
    while (done < request->len) {
        size_t want = request->len - done < CHUNK ? request->len - done : CHUNK;
        ssize_t n = pread(request->fd, chunk, want, request->offset + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            error_set(err, NULL, "the file to send cannot be read: %s",
                      n == 0 ? "it has become shorter" : strerror(errno));
            break;
        }
        digest_add(state, chunk, (size_t)n);
        done += (size_t)n;
    }
    struct digest digest = digest_end(state);
    memcpy(request->payload_sha256, digest.hex, sizeof request->payload_sha256);
    return done == request->len;
}

static enum store_status put_at_once(struct s3_store *store, const char *name, int fd, size_t len,
                                     struct error *err)
{
    char *key = s3_key(store, name);
    struct s3_request request = {
        .method = "PUT", .key = key, .fd = fd, .has_file = true, .len = len};
    enum store_status status = STORE_UNAVAILABLE;
    if (s3_hash_file(&request, err))
        status = s3_send(store, &request, err);
    s3_request_clear(&request);
    free(key);
    return status;
}

enum store_status s3_put_file(struct store *base, const char *name, int fd, struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return store_fail(STORE_INVALID, err, "what is to be sent as %s is no regular file", name);
    size_t len = (size_t)st.st_size;
    return len <= S3_ONE_PUT_MAX ? put_at_once(store, name, fd, len, err)
                                 : s3_put_in_parts(store, name, fd, len, err);
}

enum store_status s3_get_file(struct store *base, const char *name, int fd, struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    char *key = s3_key(store, name);
    struct s3_request request = {.method = "GET", .key = key, .has_sink = true, .sink = fd};
    enum store_status status = s3_send(store, &request, err);
    s3_request_clear(&request);
    free(key);
    return status;
}

enum store_status s3_age(struct store *base, const char *name, int64_t *seconds, struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    char *key = s3_key(store, name);
    struct s3_request request = {.method = "HEAD", .key = key};
    enum store_status status = s3_send(store, &request, err);
    if (status == STORE_OK && (request.date <= 0 || request.last_modified <= 0))
        status = store_fail(STORE_INVALID, err,
                            "HEAD s3://%s/%s: the server does not say when it was written",
                            s3_client_config(store->client)->bucket, key);
    else if (status == STORE_OK && request.date > request.last_modified)
        *seconds = request.date - request.last_modified;
    s3_request_clear(&request);
    free(key);
    return status;
}
