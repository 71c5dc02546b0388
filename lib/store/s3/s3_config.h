/*
 * s3_config.h - where a bucket is and who we are, from an s3:// root and the environment.
 *
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; AWS_REGION, AWS_DEFAULT_REGION
 * (default us-east-1); AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL; AWS_CA_BUNDLE; CLUSTER_S3_CONCURRENCY
 * (1 to 256, default 16). Path-style addressing with a custom endpoint or a bucket with dots in its
 * name, virtual-host style otherwise.
 */
#ifndef CLUSTER_S3_CONFIG_H
#define CLUSTER_S3_CONFIG_H

#include "common/error.h"
#include "common/json.h"

#include <stdbool.h>

struct s3_config {
    char *root; /* s3://bucket[/prefix], for messages */
    char *bucket;
    char *prefix; /* "" or "a/b/" */
    char *origin; /* https://host[:port], no path */
    char *host;   /* the Host header's value */
    char *base;   /* what stands before the key in a request's path: "/" or "/bucket/" */
    char *region;
    char *access_key;
    char *secret_key;
    char *session_token; /* NULL if none */
    char *ca_bundle;     /* NULL if none */
    long concurrency;
};

/* False with err set: a root that is no bucket URI, an endpoint that is no http(s) URL, or no
 * credentials (the message says which variables to set). No request is made. Free with
 * s3_config_clear(). */
bool s3_config_load(const char *root, struct s3_config *config, struct error *err);
void s3_config_clear(struct s3_config *config);

/* True if the environment names somebody. */
bool s3_config_has_credentials(void);

/* bucket rules: 3 to 63 of a-z 0-9 . - with a letter or digit at both ends. */
bool s3_bucket_is_valid(const char *bucket, size_t len);

#endif
