/*
 * Many objects at once: concurrently, and deletes a thousand to a request.
 */
#include "common/xalloc.h"
#include "store/s3/s3_store.h"
#include "store/s3/s3_xml.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { DELETE_AT_ONCE = 1000 }; /* the limit of DeleteObjects */

/* Builds a request an item; keys are the caller's to free. */
static struct s3_request *requests_of(struct s3_store *store, const struct store_item *items,
                                      size_t n, const char *method)
{
    struct s3_request *requests = xcalloc(n, sizeof *requests);
    for (size_t i = 0; i < n; i++) {
        requests[i].method = method;
        requests[i].key = s3_key(store, items[i].name);
    }
    return requests;
}

static void free_requests(struct s3_request *requests, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free((char *)requests[i].key);
        s3_request_clear(&requests[i]);
    }
    free(requests);
}

void s3_get_many(struct store *base, struct store_item *items, size_t n)
{
    struct s3_store *store = (struct s3_store *)base;
    struct s3_request *requests = requests_of(store, items, n, "GET");
    s3_perform(store->client, requests, n);
    for (size_t i = 0; i < n; i++) {
        items[i].status = s3_status(store, &requests[i], &items[i].err);
        if (items[i].status == STORE_OK) {
            items[i].got = requests[i].body;
            requests[i].body = (struct buf)BUF_INIT;
        }
    }
    free_requests(requests, n);
}

void s3_put_many_if_absent(struct store *base, struct store_item *items, size_t n)
{
    struct s3_store *store = (struct s3_store *)base;
    struct error err = ERROR_INIT;
    enum store_status proof = s3_prove(store, &err);
    if (proof != STORE_OK) {
        for (size_t i = 0; i < n; i++) {
            items[i].status = proof;
            error_set(&items[i].err, err.code, "%s", error_text(&err));
        }
        error_clear(&err);
        return;
    }
    struct s3_request *requests = requests_of(store, items, n, "PUT");
    for (size_t i = 0; i < n; i++) {
        requests[i].data = items[i].data;
        requests[i].len = items[i].len;
        requests[i].headers[requests[i].n_headers++] =
            (struct sigv4_pair){(char *)"If-None-Match", (char *)"*"};
    }
    s3_perform(store->client, requests, n);
    for (size_t i = 0; i < n; i++)
        items[i].status = s3_settle_create(store, items[i].name, &requests[i], &items[i].err);
    free_requests(requests, n);
}

/* The base64 MD5 that DeleteObjects wants; false where OpenSSL offers no MD5. */
static bool content_md5(const struct buf *body, char out[32])
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(body->data, body->len, raw, &len, EVP_md5(), NULL) != 1)
        return false;
    EVP_EncodeBlock((unsigned char *)out, raw, (int)len);
    return true;
}

struct deleting {
    const struct s3_store *store;
    struct store_item *items;
    size_t n;
    char *key; /* of the <Error> being read */
    char *code;
};

static void on_leaf(void *data, const char *path, const char *text)
{
    struct deleting *deleting = data;
    char **field = strcmp(path, "DeleteResult/Error/Key") == 0    ? &deleting->key
                   : strcmp(path, "DeleteResult/Error/Code") == 0 ? &deleting->code
                                                                  : NULL;
    if (field) {
        free(*field);
        *field = xstrdup(text);
    }
}

static void on_end(void *data, const char *path)
{
    struct deleting *deleting = data;
    if (strcmp(path, "DeleteResult/Error") != 0)
        return;
    size_t prefix_len = strlen(s3_client_config(deleting->store->client)->prefix);
    for (size_t i = 0; deleting->key && i < deleting->n; i++) {
        struct store_item *item = &deleting->items[i];
        if (strlen(deleting->key) < prefix_len ||
            strcmp(item->name, deleting->key + prefix_len) != 0)
            continue;
        bool denied = deleting->code && strcmp(deleting->code, "AccessDenied") == 0;
        item->status = store_fail(denied ? STORE_DENIED : STORE_UNAVAILABLE, &item->err,
                                  "DELETE %s: the server answers %s", deleting->key,
                                  deleting->code ? deleting->code : "an error");
    }
}

/* One DeleteObjects request. False if this server does not take it: then one by one. */
static bool delete_at_once(struct s3_store *store, struct store_item *items, size_t n)
{
    struct buf body = BUF_INIT;
    buf_puts(&body, "<Delete><Quiet>true</Quiet>");
    for (size_t i = 0; i < n; i++) {
        char *key = s3_key(store, items[i].name);
        buf_puts(&body, "<Object><Key>");
        s3_xml_escape(key, &body);
        buf_puts(&body, "</Key></Object>");
        free(key);
    }
    buf_puts(&body, "</Delete>");
    char md5[32];
    bool ok = content_md5(&body, md5);
    if (ok) {
        struct s3_request request = {.method = "POST", .data = body.data, .len = body.len};
        request.query[request.n_query++] = (struct sigv4_pair){(char *)"delete", (char *)""};
        request.headers[request.n_headers++] = (struct sigv4_pair){(char *)"Content-MD5", md5};
        request.headers[request.n_headers++] =
            (struct sigv4_pair){(char *)"Content-Type", (char *)"application/xml"};
        s3_perform(store->client, &request, 1);
        struct deleting deleting = {store, items, n, NULL, NULL};
        struct s3_xml_reader reader = {on_leaf, on_end, &deleting};
        struct error ignored = ERROR_INIT;
        ok = request.result == S3_ANSWERED && request.status == 200 &&
             s3_xml_read(buf_text(&request.body), request.body.len, &reader, &ignored);
        error_clear(&ignored);
        free(deleting.key);
        free(deleting.code);
        s3_request_clear(&request);
    }
    buf_free(&body);
    return ok;
}

static void delete_singly(struct s3_store *store, struct store_item *items, size_t n)
{
    struct s3_request *requests = requests_of(store, items, n, "DELETE");
    s3_perform(store->client, requests, n);
    for (size_t i = 0; i < n; i++) {
        items[i].status = s3_status(store, &requests[i], &items[i].err);
        if (items[i].status == STORE_NOT_FOUND) {
            error_clear(&items[i].err);
            items[i].status = STORE_OK;
        }
    }
    free_requests(requests, n);
}

void s3_delete_many(struct store *base, struct store_item *items, size_t n)
{
    struct s3_store *store = (struct s3_store *)base;
    for (size_t at = 0; at < n; at += DELETE_AT_ONCE) {
        size_t some = n - at < DELETE_AT_ONCE ? n - at : DELETE_AT_ONCE;
        for (size_t i = 0; i < some; i++)
            items[at + i].status = STORE_OK;
        if (some == 1 || !delete_at_once(store, items + at, some))
            delete_singly(store, items + at, some);
    }
}

enum store_status s3_delete_prefix(struct store *base, const char *prefix, struct error *err)
{
    struct store_names names = {NULL, 0};
    enum store_status status = s3_list(base, prefix, &names, err);
    struct store_item *items = xcalloc(names.n, sizeof *items);
    for (size_t i = 0; i < names.n; i++)
        items[i].name = names.names[i];
    if (status == STORE_OK)
        s3_delete_many(base, items, names.n);
    for (size_t i = 0; i < names.n; i++) {
        if (status == STORE_OK && items[i].status != STORE_OK) {
            status = items[i].status;
            error_set(err, NULL, "%s", error_text(&items[i].err));
        }
        error_clear(&items[i].err);
    }
    free(items);
    store_names_free(&names);
    return status;
}
