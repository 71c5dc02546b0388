/* store_batch.c - many objects in one call: checked here, done by the backend or one by one. */
#include "common/failpoint.h"
#include "store/store_impl.h"

static enum store_status first_failure(const struct store_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (items[i].status != STORE_OK)
            return items[i].status;
    return STORE_OK;
}

/* One bad name fails the whole batch before anything is touched: it is a bug of the caller's. */
static bool names_are_valid(struct store_item *items, size_t n)
{
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = store_name_is_valid(items[i].name);
    for (size_t i = 0; i < n; i++)
        items[i].status = ok ? STORE_OK
                             : store_fail(STORE_INVALID, &items[i].err,
                                          "not done: the batch holds an invalid object name");
    return ok;
}

enum store_status store_get_many(struct store *store, struct store_item *items, size_t n)
{
    if (!names_are_valid(items, n))
        return STORE_INVALID;
    if (store->ops->get_many)
        store->ops->get_many(store, items, n);
    else
        for (size_t i = 0; i < n; i++)
            items[i].status =
                store->ops->get(store, items[i].name, &items[i].got, NULL, &items[i].err);
    return first_failure(items, n);
}

enum store_status store_put_many_if_absent(struct store *store, struct store_item *items, size_t n)
{
    if (!names_are_valid(items, n))
        return STORE_INVALID;
    if (n > 0 && !FAILPOINT("store.before_put", &items[0].err)) {
        items[0].status = STORE_UNAVAILABLE;
        return STORE_UNAVAILABLE;
    }
    if (store->ops->put_many_if_absent)
        store->ops->put_many_if_absent(store, items, n);
    else
        for (size_t i = 0; i < n; i++)
            items[i].status = store->ops->put_if_absent(store, items[i].name, items[i].data,
                                                        items[i].len, &items[i].err);
    if (n > 0 && items[0].status == STORE_OK && !FAILPOINT("store.after_put", &items[0].err))
        items[0].status = STORE_UNAVAILABLE;
    return first_failure(items, n);
}

enum store_status store_delete_many(struct store *store, struct store_item *items, size_t n)
{
    if (!names_are_valid(items, n))
        return STORE_INVALID;
    if (store->ops->delete_many)
        store->ops->delete_many(store, items, n);
    else
        for (size_t i = 0; i < n; i++)
            items[i].status = store->ops->del(store, items[i].name, &items[i].err);
    return first_failure(items, n);
}

void store_items_clear(struct store_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_free(&items[i].got);
        error_clear(&items[i].err);
    }
}
