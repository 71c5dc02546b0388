#include "store/s3/sigv4.h"

#include "common/digest.h"
#include "common/xalloc.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

struct mac {
    unsigned char bytes[32];
};

static struct mac hmac(const void *key, size_t key_len, const char *text)
{
    struct mac mac;
    unsigned len = 0;
    /* HMAC() fails only for want of memory or of SHA-256 itself. */
    if (!HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), mac.bytes,
              &len) ||
        len != sizeof mac.bytes)
        die_out_of_memory();
    return mac;
}

void sigv4_encode(const char *text, int keep_slash, struct buf *out)
{
    for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
        if (isalnum(*s) || strchr("-._~", *s) || (keep_slash && *s == '/'))
            buf_putc(out, (char)*s);
        else
            buf_printf(out, "%%%02X", *s);
    }
}

/* Encoded, and compared so: the order is that of the encoded names, then values. */
static int compare_pairs(const void *a, const void *b)
{
    const struct sigv4_pair *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->value, y->value);
}

static void free_pairs(struct sigv4_pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(pairs[i].name);
        free(pairs[i].value);
    }
    free(pairs);
}

static char *encoded(const char *text)
{
    struct buf out = BUF_INIT;
    sigv4_encode(text, 0, &out);
    return buf_detach(&out);
}

void sigv4_query(const struct sigv4_pair *query, size_t n, struct buf *out)
{
    struct sigv4_pair *sorted = xcalloc(n, sizeof *sorted);
    for (size_t i = 0; i < n; i++) {
        sorted[i].name = encoded(query[i].name);
        sorted[i].value = encoded(query[i].value);
    }
    if (n)
        qsort(sorted, n, sizeof *sorted, compare_pairs);
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%s%s=%s", i ? "&" : "", sorted[i].name, sorted[i].value);
    free_pairs(sorted, n);
}

static char *lowered(const char *name)
{
    char *low = xstrdup(name);
    for (char *c = low; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return low;
}

/* Without leading and trailing white space, runs of spaces inside folded to one. */
static char *trimmed(const char *value)
{
    struct buf out = BUF_INIT;
    while (*value == ' ' || *value == '\t')
        value++;
    for (; *value; value++) {
        if (*value == ' ' && (value[1] == ' ' || value[1] == '\0'))
            continue;
        buf_putc(&out, *value);
    }
    return buf_detach(&out);
}

static struct sigv4_pair *canonical_headers(const struct sigv4_request *request)
{
    struct sigv4_pair *sorted = xcalloc(request->n_headers, sizeof *sorted);
    for (size_t i = 0; i < request->n_headers; i++) {
        sorted[i].name = lowered(request->headers[i].name);
        sorted[i].value = trimmed(request->headers[i].value);
    }
    if (request->n_headers)
        qsort(sorted, request->n_headers, sizeof *sorted, compare_pairs);
    return sorted;
}

static void append_signed_names(const struct sigv4_pair *sorted, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%s%s", i ? ";" : "", sorted[i].name);
}

void sigv4_canonical_request(const struct sigv4_request *request, struct buf *out)
{
    struct sigv4_pair *headers = canonical_headers(request);
    buf_printf(out, "%s\n", request->method);
    sigv4_encode(request->path, 1, out);
    buf_putc(out, '\n');
    sigv4_query(request->query, request->n_query, out);
    buf_putc(out, '\n');
    for (size_t i = 0; i < request->n_headers; i++)
        buf_printf(out, "%s:%s\n", headers[i].name, headers[i].value);
    buf_putc(out, '\n');
    append_signed_names(headers, request->n_headers, out);
    buf_printf(out, "\n%s", request->payload_sha256);
    free_pairs(headers, request->n_headers);
}

static void append_scope(const struct sigv4_scope *scope, struct buf *out)
{
    buf_printf(out, "%.8s/%s/%s/aws4_request", scope->date_time, scope->region, scope->service);
}

void sigv4_string_to_sign(const struct sigv4_request *request, const struct sigv4_scope *scope,
                          struct buf *out)
{
    struct buf canonical = BUF_INIT;
    sigv4_canonical_request(request, &canonical);
    buf_printf(out, "AWS4-HMAC-SHA256\n%s\n", scope->date_time);
    append_scope(scope, out);
    buf_printf(out, "\n%s", digest_of(canonical.data, canonical.len).hex);
    buf_free(&canonical);
}

static struct mac signing_key(const struct sigv4_scope *scope)
{
    char *secret = xasprintf("AWS4%s", scope->secret_key);
    char *date = xstrndup(scope->date_time, 8);
    struct mac key = hmac(secret, strlen(secret), date);
    key = hmac(key.bytes, sizeof key.bytes, scope->region);
    key = hmac(key.bytes, sizeof key.bytes, scope->service);
    key = hmac(key.bytes, sizeof key.bytes, "aws4_request");
    free(date);
    free(secret);
    return key;
}

void sigv4_authorization(const struct sigv4_request *request, const struct sigv4_scope *scope,
                         struct buf *out)
{
    struct buf to_sign = BUF_INIT;
    sigv4_string_to_sign(request, scope, &to_sign);
    struct mac key = signing_key(scope);
    struct mac signature = hmac(key.bytes, sizeof key.bytes, to_sign.data);
    struct sigv4_pair *headers = canonical_headers(request);
    buf_printf(out, "AWS4-HMAC-SHA256 Credential=%s/", scope->access_key);
    append_scope(scope, out);
    buf_puts(out, ", SignedHeaders=");
    append_signed_names(headers, request->n_headers, out);
    buf_puts(out, ", Signature=");
    for (size_t i = 0; i < sizeof signature.bytes; i++)
        buf_printf(out, "%02x", signature.bytes[i]);
    free_pairs(headers, request->n_headers);
    buf_free(&to_sign);
}
