/*
 * Create-only and compare-and-swap writes, and what an unclear answer means.
 *
 * A conditional write whose answer was lost may have landed: then a retry meets its own work and is
 * told "conflict". So before a conflict (or a failure) is reported, the object is read: if it holds
 * exactly our bytes, we won.
 */
#include "common/xalloc.h"
#include "store/s3/s3_store.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often a request is asked again that another one crossed. */
enum { MAX_RACES = 8 };

static void pause_briefly(int round)
{
    struct timespec nap = {0, (long)(10 + 20 * round) * 1000000};
    nanosleep(&nap, NULL);
}

/* Reads what is there now and says whether it is exactly what the request wanted to write. */
static enum store_status read_back(struct s3_store *store, const char *name,
                                   const struct s3_request *request, bool *ours,
                                   struct store_token *token, struct error *err)
{
    struct buf now = BUF_INIT;
    enum store_status status = s3_get(&store->base, name, &now, token, err);
    *ours = status == STORE_OK && now.len == request->len &&
            (now.len == 0 || memcmp(now.data, request->data, now.len) == 0);
    buf_free(&now);
    return status;
}

static enum store_status conflict(struct s3_store *store, const char *name, const char *what,
                                  struct error *err)
{
    char *where = store->base.ops->location(&store->base, name);
    error_set(err, NULL, "%s: %s", where, what);
    free(where);
    return STORE_CONFLICT;
}

/* 412 on a create: the object is there. STORE_INVALID: it was, and is not any more when it is read.
 */
static enum store_status create_refused(struct s3_store *store, const char *name,
                                        const struct s3_request *request, struct error *err)
{
    bool ours = false;
    struct error read_error = ERROR_INIT;
    enum store_status status = read_back(store, name, request, &ours, NULL, &read_error);
    bool unknown = request->ambiguous && status != STORE_OK && status != STORE_NOT_FOUND;
    if (unknown)
        error_set(err, NULL,
                  "an answer to its creation was lost, and whose it is cannot be read: %s",
                  error_text(&read_error));
    error_clear(&read_error);
    if (unknown)
        return STORE_UNAVAILABLE;
    if (status == STORE_OK && ours && request->ambiguous)
        return STORE_OK;
    if (status == STORE_NOT_FOUND) {
        char *where = store->base.ops->location(&store->base, name);
        error_set(err, NULL,
                  "%s: the server refuses to create it (412) and says that it is not there (404): "
                  "in a versioned bucket a delete marker does this; remove the marker",
                  where);
        free(where);
        return STORE_INVALID;
    }
    return conflict(store, name, "it is there already", err);
}

/*
 * Two answers are asked again, a few times: 409, and 412 for what then is not there. Of that, the
 * usual cause is that somebody deleted it in between, as whoever holds a lock does; it is a delete
 * marker only if it stays so.
 */
enum store_status s3_settle_create(struct s3_store *store, const char *name,
                                   struct s3_request *request, struct error *err)
{
    for (int round = 0;; round++) {
        struct error why = ERROR_INIT;
        enum store_status status = s3_status(store, request, &why);
        bool again = false;
        if (status == STORE_UNAVAILABLE && request->ambiguous) {
            bool ours = false;
            struct error read_error = ERROR_INIT;
            (void)read_back(store, name, request, &ours, NULL, &read_error); /* ours says it all */
            error_clear(&read_error);
            if (ours)
                status = STORE_OK;
        } else if (status == STORE_CONFLICT && request->status == 409) {
            status = STORE_UNAVAILABLE;
            again = true;
        } else if (status == STORE_CONFLICT) {
            error_clear(&why);
            status = create_refused(store, name, request, &why);
            again = status == STORE_INVALID;
        }
        if (!again || round == MAX_RACES) {
            if (status != STORE_OK)
                error_set(err, NULL, "%s", error_text(&why));
            error_clear(&why);
            return status;
        }
        error_clear(&why);
        pause_briefly(round);
        bool before = request->ambiguous;
        s3_request_clear(request);
        s3_perform(store->client, request, 1);
        request->ambiguous |= before;
    }
}

enum store_status s3_put_if_absent(struct store *base, const char *name, const void *data,
                                   size_t len, struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    enum store_status status = s3_prove(store, err);
    if (status != STORE_OK)
        return status;
    char *key = s3_key(store, name);
    struct s3_request request = {.method = "PUT", .key = key, .data = data, .len = len};
    request.headers[request.n_headers++] =
        (struct sigv4_pair){(char *)"If-None-Match", (char *)"*"};
    s3_perform(store->client, &request, 1);
    status = s3_settle_create(store, name, &request, err);
    s3_request_clear(&request);
    free(key);
    return status;
}

