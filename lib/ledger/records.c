#include "ledger/records.h"

#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

char *records_name(const struct record_folder *folder, const char *id)
{
    return xasprintf("%s%s.json", folder->prefix, id);
}

/* Only files of the folder itself that are called *.json. */
static bool is_record_name(const struct record_folder *folder, const char *name)
{
    const char *leaf = name + strlen(folder->prefix);
    size_t len = strlen(leaf);
    return !strchr(leaf, '/') && len > 5 && strcmp(leaf + len - 5, ".json") == 0;
}

/* A record under another's name would be retired, or rewritten, as the wrong one. */
static jv check_id(const struct record_folder *folder, jv record, const char *name,
                   struct error *err)
{
    char *own = records_name(folder, json_peek_string(&record, folder->id_field));
    if (strcmp(own, name) != 0)
        record = record_refuse(folder->kind, record, err, "its %s is not the name of its file",
                               folder->id_field);
    free(own);
    return record;
}

/* The record of one item that the store was asked for; an invalid jv if there is none to use. */
static jv read_item(const struct record_folder *folder, const struct store_item *item,
                    struct diags *diags, bool *any_unreadable)
{
    struct error err = ERROR_INIT;
    jv record = jv_invalid();
    if (item->status == STORE_NOT_FOUND)
        return record; /* retired by somebody since the folder was listed */
    if (item->status == STORE_OK) {
        record = folder->parse(buf_text(&item->got), item->got.len, &err);
        if (jv_is_valid(record))
            record = check_id(folder, record, item->name, &err);
    } else {
        error_set(&err, folder->read_code, "the %s cannot be read: %s", folder->what,
                  error_text(&item->err));
    }
    if (!jv_is_valid(record)) {
        diags_warning(diags, err.code, item->name,
                      "%s; it is left as it is, look at it and remove "
                      "it if it is not needed",
                      error_text(&err));
        if (any_unreadable)
            *any_unreadable = true;
    }
    error_clear(&err);
    return record;
}

jv records_read(struct store *store, const struct record_folder *folder, struct diags *diags,
                bool *any_unreadable)
{
    jv records = jv_array();
    struct store_names names;
    struct error err = ERROR_INIT;
    if (any_unreadable)
        *any_unreadable = false;
    if (store_list(store, folder->prefix, &names, &err) != STORE_OK) {
        diags_error(diags, folder->read_code, folder->prefix, "no %s can be read: %s", folder->what,
                    error_text(&err));
        error_clear(&err);
        if (any_unreadable)
            *any_unreadable = true;
        return records;
    }
    struct store_item *items = xcalloc(names.n + 1, sizeof *items);
    size_t n = 0;
    for (size_t i = 0; i < names.n; i++)
        if (is_record_name(folder, names.names[i]))
            items[n++].name = names.names[i];
    (void)store_get_many(store, items, n); /* each item has its own status */
    for (size_t i = 0; i < n; i++) {
        jv record = read_item(folder, &items[i], diags, any_unreadable);
        if (jv_is_valid(record))
            records = jv_array_append(records, record);
    }
    store_items_clear(items, n);
    free(items);
    store_names_free(&names);
    return records;
}

bool records_write(struct store *store, const struct record_folder *folder, const jv *record,
                   struct error *err)
{
    struct buf bytes = BUF_INIT;
    bool ok = record_write(folder->kind, record, &bytes, err);
    if (ok) {
        char *name = records_name(folder, json_peek_string(record, folder->id_field));
        ok = store_put(store, name, bytes.data, bytes.len, err) == STORE_OK;
        free(name);
    }
    buf_free(&bytes);
    return ok;
}
