/*
 * sigv4.h - AWS Signature Version 4, header based ("Authenticating Requests: Using the
 * Authorization Header", Amazon S3 API Reference; test vectors from the AWS Signature V4 test
 * suite).
 *
 * The payload hash is always signed. S3 differs from other services in one point: the path is
 * encoded once, not twice, and is not normalized; that is what is done here.
 */
#ifndef CLUSTER_SIGV4_H
#define CLUSTER_SIGV4_H

#include "common/buf.h"

#include <stddef.h>

struct sigv4_pair {
    char *name;
    char *value;
};

struct sigv4_request {
    const char *method;
    const char *path;               /* not encoded, starts with '/' */
    const struct sigv4_pair *query; /* not encoded; in any order */
    size_t n_query;
    const struct sigv4_pair *headers; /* all that are signed, host among them; in any order */
    size_t n_headers;
    const char *payload_sha256; /* hexadecimal */
};

struct sigv4_scope {
    const char *access_key;
    const char *secret_key;
    const char *region;
    const char *service;   /* "s3" */
    const char *date_time; /* 20150830T123600Z */
};

/* Each appends to out. */
void sigv4_canonical_request(const struct sigv4_request *request, struct buf *out);
void sigv4_string_to_sign(const struct sigv4_request *request, const struct sigv4_scope *scope,
                          struct buf *out);
/* The value of the Authorization header. */
void sigv4_authorization(const struct sigv4_request *request, const struct sigv4_scope *scope,
                         struct buf *out);

/* Percent-encodes as S3 wants it: all but A-Z a-z 0-9 - . _ ~ (and '/' where keep_slash). */
void sigv4_encode(const char *text, int keep_slash, struct buf *out);
/* name=value&…, encoded and sorted: the canonical query, which is also what is sent. */
void sigv4_query(const struct sigv4_pair *query, size_t n, struct buf *out);

#endif