/* The ETag as this server wants it in If-Match. To be freed. */
static char *if_match_value(const struct s3_store *store, const char *etag)
{
    size_t len = strlen(etag);
    if (store->bare_etag && len >= 2 && etag[0] == '"')
        return xstrndup(etag + 1, len - 2);
    return xstrdup(etag);
}

/* One conditional request, sent with If-Match in the form that this server is known to want. */
static void send_if_match(struct s3_store *store, struct s3_request *request, const char *etag)
{
    char *value = if_match_value(store, etag);
    bool before = request->ambiguous;
    request->headers[0] = (struct sigv4_pair){(char *)"If-Match", value};
    request->n_headers = 1;
    s3_request_clear(request);
    s3_perform(store->client, request, 1);
    request->ambiguous |= before;
    request->n_headers = 0;
    free(value);
}

enum verdict { SETTLED, ASK_AGAIN };

/* What an answer other than success means for a swap, once the object has been read. */
static enum verdict judge_swap(struct s3_store *store, const char *name,
                               const struct s3_request *request, const struct store_token *token,
                               bool *tried_bare, enum store_status *status, struct error *err)
{
    struct store_token now = {""};
    bool ours = false;
    struct error read_error = ERROR_INIT;
    enum store_status read = read_back(store, name, request, &ours, &now, &read_error);
    bool unchanged = read == STORE_OK && strcmp(now.text, token->text) == 0;
    error_clear(&read_error);
    if (ours && request->ambiguous) {
        *status = STORE_OK;
        return SETTLED;
    }
    if (*status == STORE_UNAVAILABLE || (read != STORE_OK && read != STORE_NOT_FOUND)) {
        *status = STORE_UNAVAILABLE;
        return SETTLED;
    }
    if (unchanged && request->status == 409)
        return ASK_AGAIN;
    if (unchanged && request->status == 412 && !store->bare_etag && !*tried_bare) {
        *tried_bare = store->bare_etag = true; /* kept if it helps, see below */
        return ASK_AGAIN;
    }
    error_clear(err);
    *status = conflict(store, name, "somebody else has changed it", err);
    return SETTLED;
}

enum store_status s3_put_if_match(struct store *base, const char *name,
                                  const struct store_token *token, const void *data, size_t len,
                                  struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    enum store_status status = s3_prove(store, err);
    if (status != STORE_OK)
        return status;
    char *key = s3_key(store, name);
    struct s3_request request = {.method = "PUT", .key = key, .data = data, .len = len};
    bool tried_bare = false;
    for (int round = 0;; round++) {
        send_if_match(store, &request, token->text);
        error_clear(err);
        status = s3_status(store, &request, err);
        if (status != STORE_CONFLICT && status != STORE_NOT_FOUND &&
            !(status == STORE_UNAVAILABLE && request.ambiguous))
            break;
        if (judge_swap(store, name, &request, token, &tried_bare, &status, err) == SETTLED)
            break;
        if (round == MAX_RACES) {
            status = STORE_UNAVAILABLE;
            break;
        }
        pause_briefly(round);
    }
    if (status == STORE_OK)
        error_clear(err);
    else if (tried_bare)
        store->bare_etag = false;
    s3_request_clear(&request);
    free(key);
    return status;
}

/* Where DELETE ignores If-Match: read, compare, delete. The gap between is the price of such a
 * server. */
static enum store_status delete_compared(struct s3_store *store, const char *name,
                                         const struct store_token *token, struct error *err)
{
    struct buf now = BUF_INIT;
    struct store_token is = {""};
    enum store_status status = s3_get(&store->base, name, &now, &is, err);
    buf_free(&now);
    if (status != STORE_OK)
        return status;
    if (strcmp(is.text, token->text) != 0)
        return conflict(store, name, "somebody else has changed it", err);
    return store->base.ops->del(&store->base, name, err);
}

enum store_status s3_delete_if_match(struct store *base, const char *name,
                                     const struct store_token *token, struct error *err)
{
    struct s3_store *store = (struct s3_store *)base;
    enum store_status status = s3_prove(store, err);
    if (status != STORE_OK)
        return status;
    if (!store->delete_if_match)
        return delete_compared(store, name, token, err);
    char *key = s3_key(store, name);
    struct s3_request request = {.method = "DELETE", .key = key};
    send_if_match(store, &request, token->text);
    status = s3_status(store, &request, err);
    /* Gone, and an earlier attempt's answer was lost: that attempt did it. */
    if (status == STORE_NOT_FOUND && request.ambiguous) {
        error_clear(err);
        status = STORE_OK;
    }
    s3_request_clear(&request);
    free(key);
    return status;
}
