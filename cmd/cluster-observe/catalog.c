#include "catalog.h"

#include "common/address.h"
#include "common/digest.h"
#include "common/xalloc.h"
#include "ledger/amend.h"

#include <stdlib.h>
#include <string.h>

/* So many blobs are fetched at once: enough to keep a bucket busy, few enough for memory. */
enum { BATCH = 256 };

/* One recorded query or policy. */
struct entry {
    jv address;
    jv digest;
};

struct verifier {
    struct store *store;
    jv *state;
    bool amend;
    struct diags *diags;
};

static void drifted(struct verifier *v, const struct entry *e, const char *condition,
                    const char *message)
{
    if (!v->amend)
        return;
    amend_unrecord(v->state, jv_string_value(e->address));
    amend_status(v->state, jv_string_value(e->address), "drifted", condition, message);
}

static void judge(struct verifier *v, const struct entry *e, const struct store_item *item)
{
    const char *address = jv_string_value(e->address);
    const char *remedy = v->amend ? "the next apply publishes it again"
                                  : "run refresh and apply to publish it again";
    if (item->status == STORE_NOT_FOUND) {
        diags_warning(v->diags, "catalog_payload_missing", address,
                      "the catalog blob %s of %s is missing; %s", item->name, address, remedy);
        drifted(v, e, "payload_missing", "its catalog blob is missing");
    } else if (item->status != STORE_OK) {
        diags_error(v->diags, "catalog_payload_read_error", address,
                    "the catalog blob of %s cannot be verified: %s", address,
                    error_text(&item->err));
        if (v->amend)
            amend_status(v->state, address, "error", "payload_read_error",
                         "its catalog blob cannot be read");
    } else if (strcmp(digest_of(item->got.data, item->got.len).hex, jv_string_value(e->digest)) !=
               0) {
        diags_warning(v->diags, "catalog_payload_mismatch", address,
                      "the catalog blob %s of %s does not hold what its name says; %s", item->name,
                      address, remedy);
        drifted(v, e, "payload_mismatch", "its catalog blob has other content than its name says");
    } else if (v->amend && amend_has_condition(v->state, address, "payload_read_error")) {
        amend_status(v->state, address, "applied", NULL, NULL);
    }
}

static void verify_batch(struct verifier *v, const struct entry *entries, size_t n)
{
    struct store_item *items = xcalloc(n, sizeof *items);
    char **names = xcalloc(n, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        struct address address;
        if (address_parse(jv_string_value(entries[i].address), &address)) {
            names[i] = address_blob_name(&address, jv_string_value(entries[i].digest));
            address_clear(&address);
        }
        items[i].name = names[i];
    }
    (void)store_get_many(v->store, items, n); /* each item tells for itself */
    for (size_t i = 0; i < n; i++)
        judge(v, &entries[i], &items[i]);
    store_items_clear(items, n);
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
    free(items);
}

static bool has_blob(const char *address)
{
    struct address parsed;
    if (!address_parse(address, &parsed))
        return false;
    bool has = parsed.kind == ADDRESS_QUERY || parsed.kind == ADDRESS_POLICY;
    address_clear(&parsed);
    return has;
}

/* The recorded queries and policies in order of address; what the state holds of them is copied,
 * as judging them changes it. */
static struct entry *list_entries(const jv *state, size_t *n)
{
    jv resources = amend_peek_resources(state);
    jv keys = json_sorted_keys(&resources);
    size_t count = (size_t)jv_array_length(jv_copy(keys));
    struct entry *entries = xcalloc(count + 1, sizeof *entries);
    *n = 0;
    for (size_t i = 0; i < count; i++) {
        jv key = jv_array_get(jv_copy(keys), (int)i);
        jv record = json_get(&resources, jv_string_value(key));
        jv digest = json_get(&record, "digest");
        if (has_blob(jv_string_value(key)) && jv_get_kind(digest) == JV_KIND_STRING)
            entries[(*n)++] = (struct entry){jv_copy(key), jv_copy(digest)};
        jv_free(digest);
        jv_free(record);
        jv_free(key);
    }
    jv_free(keys);
    jv_free(resources);
    return entries;
}

void catalog_verify(struct store *store, jv *state, bool amend, struct diags *diags)
{
    struct verifier v = {store, state, amend, diags};
    size_t n;
    struct entry *entries = list_entries(state, &n);
    for (size_t at = 0; at < n; at += BATCH)
        verify_batch(&v, entries + at, n - at < BATCH ? n - at : BATCH);
    for (size_t i = 0; i < n; i++) {
        jv_free(entries[i].address);
        jv_free(entries[i].digest);
    }
    free(entries);
}
