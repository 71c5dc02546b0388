/*
 * ListObjectsV2, page after page. Keys come URL-encoded inside XML, so that any byte a key may hold
 * survives.
 */
#include "common/xalloc.h"
#include "store/s3/s3_store.h"
#include "store/s3/s3_xml.h"

#include <stdlib.h>
#include <string.h>

struct page {
    size_t prefix_len; /* of the store's prefix, which names do not have */
    struct store_names *names;
    size_t *cap;
    bool truncated;
    char *token; /* of the next page */
    bool broken; /* a key that cannot be decoded, or lies outside the prefix */
};

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* application/x-www-form-urlencoded, as encoding-type=url gives it: '+' is a space. NULL if it is
 * none. */
static char *url_decoded(const char *text)
{
    struct buf out = BUF_INIT;
    for (; *text; text++) {
        if (*text == '+') {
            buf_putc(&out, ' ');
        } else if (*text == '%') {
            int high = hex_digit(text[1]), low = high < 0 ? -1 : hex_digit(text[2]);
            if (low < 0 || (high == 0 && low == 0)) {
                buf_free(&out);
                return NULL;
            }
            buf_putc(&out, (char)(high * 16 + low));
            text += 2;
        } else {
            buf_putc(&out, *text);
        }
    }
    return buf_detach(&out);
}

static void add_key(struct page *page, const char *text)
{
    char *key = url_decoded(text);
    if (!key || strlen(key) < page->prefix_len)
        page->broken = true;
    else if (key[strlen(key) - 1] !=
             '/') /* a folder marker that some tool left is no object of ours */
        store_names_add(page->names, page->cap, xstrdup(key + page->prefix_len));
    free(key);
}

static void on_leaf(void *data, const char *path, const char *text)
{
    struct page *page = data;
    if (strcmp(path, "ListBucketResult/Contents/Key") == 0) {
        add_key(page, text);
    } else if (strcmp(path, "ListBucketResult/IsTruncated") == 0) {
        page->truncated = strcmp(text, "true") == 0;
    } else if (strcmp(path, "ListBucketResult/NextContinuationToken") == 0) {
        free(page->token);
        page->token = xstrdup(text);
    }
}

static enum store_status get_page(struct s3_store *store, const char *key_prefix,
                                  const char *max_keys, struct page *page, struct error *err)
{
    struct s3_request request = {.method = "GET", .n_query = 4};
    request.query[0] = (struct sigv4_pair){(char *)"list-type", (char *)"2"};
    request.query[1] = (struct sigv4_pair){(char *)"encoding-type", (char *)"url"};
    request.query[2] = (struct sigv4_pair){(char *)"prefix", (char *)key_prefix};
    request.query[3] = (struct sigv4_pair){(char *)"max-keys", (char *)max_keys};
    if (page->token)
        request.query[request.n_query++] =
            (struct sigv4_pair){(char *)"continuation-token", page->token};
    enum store_status status = s3_send(store, &request, err);
    if (status == STORE_NOT_FOUND)
        status = STORE_INVALID; /* a list of nothing is empty, never 404: this is no S3 bucket */
    page->truncated = false;
    struct s3_xml_reader reader = {on_leaf, NULL, page};
    if (status == STORE_OK &&
        !s3_xml_read(buf_text(&request.body), request.body.len, &reader, err)) {
        error_prefix(err, "listing s3://%s/%s", s3_client_config(store->client)->bucket,
                     key_prefix);
        status = STORE_UNAVAILABLE;
    } else if (status == STORE_OK && (page->broken || (page->truncated && !page->token))) {
        status = store_fail(STORE_INVALID, err, "listing s3://%s/%s: the server's list is unusable",
                            s3_client_config(store->client)->bucket, key_prefix);
    }
    s3_request_clear(&request);
    return status;
}

/* Keys a page. Test builds take another number, to see lists that come in many pages. */
static const char *page_size(void)
{
#ifdef CLUSTER_TEST
    const char *size = getenv("CLUSTER_TEST_S3_MAX_KEYS");
    if (size)
        return size;
#endif
    return "1000";
}

enum store_status s3_list(struct store *base, const char *prefix, struct store_names *out,
                          struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    size_t cap = 0;
    struct page page = {.names = out, .cap = &cap};
    page.prefix_len = strlen(s3_client_config(store->client)->prefix);
    char *key_prefix = s3_key(store, prefix);
    enum store_status status;
    do
        status = get_page(store, key_prefix, page_size(), &page, err);
    while (status == STORE_OK && page.truncated);
    free(page.token);
    free(key_prefix);
    return status;
}

enum store_status s3_exists(struct store *base, const char *prefix, bool *exists, struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    struct store_names names = {NULL, 0};
    size_t cap = 0;
    struct page page = {.names = &names, .cap = &cap};
    page.prefix_len = strlen(s3_client_config(store->client)->prefix);
    char *key_prefix = s3_key(store, prefix);
    enum store_status status = get_page(store, key_prefix, "2", &page, err);
    *exists = names.n > 0;
    store_names_free(&names);
    free(page.token);
    free(key_prefix);
    return status;
}
