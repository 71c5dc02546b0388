#include "payloads.h"

#include "common/address.h"
#include "common/digest.h"
#include "common/utf8.h"
#include "common/xalloc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* How many blobs are held at once: enough to keep a bucket's connections busy. */
enum { BATCH = 256 };

struct wanted {
    char *text; /* the address */
    struct address address;
    const char *digest; /* borrowed from the ledger */
    char *name;         /* of the blob */
};

struct fetch {
    struct store *store;
    const jv *recorded;
    struct findings *findings;
    struct wanted wanted[BATCH];
    size_t n;
    jv texts;   /* address -> text */
    jv sources; /* digest -> text: queries of one file share it */
};

/* A finding about the graph of a query, or about the cluster for a policy. */
static void find(struct fetch *fetch, const struct wanted *wanted, const char *code,
                 const char *message, const char *detail)
{
    const char *remedy = "run cluster refresh and then cluster apply, which publish it again";
    if (wanted->address.kind == ADDRESS_QUERY)
        findings_add(fetch->findings, wanted->address.graph, code, wanted->text, "%s %s%s; %s",
                     wanted->name, message, detail, remedy);
    else
        diags_error(&fetch->findings->cluster, code, wanted->text, "%s %s%s; %s", wanted->name,
                    message, detail, remedy);
}

/* Equal digests mean equal texts, so each text is kept once. */
static void keep(struct fetch *fetch, const struct wanted *wanted, const struct buf *got)
{
    jv text = json_get(&fetch->sources, wanted->digest);
    if (!jv_is_valid(text)) {
        text = jv_string_sized(buf_text(got), (int)got->len);
        json_set(&fetch->sources, wanted->digest, jv_copy(text));
    }
    json_set(&fetch->texts, wanted->text, text);
}

static void take(struct fetch *fetch, const struct wanted *wanted, const struct store_item *item)
{
    if (item->status == STORE_NOT_FOUND) {
        find(fetch, wanted, "catalog_payload_missing", "is not in the catalog", "");
        return;
    }
    if (item->status != STORE_OK) {
        find(fetch, wanted, "catalog_payload_read_error",
             "cannot be read: ", error_text(&item->err));
        return;
    }
    const char *text = buf_text(&item->got);
    struct digest digest = digest_of(text, item->got.len);
    if (strcmp(digest.hex, wanted->digest) != 0)
        find(fetch, wanted, "catalog_payload_digest_mismatch", "holds other bytes than its digest",
             "");
    else if (!utf8_is_valid(text, item->got.len))
        find(fetch, wanted, "catalog_payload_read_error", "is not UTF-8", "");
    else
        keep(fetch, wanted, &item->got);
}

static void fetch_batch(struct fetch *fetch)
{
    struct store_item items[BATCH];
    memset(items, 0, sizeof items);
    for (size_t i = 0; i < fetch->n; i++)
        items[i].name = fetch->wanted[i].name;
    /* Each item says for itself how it went. */
    (void)store_get_many(fetch->store, items, fetch->n);
    for (size_t i = 0; i < fetch->n; i++) {
        take(fetch, &fetch->wanted[i], &items[i]);
        address_clear(&fetch->wanted[i].address);
        free(fetch->wanted[i].name);
        free(fetch->wanted[i].text);
    }
    store_items_clear(items, fetch->n);
    fetch->n = 0;
}

static void want(struct fetch *fetch, const char *text, const jv *entry)
{
    struct wanted wanted = {.digest = json_peek_string(entry, "digest")};
    if (!address_parse(text, &wanted.address))
        return;
    char *graph = wanted.address.kind == ADDRESS_QUERY ? address_graph(wanted.address.graph) : NULL;
    bool served = !graph || json_has(fetch->recorded, graph);
    free(graph);
    wanted.name =
        served && wanted.digest ? address_blob_name(&wanted.address, wanted.digest) : NULL;
    if (!wanted.name) {
        address_clear(&wanted.address);
        return;
    }
    wanted.text = xstrdup(text);
    fetch->wanted[fetch->n++] = wanted;
    if (fetch->n == BATCH)
        fetch_batch(fetch);
}

jv payloads_fetch(struct store *store, const jv *recorded, struct findings *findings)
{
    struct fetch fetch = {.store = store,
                          .recorded = recorded,
                          .findings = findings,
                          .texts = jv_object(),
                          .sources = jv_object()};
    jv keys = json_sorted_keys(recorded);
    for (int i = 0, n = jv_array_length(jv_copy(keys)); i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        jv entry = json_get(recorded, jv_string_value(key));
        want(&fetch, jv_string_value(key), &entry);
        jv_free(entry); /* the ledger still holds it, and the digest in it */
        jv_free(key);
    }
    fetch_batch(&fetch);
    jv_free(keys);
    jv_free(fetch.sources);
    return fetch.texts;
}
