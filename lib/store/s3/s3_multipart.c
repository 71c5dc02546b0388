/*
 * Multipart upload ("Uploading and copying objects using multipart upload", Amazon S3 User Guide):
 * begin, send the parts some at a time, complete; abort if anything of it fails, so that no parts
 * stay behind that nobody sees and somebody pays for.
 */
#include "common/xalloc.h"
#include "store/s3/s3_store.h"
#include "store/s3/s3_xml.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A part, unless that made more of them than a server takes. */
enum { PART_LEN = 16 << 20, MAX_PARTS = 10000 };

struct upload {
    struct s3_store *store;
    char *key;
    char *id;
    struct s3_request *parts;
    char (*numbers)[24]; /* of the parts, as text */
    size_t n;
};

static void begin_leaf(void *data, const char *path, const char *text)
{
    char **id = data;
    if (strcmp(path, "InitiateMultipartUploadResult/UploadId") == 0) {
        free(*id);
        *id = xstrdup(text);
    }
}

static enum store_status begin(struct upload *upload, struct error *err)
{
    struct s3_request request = {.method = "POST", .key = upload->key, .data = "", .n_query = 1};
    request.query[0] = (struct sigv4_pair){(char *)"uploads", (char *)""};
    enum store_status status = s3_send(upload->store, &request, err);
    struct s3_xml_reader reader = {begin_leaf, NULL, &upload->id};
    if (status == STORE_OK &&
        (!s3_xml_read(buf_text(&request.body), request.body.len, &reader, err) || !upload->id))
        status = store_fail(STORE_INVALID, err,
                            "POST s3://%s/%s: the server does not begin a multipart upload",
                            s3_client_config(upload->store->client)->bucket, upload->key);
    s3_request_clear(&request);
    return status;
}

static void plan_parts(struct upload *upload, int fd, size_t len)
{
    size_t part = PART_LEN;
    while (len / part >= MAX_PARTS)
        part *= 2;
    upload->n = (len + part - 1) / part;
    upload->parts = xcalloc(upload->n, sizeof *upload->parts);
    upload->numbers = xcalloc(upload->n, sizeof *upload->numbers);
    for (size_t i = 0; i < upload->n; i++) {
        struct s3_request *request = &upload->parts[i];
        snprintf(upload->numbers[i], sizeof upload->numbers[i], "%zu", i + 1);
        *request = (struct s3_request){.method = "PUT",
                                       .key = upload->key,
                                       .fd = fd,
                                       .has_file = true,
                                       .offset = (off_t)(i * part),
                                       .len = len - i * part < part ? len - i * part : part,
                                       .n_query = 2};
        request->query[0] = (struct sigv4_pair){(char *)"partNumber", upload->numbers[i]};
        request->query[1] = (struct sigv4_pair){(char *)"uploadId", upload->id};
    }
}

static enum store_status send_parts(struct upload *upload, struct error *err)
{
    enum store_status status = STORE_OK;
    for (size_t i = 0; i < upload->n; i++)
        if (!s3_hash_file(&upload->parts[i], err))
            return STORE_UNAVAILABLE;
    s3_perform(upload->store->client, upload->parts, upload->n);
    for (size_t i = 0; status == STORE_OK && i < upload->n; i++) {
        status = s3_status(upload->store, &upload->parts[i], err);
        if (status == STORE_NOT_FOUND) /* of the upload, not of an object */
            status = STORE_UNAVAILABLE;
    }
    return status;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The ETag that an object of these parts has where a part's ETag is its MD5: the MD5 of theirs, and
 * how many. False where they are something else. */
static bool expected_etag(const struct upload *upload, char etag[128])
{
    struct buf all = BUF_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < upload->n; i++) {
        const char *part = upload->parts[i].etag;
        ok = strlen(part) == 34 && part[0] == '"' && part[33] == '"';
        for (size_t at = 1; ok && at < 33; at += 2) {
            int high = hex_value(part[at]), low = hex_value(part[at + 1]);
            ok = high >= 0 && low >= 0;
            buf_putc(&all, (char)(high * 16 + low));
        }
    }
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    ok = ok && EVP_Digest(all.data, all.len, raw, &len, EVP_md5(), NULL) == 1;
    int at = ok ? snprintf(etag, 128, "\"") : 0;
    for (unsigned i = 0; ok && i < len; i++)
        at += snprintf(etag + at, 128 - (size_t)at, "%02x", raw[i]);
    if (ok)
        snprintf(etag + at, 128 - (size_t)at, "-%zu\"", upload->n);
    buf_free(&all);
    return ok;
}

