/* sidecar.c - recovery sidecars: what fences each operation on a graph. */
#include "common/address.h"
#include "common/digest.h"
#include "common/xalloc.h"
#include "ledger/ledger.h"
#include "ledger/records.h"

#include <stdlib.h>

static const struct shape kind_word = {
    .kind = SHAPE_WORD,
    .words = (const char *const[]){"graph_create", "schema_apply", "graph_delete", NULL}};

/* What is not known is null, or left out; the digest of a delete is "". */
static const struct shape sidecar_shape = {
    .kind = SHAPE_OBJECT,
    .fields = (const struct shape_field[]){{"schema_version", true, &shape_int},
                                           {"operation_id", true, &shape_string},
                                           {"started_at", true, &shape_string},
                                           {"actor", false, &shape_string_or_null},
                                           {"kind", true, &kind_word},
                                           {"graph_id", true, &shape_string},
                                           {"graph_uri", true, &shape_string},
                                           {"observed_manifest_version", false, &shape_int_or_null},
                                           {"expected_manifest_version", false, &shape_int_or_null},
                                           {"desired_schema_digest", true, &shape_string},
                                           {"state_cas_base", false, &shape_string_or_null},
                                           {"approval_id", false, &shape_string_or_null},
                                           {0}}};

static const struct record_kind sidecar_kind = {
    .what = "the recovery sidecar",
    .version_field = "schema_version",
    .invalid_code = "invalid_recovery_sidecar",
    .version_code = "unsupported_recovery_sidecar_version",
    .version_advice = "run the command again with the release that wrote it",
    .shape = &sidecar_shape,
};

static const struct record_folder sidecars = {
    .prefix = LEDGER_RECOVERIES,
    .what = "recovery sidecar",
    .id_field = "operation_id",
    .read_code = "recovery_sidecar_read_error",
    .parse = ledger_sidecar_parse,
    .kind = &sidecar_kind,
};

jv ledger_sidecar_parse(const char *text, size_t len, struct error *err)
{
    static const char *const unknown_is_null[] = {"actor",
                                                  "observed_manifest_version",
                                                  "expected_manifest_version",
                                                  "state_cas_base",
                                                  "approval_id",
                                                  NULL};
    jv sidecar = record_parse(&sidecar_kind, text, len, err);
    if (!jv_is_valid(sidecar))
        return sidecar;
    if (!address_name_is_valid(json_peek_string(&sidecar, "graph_id")))
        return record_refuse(&sidecar_kind, sidecar, err, "graph_id is no graph name");
    const char *digest = json_peek_string(&sidecar, "desired_schema_digest");
    if (*digest && !digest_is_hex(digest))
        return record_refuse(&sidecar_kind, sidecar, err,
                             "desired_schema_digest is neither a digest nor empty");
    record_fill_nulls(&sidecar, unknown_is_null);
    return sidecar;
}

char *ledger_sidecar_name(const char *operation_id)
{
    return records_name(&sidecars, operation_id);
}

jv ledger_read_sidecars(struct store *store, struct diags *diags, bool *any_unreadable)
{
    return records_read(store, &sidecars, diags, any_unreadable);
}

bool ledger_write_sidecar(struct store *store, const jv *sidecar, struct error *err)
{
    return records_write(store, &sidecars, sidecar, err);
}

bool ledger_delete_sidecars(struct store *store, const char *const *operation_ids, size_t n,
                            struct error *err)
{
    struct store_item *items = xcalloc(n + 1, sizeof *items);
    char **names = xcalloc(n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        names[i] = ledger_sidecar_name(operation_ids[i]);
        items[i].name = names[i];
    }
    bool ok = store_delete_many(store, items, n) == STORE_OK;
    for (size_t i = 0; i < n; i++) {
        if (items[i].status != STORE_OK) {
            error_set(err, NULL, "%s", error_text(&items[i].err));
            break;
        }
    }
    store_items_clear(items, n);
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
    free(items);
    return ok;
}
