/*
 * The proof that a server honors conditional requests. One that ignores them would let two writers
 * win, and so corrupt the ledger without a word: it is refused before anything is written.
 */
#include "common/ulid.h"
#include "common/xalloc.h"
#include "store/s3/s3_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a parent process has proven: "<origin><base> etag=quoted|bare delete=yes|no". */
static const char proven_variable[] = "CLUSTER_S3_PROVEN";

static char *endpoint_of(const struct s3_store *store)
{
    const struct s3_config *config = s3_client_config(store->client);
    return xasprintf("%s%s ", config->origin, config->base);
}

static bool proven_by_parent(struct s3_store *store)
{
    const char *text = getenv(proven_variable);
    char *endpoint = endpoint_of(store);
    bool same = text && strncmp(text, endpoint, strlen(endpoint)) == 0;
    if (same) {
        store->bare_etag = strstr(text, " etag=bare") != NULL;
        store->delete_if_match = strstr(text, " delete=yes") != NULL;
    }
    free(endpoint);
    return same;
}

static void tell_children(const struct s3_store *store)
{
    char *endpoint = endpoint_of(store);
    char *text = xasprintf("%s etag=%s delete=%s", endpoint, store->bare_etag ? "bare" : "quoted",
                           store->delete_if_match ? "yes" : "no");
    (void)setenv(proven_variable, text, 1); /* without it a child proves it again */
    free(text);
    free(endpoint);
}

/* One request on the probe object. Returns the HTTP status, 0 if there was no answer (err set). */
static long probe(struct s3_store *store, const char *key, const char *method, const char *header,
                  const char *value, char etag[128], struct error *err)
{
    bool put = strcmp(method, "PUT") == 0;
    struct s3_request request = {
        .method = method, .key = key, .data = put ? "probe" : NULL, .len = put ? 5 : 0};
    if (header)
        request.headers[request.n_headers++] = (struct sigv4_pair){(char *)header, (char *)value};
    s3_perform(store->client, &request, 1);
    long status = request.result == S3_ANSWERED ? request.status : 0;
    if (status == 0)
        error_set(err, NULL, "%s", error_text(&request.err));
    else if (status >= 300 && status != 412)
        (void)s3_status(store, &request, err); /* for its message */
    if (etag && status >= 200 && status < 300)
        snprintf(etag, 128, "%s", request.etag);
    s3_request_clear(&request);
    return status;
}

static enum store_status unsupported(struct s3_store *store, const char *what, struct error *err)
{
    const struct s3_config *config = s3_client_config(store->client);
    error_set(err, "storage_conditional_writes_unsupported",
              "%s at %s %s; a ledger kept there could be overwritten unnoticed, so nothing was "
              "written: use a server that honors conditional writes",
              config->root, config->origin, what);
    return STORE_INVALID;
}

static bool created(long status)
{
    return status >= 200 && status < 300;
}

static enum store_status denied_or_failed(long status)
{
    return status == 0                      ? STORE_UNAVAILABLE
           : status == 401 || status == 403 ? STORE_DENIED
                                            : STORE_INVALID;
}

static enum store_status prove_with(struct s3_store *store, const char *key, struct error *err)
{
    char etag[128] = "";
    struct error ignored = ERROR_INIT;
    long first = probe(store, key, "PUT", "If-None-Match", "*", etag, err);
    if (first == 501 || first == 400)
        return unsupported(store, "does not know If-None-Match", err);
    if (!created(first) && first != 412) /* 412: the first answer was lost, a retry met it */
        return denied_or_failed(first);
    long second = probe(store, key, "PUT", "If-None-Match", "*", NULL, &ignored);
    long swap = probe(store, key, "PUT", "If-Match", "\"00000000000000000000000000000000\"", NULL,
                      &ignored);
    error_clear(&ignored);
    if (created(second))
        return unsupported(store, "lets two creates of one object both succeed", err);
    if (created(swap))
        return unsupported(store, "ignores If-Match", err);
    if (second != 412 && second != 409)
        return store_fail(denied_or_failed(second), err,
                          "%s: conditional writes could not be tried",
                          s3_client_config(store->client)->root);
    long gone = probe(store, key, "DELETE", "If-Match", "\"00000000000000000000000000000000\"",
                      NULL, &ignored);
    error_clear(&ignored);
    store->delete_if_match = gone == 412;
    return STORE_OK;
}

enum store_status s3_prove(struct s3_store *store, struct error *err)
{
    if (store->proven || proven_by_parent(store)) {
        store->proven = true;
        return STORE_OK;
    }
    char *name = xasprintf("__cluster/probe-%s", ulid_new().text);
    char *key = s3_key(store, name);
    enum store_status status = prove_with(store, key, err);
    struct error ignored = ERROR_INIT;
    (void)probe(store, key, "DELETE", NULL, NULL, NULL,
                &ignored); /* what stays is an inert object */
    error_clear(&ignored);
    free(key);
    free(name);
    store->proven = status == STORE_OK;
    if (store->proven)
        tell_children(store);
    return status;
}
