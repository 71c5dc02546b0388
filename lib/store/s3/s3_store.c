#include "store/s3/s3_store.h"

#include "common/xalloc.h"
#include "store/s3/s3_config.h"
#include "store/s3/s3_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *s3_key(const struct s3_store *store, const char *name)
{
    return xasprintf("%s%s", s3_client_config(store->client)->prefix, name);
}

static enum store_status status_of_answer(long status, const char *code)
{
    if (status >= 200 && status < 300)
        return STORE_OK;
    if (status == 404)
        return strcmp(code, "NoSuchBucket") == 0 ? STORE_INVALID : STORE_NOT_FOUND;
    if (status == 409 || status == 412)
        return STORE_CONFLICT;
    /* AWS says 400 for credentials that have expired. */
    if (status == 401 || status == 403 || strcmp(code, "ExpiredToken") == 0 ||
        strcmp(code, "InvalidToken") == 0)
        return STORE_DENIED;
    return STORE_INVALID;
}

/* What a person can do about an answer that is no success. */
static const char *advice(long status, const char *code)
{
    if (strcmp(code, "NoSuchBucket") == 0)
        return "; create the bucket first, or correct `storage`";
    if (strcmp(code, "InvalidAccessKeyId") == 0 || strcmp(code, "SignatureDoesNotMatch") == 0)
        return "; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    if (strcmp(code, "ExpiredToken") == 0 || strcmp(code, "InvalidToken") == 0)
        return "; the temporary credentials have expired: renew AWS_SESSION_TOKEN and its keys";
    if (status == 401 || status == 403)
        return "; these credentials may not do this here";
    if (status == 301 || status == 307 || strcmp(code, "AuthorizationHeaderMalformed") == 0)
        return "; the bucket is in another region: set AWS_REGION";
    return "";
}

enum store_status s3_status(struct s3_store *store, const struct s3_request *request,
                            struct error *err)
{
    if (request->result == S3_FAILED) {
        error_set(err, NULL, "%s", error_text(&request->err));
        return STORE_UNAVAILABLE;
    }
    char code[64];
    s3_error_code(request, code);
    enum store_status status = status_of_answer(request->status, code);
    if (status != STORE_OK)
        error_set(err, NULL, "%s s3://%s/%s: the server answers %ld%s%s%s", request->method,
                  s3_client_config(store->client)->bucket, request->key ? request->key : "",
                  request->status, *code ? " " : "", code, advice(request->status, code));
    return status;
}

enum store_status s3_send(struct s3_store *store, struct s3_request *request, struct error *err)
{
    s3_perform(store->client, request, 1);
    return s3_status(store, request, err);
}

static void set_token(struct store_token *token, const struct s3_request *request)
{
    if (token)
        snprintf(token->text, sizeof token->text, "%s", request->etag);
}

enum store_status s3_get(struct store *base, const char *name, struct buf *out,
                         struct store_token *token, struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    char *key = s3_key(store, name);
    struct s3_request request = {.method = "GET", .key = key};
    enum store_status status = s3_send(store, &request, err);
    if (status == STORE_OK) {
        buf_append(out, request.body.data, request.body.len);
        set_token(token, &request);
    }
    s3_request_clear(&request);
    free(key);
    return status;
}

static enum store_status s3_put(struct store *base, const char *name, const void *data, size_t len,
                                struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    char *key = s3_key(store, name);
    struct s3_request request = {.method = "PUT", .key = key, .data = data, .len = len};
    enum store_status status = s3_send(store, &request, err);
    s3_request_clear(&request);
    free(key);
    return status;
}

static enum store_status s3_delete(struct store *base, const char *name, struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    char *key = s3_key(store, name);
    struct s3_request request = {.method = "DELETE", .key = key};
    enum store_status status = s3_send(store, &request, err);
    if (status == STORE_NOT_FOUND) {
        error_clear(err);
        status = STORE_OK;
    }
    s3_request_clear(&request);
    free(key);
    return status;
}

static char *s3_location(const struct store *base, const char *name)
{
    const struct s3_store *store = (const struct s3_store *)base;
    return xasprintf("%s%s%s", s3_client_config(store->client)->root, *name ? "/" : "", name);
}

static void s3_close(struct store *base)
{
    struct s3_store *store = (struct s3_store *)base;
    s3_client_close(store->client);
    free(store);
}

enum store_status store_open_s3(const char *root, struct store **out, struct error *err)
{
    static const struct store_ops ops = {
        .close = s3_close,
        .location = s3_location,
        .get = s3_get,
        .put = s3_put,
        .put_if_absent = s3_put_if_absent,
        .put_if_match = s3_put_if_match,
        .del = s3_delete,
        .delete_if_match = s3_delete_if_match,
        .put_file = s3_put_file,
        .get_file = s3_get_file,
        .age = s3_age,
        .list = s3_list,
        .exists = s3_exists,
        .delete_prefix = s3_delete_prefix,
        .get_many = s3_get_many,
        .put_many_if_absent = s3_put_many_if_absent,
        .delete_many = s3_delete_many,
    };
    struct s3_client *client = s3_client_open(root, err);
    if (!client)
        return s3_config_has_credentials() ? STORE_INVALID : STORE_DENIED;
    struct s3_store *store = xcalloc(1, sizeof *store);
    store->base = (struct store){&ops, true};
    store->client = client;
    *out = &store->base;
    return STORE_OK;
}
