#include "bucket.h"

#include "common/xalloc.h"
#include "store/s3/s3_http.h"
#include "store/s3/s3_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bucket {
    struct s3_client *client;
};

struct object *objects_add(struct objects *objects, const char *key)
{
    objects->all = xgrow(objects->all, objects->n, &objects->cap, sizeof *objects->all);
    struct object *object = &objects->all[objects->n++];
    *object = (struct object){.key = xstrdup(key), .data = BUF_INIT};
    return object;
}

void objects_free(struct objects *objects)
{
    for (size_t i = 0; i < objects->n; i++) {
        free(objects->all[i].key);
        free(objects->all[i].etag);
        buf_free(&objects->all[i].data);
    }
    free(objects->all);
    *objects = (struct objects){0};
}

struct bucket *bucket_new(void)
{
    return xcalloc(1, sizeof(struct bucket));
}

void bucket_free(struct bucket *bucket)
{
    if (bucket->client)
        s3_client_close(bucket->client);
    free(bucket);
}

static bool open_client(struct bucket *bucket)
{
    if (bucket->client)
        return true;
    struct error err = ERROR_INIT;
    const char *name = getenv("CLUSTER_TEST_S3_BUCKET");
    char *root = xasprintf("s3://%s", name ? name : "");
    bucket->client = s3_client_open(root, &err);
    if (!bucket->client)
        fprintf(stderr, "mirror: %s: %s\n", root, error_text(&err));
    error_clear(&err);
    free(root);
    return bucket->client != NULL;
}

/* Whether a request did what it was to do; says so if not. */
static bool went_well(const struct s3_request *request, bool may_be_missing)
{
    if (request->result == S3_ANSWERED &&
        (request->status / 100 == 2 || (may_be_missing && request->status == 404)))
        return true;
    fprintf(stderr, "mirror: %s %s: ", request->method, request->key ? request->key : "list");
    if (request->result == S3_ANSWERED)
        fprintf(stderr, "the server answers %ld\n", request->status);
    else
        fprintf(stderr, "%s\n", error_text(&request->err));
    return false;
}

/* One request an object, all of them at once. */
static bool perform_each(struct bucket *bucket, const char *method, const struct objects *objects,
                         void (*done)(struct object *object, struct s3_request *request))
{
    if (objects->n == 0)
        return true;
    if (!open_client(bucket))
        return false;
    bool put = strcmp(method, "PUT") == 0, ok = true;
    struct s3_request *requests = xcalloc(objects->n, sizeof *requests);
    for (size_t i = 0; i < objects->n; i++) {
        requests[i].method = method;
        requests[i].key = objects->all[i].key;
        requests[i].data = put ? buf_text(&objects->all[i].data) : NULL;
        requests[i].len = put ? objects->all[i].data.len : 0;
    }
    s3_perform(bucket->client, requests, objects->n);
    for (size_t i = 0; i < objects->n; i++) {
        ok = went_well(&requests[i], !put) && ok;
        if (done)
            done(&objects->all[i], &requests[i]);
        s3_request_clear(&requests[i]);
    }
    free(requests);
    return ok;
}

static void take_body(struct object *object, struct s3_request *request)
{
    object->missing = request->status == 404;
    if (!object->missing)
        buf_append(&object->data, buf_text(&request->body), request->body.len);
}

bool bucket_get(struct bucket *bucket, struct objects *objects)
{
    return perform_each(bucket, "GET", objects, take_body);
}

bool bucket_put(struct bucket *bucket, const struct objects *objects)
{
    return perform_each(bucket, "PUT", objects, NULL);
}

bool bucket_delete(struct bucket *bucket, const struct objects *objects)
{
    return perform_each(bucket, "DELETE", objects, NULL);
}

struct listing {
    struct objects *out;
    bool truncated;
};

static void on_leaf(void *data, const char *path, const char *text)
{
    struct listing *listing = data;
    if (strcmp(path, "ListBucketResult/Contents/Key") == 0) {
        objects_add(listing->out, text);
    } else if (strcmp(path, "ListBucketResult/Contents/ETag") == 0 && listing->out->n > 0) {
        struct object *last = &listing->out->all[listing->out->n - 1];
        size_t quote = text[0] == '"';
        free(last->etag);
        last->etag = xstrndup(text + quote, strcspn(text + quote, "\""));
    } else if (strcmp(path, "ListBucketResult/IsTruncated") == 0) {
        listing->truncated = strcmp(text, "true") == 0;
    }
}

bool bucket_list(struct bucket *bucket, const char *prefix, struct objects *out)
{
    if (!open_client(bucket))
        return false;
    struct s3_request request = {.method = "GET", .n_query = 2};
    request.query[0] = (struct sigv4_pair){(char *)"list-type", (char *)"2"};
    request.query[1] = (struct sigv4_pair){(char *)"prefix", (char *)prefix};
    s3_perform(bucket->client, &request, 1);
    bool ok = went_well(&request, false);
    if (ok) {
        struct listing listing = {out, false};
        struct s3_xml_reader reader = {on_leaf, NULL, &listing};
        struct error err = ERROR_INIT;
        ok = s3_xml_read(buf_text(&request.body), request.body.len, &reader, &err);
        if (!ok)
            fprintf(stderr, "mirror: listing %s: %s\n", prefix, error_text(&err));
        else if (listing.truncated)
            fprintf(stderr, "mirror: more than 1,000 objects below %s\n", prefix);
        ok = ok && !listing.truncated;
        error_clear(&err);
    }
    s3_request_clear(&request);
    return ok;
}
