/*
 * s3_http.h - sends signed requests to one bucket, many at a time, and retries what deserves it.
 *
 *     struct s3_client *client = s3_client_open(root, &err);
 *     struct s3_request request = {.method = "GET", .key = "a/b"};
 *     s3_perform(client, &request, 1);
 *     … request.result, request.status, request.body …
 *     s3_request_clear(&request);
 *     s3_client_close(client);
 *
 * Retried: connection errors, timeouts, 429, 500, 502, 503, 504, SlowDown, RequestTimeout;
 * exponential backoff with full jitter, at most 5 attempts and 30 s in all, Retry-After honored.
 * Any other 4xx is an answer. An answer that our clock is wrong is retried once with the server's
 * time.
 */
#ifndef CLUSTER_S3_HTTP_H
#define CLUSTER_S3_HTTP_H

#include "common/buf.h"
#include "common/error.h"
#include "store/s3/s3_config.h"
#include "store/s3/sigv4.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum s3_result {
    S3_ANSWERED, /* status, headers and body are the server's; 2xx to 4xx */
    S3_FAILED,   /* no usable answer after all attempts; err says why */
};

enum { S3_MAX_PAIRS = 6 };

struct s3_request {
    /* What to send. */
    const char *method;
    const char *key; /* below the bucket, not encoded; NULL for the bucket itself */
    struct sigv4_pair query[S3_MAX_PAIRS]; /* borrowed texts */
    size_t n_query;
    struct sigv4_pair
        headers[S3_MAX_PAIRS]; /* beyond host, date and payload hash; borrowed texts */
    size_t n_headers;
    const void *data; /* the body, or */
    int fd;           /* … when has_file, len bytes of this file from offset on */
    bool has_file;
    off_t offset;
    size_t len;
    char payload_sha256[65]; /* of the body; filled in when it is empty and the body is in memory */

    bool has_sink; /* the body of a 200 goes to this file, from its start on, not to memory */
    int sink;

    /* What came of it. */
    enum s3_result result;
    long status;
    struct buf body;
    char etag[128]; /* as sent, quotes included; "" if none */
    int64_t date;   /* the server's clock, seconds since 1970; 0 if it did not say */
    int64_t last_modified;
    bool ambiguous; /* an attempt whose answer was lost, or was 5xx, may have taken effect */
    int attempts;
    struct error err; /* set when result is S3_FAILED */
    void *engine;     /* the engine's own, while under way */
};

struct s3_client;

struct s3_client *s3_client_open(const char *root, struct error *err);
void s3_client_close(struct s3_client *client);
const struct s3_config *s3_client_config(const struct s3_client *client);

/* Sends all of them, at most config->concurrency at once, over kept-alive connections; returns when
 * each has its result. */
void s3_perform(struct s3_client *client, struct s3_request *requests, size_t n);
void s3_request_clear(struct s3_request *request);

/* The <Code> of an error answer, "" if it has none; valid until the request is cleared. */
void s3_error_code(const struct s3_request *request, char code[64]);

#endif
