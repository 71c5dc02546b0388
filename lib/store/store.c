#include "store/store.h"

#include "common/failpoint.h"
#include "common/xalloc.h"
#include "store/store_impl.h"

#include <stdlib.h>
#include <string.h>

enum store_status store_fail(enum store_status status, struct error *err, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    char *message = xvasprintf(format, ap);
    va_end(ap);
    error_set(err, NULL, "%s", message);
    free(message);
    return status;
}

const char *store_status_name(enum store_status status)
{
    switch (status) {
    case STORE_OK:
        return "ok";
    case STORE_NOT_FOUND:
        return "not found";
    case STORE_CONFLICT:
        return "conflict";
    case STORE_DENIED:
        return "denied";
    case STORE_UNAVAILABLE:
        return "unavailable";
    default:
        return "invalid";
    }
}

/* A name that is shown may hold anything: keep the message one clean line. */
static enum store_status refuse(const char *what, const char *name, struct error *err)
{
    char shown[81];
    size_t n = 0;
    for (; n < sizeof shown - 1 && name[n]; n++)
        shown[n] = (unsigned char)name[n] < 0x20 || (unsigned char)name[n] >= 0x7f ? '?' : name[n];
    shown[n] = '\0';
    return store_fail(STORE_INVALID, err,
                      "\"%s\" is no %s in a store: parts are separated by one '/', none is \".\", "
                      "\"..\" or empty, and there are no control characters",
                      shown, what);
}

static enum store_status check_name(const char *name, struct error *err)
{
    return store_name_is_valid(name) ? STORE_OK : refuse("name of an object", name, err);
}

static enum store_status check_prefix(const char *prefix, struct error *err)
{
    size_t len = strlen(prefix);
    if (len == 0)
        return STORE_OK;
    char *name = xstrndup(prefix, len - 1);
    bool ok = prefix[len - 1] == '/' && store_name_is_valid(name);
    free(name);
    return ok ? STORE_OK : refuse("folder", prefix, err);
}

/* What every write starts and ends with. */
static enum store_status before_put(const char *name, struct error *err)
{
    enum store_status status = check_name(name, err);
    if (status == STORE_OK && !FAILPOINT("store.before_put", err))
        status = STORE_UNAVAILABLE;
    return status;
}

static enum store_status after_put(enum store_status status, struct error *err)
{
    if (status == STORE_OK && !FAILPOINT("store.after_put", err))
        status = STORE_UNAVAILABLE;
    return status;
}

void store_close(struct store *store)
{
    if (store)
        store->ops->close(store);
}

bool store_is_remote(const struct store *store)
{
    return store->remote;
}

char *store_location(const struct store *store, const char *name)
{
    return store->ops->location(store, name);
}

enum store_status store_get(struct store *store, const char *name, struct buf *out,
                            struct store_token *token, struct error *err)
{
    enum store_status status = check_name(name, err);
    return status == STORE_OK ? store->ops->get(store, name, out, token, err) : status;
}

enum store_status store_put(struct store *store, const char *name, const void *data, size_t len,
                            struct error *err)
{
    enum store_status status = before_put(name, err);
    if (status == STORE_OK)
        status = store->ops->put(store, name, data, len, err);
    return after_put(status, err);
}

enum store_status store_put_if_absent(struct store *store, const char *name, const void *data,
                                      size_t len, struct error *err)
{
    enum store_status status = before_put(name, err);
    if (status == STORE_OK)
        status = store->ops->put_if_absent(store, name, data, len, err);
    return after_put(status, err);
}

enum store_status store_put_if_match(struct store *store, const char *name,
                                     const struct store_token *token, const void *data, size_t len,
                                     struct error *err)
{
    enum store_status status = before_put(name, err);
    if (status == STORE_OK)
        status = store->ops->put_if_match(store, name, token, data, len, err);
    return after_put(status, err);
}

enum store_status store_delete(struct store *store, const char *name, struct error *err)
{
    enum store_status status = check_name(name, err);
    return status == STORE_OK ? store->ops->del(store, name, err) : status;
}

enum store_status store_delete_if_match(struct store *store, const char *name,
                                        const struct store_token *token, struct error *err)
{
    enum store_status status = check_name(name, err);
    return status == STORE_OK ? store->ops->delete_if_match(store, name, token, err) : status;
}

enum store_status store_put_file(struct store *store, const char *name, int fd, struct error *err)
{
    enum store_status status = before_put(name, err);
    if (status == STORE_OK)
        status = store->ops->put_file(store, name, fd, err);
    return after_put(status, err);
}

enum store_status store_get_file(struct store *store, const char *name, int fd, struct error *err)
{
    enum store_status status = check_name(name, err);
    return status == STORE_OK ? store->ops->get_file(store, name, fd, err) : status;
}

enum store_status store_age(struct store *store, const char *name, int64_t *seconds,
                            struct error *err)
{
    *seconds = 0;
    enum store_status status = check_name(name, err);
    return status == STORE_OK ? store->ops->age(store, name, seconds, err) : status;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum store_status store_list(struct store *store, const char *prefix, struct store_names *out,
                             struct error *err)
{
    *out = (struct store_names){NULL, 0};
    enum store_status status = check_prefix(prefix, err);
    if (status == STORE_OK)
        status = store->ops->list(store, prefix, out, err);
    if (status != STORE_OK)
        store_names_free(out);
    else if (out->n > 1)
        qsort(out->names, out->n, sizeof *out->names, by_bytes);
    return status;
}

void store_names_add(struct store_names *names, size_t *cap, char *name)
{
    names->names = xgrow(names->names, names->n, cap, sizeof *names->names);
    names->names[names->n++] = name;
}

void store_names_free(struct store_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->names[i]);
    free(names->names);
    *names = (struct store_names){NULL, 0};
}

enum store_status store_exists(struct store *store, const char *prefix, bool *exists,
                               struct error *err)
{
    *exists = false;
    enum store_status status = check_prefix(prefix, err);
    return status == STORE_OK ? store->ops->exists(store, prefix, exists, err) : status;
}

enum store_status store_delete_prefix(struct store *store, const char *prefix, struct error *err)
{
    enum store_status status = check_prefix(prefix, err);
    if (status == STORE_OK && !*prefix)
        return store_fail(STORE_INVALID, err, "refusing to delete a whole store");
    return status == STORE_OK ? store->ops->delete_prefix(store, prefix, err) : status;
}

void store_remove_stale_temporaries(struct store *store)
{
    if (store->ops->remove_stale_temporaries)
        store->ops->remove_stale_temporaries(store);
}
