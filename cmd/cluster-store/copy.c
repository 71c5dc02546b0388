#include "common/xalloc.h"
#include "store_tool.h"

#include <stdlib.h>
#include <string.h>

/* The layout is the ledger's (cluster-ledger(5)). */
static const char folder[] = "__cluster/";
static const char ledger[] = "__cluster/state.json";
static const char lock[] = "__cluster/lock.json";
static const char heartbeat[] = "__cluster/lock.heartbeat.json";
static const char recoveries[] = "__cluster/recoveries/";

enum { AT_ONCE = 200 }; /* objects in memory together */

static bool holds(const struct store_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->names[i], name) == 0)
            return true;
    return false;
}

static bool may_copy(const struct store_names *source, const struct store_names *target,
                     struct error *err)
{
    if (!holds(source, ledger))
        return error_set(err, NULL, "there is no ledger to copy");
    if (holds(source, lock))
        return error_set(err, NULL,
                         "a command holds the lock there; wait for it, or release it "
                         "with cluster force-unlock");
    for (size_t i = 0; i < source->n; i++)
        if (strncmp(source->names[i], recoveries, sizeof recoveries - 1) == 0)
            return error_set(err, NULL,
                             "an interrupted operation waits there to be settled (%s); run cluster "
                             "apply first",
                             source->names[i]);
    if (holds(target, ledger))
        return error_set(err, NULL,
                         "there is a ledger already where it should go; nothing was "
                         "copied");
    return true;
}

/* One batch: got, put, and what was there already compared. */
static bool copy_some(struct store *from, struct store *to, char *const *names, size_t n,
                      struct error *err)
{
    struct store_item got[AT_ONCE], put[AT_ONCE];
    memset(got, 0, sizeof got);
    memset(put, 0, sizeof put);
    for (size_t i = 0; i < n; i++)
        got[i].name = put[i].name = names[i];
    bool ok = store_get_many(from, got, n) == STORE_OK;
    for (size_t i = 0; i < n; i++) {
        put[i].data = buf_text(&got[i].got);
        put[i].len = got[i].got.len;
        if (!ok && got[i].status != STORE_OK)
            error_set(err, NULL, "%s", error_text(&got[i].err));
    }
    if (ok)
        (void)store_put_many_if_absent(to, put, n); /* each item tells */
    for (size_t i = 0; ok && i < n; i++) {
        if (put[i].status == STORE_CONFLICT) { /* an earlier copy that died may have put it */
            struct buf there = BUF_INIT;
            ok = store_get(to, names[i], &there, NULL, err) == STORE_OK;
            if (ok &&
                (there.len != put[i].len || memcmp(buf_text(&there), put[i].data, there.len) != 0))
                ok = error_set(err, NULL, "%s is there already, with another content", names[i]);
            buf_free(&there);
        } else if (put[i].status != STORE_OK) {
            ok = error_set(err, NULL, "%s", error_text(&put[i].err));
        }
    }
    store_items_clear(got, n);
    store_items_clear(put, n);
    return ok;
}

static bool copy_all(struct store *from, struct store *to, const struct store_names *source,
                     size_t *copied, struct error *err)
{
    char **names = xcalloc(source->n, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < source->n; i++)
        if (strcmp(source->names[i], ledger) != 0 && strcmp(source->names[i], heartbeat) != 0)
            names[n++] = source->names[i];
    bool ok = true;
    for (size_t at = 0; ok && at < n; at += AT_ONCE)
        ok = copy_some(from, to, names + at, n - at < AT_ONCE ? n - at : AT_ONCE, err);
    free(names);
    char *last[] = {(char *)ledger};
    ok = ok && copy_some(from, to, last, 1, err);
    *copied = n + 1;
    return ok;
}

bool store_copy(struct store *from, struct store *to, size_t *copied, struct error *err)
{
    struct store_names source = {NULL, 0}, target = {NULL, 0};
    bool ok = store_list(from, folder, &source, err) == STORE_OK &&
              store_list(to, folder, &target, err) == STORE_OK && may_copy(&source, &target, err) &&
              copy_all(from, to, &source, copied, err);
    store_names_free(&source);
    store_names_free(&target);
    return ok;
}