/* The answer to the completion was lost, and the upload is gone: did it become the object? */
static bool is_there(const struct upload *upload)
{
    char expected[128];
    struct s3_request request = {.method = "HEAD", .key = upload->key};
    s3_perform(upload->store->client, &request, 1);
    bool ours = request.result == S3_ANSWERED && request.status == 200 &&
                expected_etag(upload, expected) && strcmp(expected, request.etag) == 0;
    s3_request_clear(&request);
    return ours;
}

static void complete_leaf(void *data, const char *path, const char *text)
{
    (void)text;
    bool *done = data;
    *done |= strncmp(path, "CompleteMultipartUploadResult/", 30) == 0;
}

static enum store_status complete(struct upload *upload, struct error *err)
{
    struct buf body = BUF_INIT;
    buf_puts(&body, "<CompleteMultipartUpload>");
    for (size_t i = 0; i < upload->n; i++) {
        buf_printf(&body, "<Part><PartNumber>%zu</PartNumber><ETag>", i + 1);
        s3_xml_escape(upload->parts[i].etag, &body);
        buf_puts(&body, "</ETag></Part>");
    }
    buf_puts(&body, "</CompleteMultipartUpload>");
    struct s3_request request = {
        .method = "POST", .key = upload->key, .data = body.data, .len = body.len, .n_query = 1};
    request.query[0] = (struct sigv4_pair){(char *)"uploadId", upload->id};
    enum store_status status = s3_send(upload->store, &request, err);
    /* A server that has to think begins with 200 and may still end with an error. */
    bool done = false;
    struct s3_xml_reader reader = {complete_leaf, NULL, &done};
    if (status == STORE_OK)
        (void)s3_xml_read(buf_text(&request.body), request.body.len, &reader, NULL);
    if (status != STORE_OK || !done) {
        if (request.ambiguous && is_there(upload)) {
            error_clear(err);
            status = STORE_OK;
        } else if (status == STORE_OK || status == STORE_NOT_FOUND) {
            status = store_fail(STORE_UNAVAILABLE, err,
                                "POST s3://%s/%s: the server does not complete the upload",
                                s3_client_config(upload->store->client)->bucket, upload->key);
        }
    }
    s3_request_clear(&request);
    buf_free(&body);
    return status;
}

static void abort_upload(struct upload *upload)
{
    struct s3_request request = {.method = "DELETE", .key = upload->key, .n_query = 1};
    request.query[0] = (struct sigv4_pair){(char *)"uploadId", upload->id};
    struct error ignored = ERROR_INIT;
    /* The first failure is the one to tell; a bucket's life cycle rule removes what stays. */
    (void)s3_send(upload->store, &request, &ignored);
    error_clear(&ignored);
    s3_request_clear(&request);
}

enum store_status s3_put_in_parts(struct s3_store *store, const char *name, int fd, size_t len,
                                  struct error *err)
{
    struct upload upload = {.store = store, .key = s3_key(store, name)};
    enum store_status status = begin(&upload, err);
    if (status == STORE_OK) {
        plan_parts(&upload, fd, len);
        status = send_parts(&upload, err);
        if (status == STORE_OK)
            status = complete(&upload, err);
        if (status != STORE_OK)
            abort_upload(&upload);
    }
    for (size_t i = 0; i < upload.n; i++)
        s3_request_clear(&upload.parts[i]);
    free(upload.parts);
    free(upload.numbers);
    free(upload.id);
    free(upload.key);
    return status;
}
