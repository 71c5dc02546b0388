/* approval.c - approval artifacts: what allows one irreversible change, once. */
#include "ledger/ledger.h"
#include "ledger/records.h"

/* What is not known is null, or left out. */
static const struct shape approval_shape = {
    .kind = SHAPE_OBJECT,
    .fields = (const struct shape_field[]){{"schema_version", true, &shape_int},
                                           {"approval_id", true, &shape_string},
                                           {"resource", true, &shape_string},
                                           {"operation", true, &shape_string},
                                           {"reason", false, &shape_string_or_null},
                                           {"bound_config_digest", false, &shape_string_or_null},
                                           {"bound_before_digest", false, &shape_string_or_null},
                                           {"bound_after_digest", false, &shape_string_or_null},
                                           {"approved_by", true, &shape_string},
                                           {"created_at", true, &shape_string},
                                           {"consumed_at", false, &shape_string_or_null},
                                           {"consumed_by_operation", false, &shape_string_or_null},
                                           {0}}};

static const struct record_kind approval_kind = {
    .what = "the approval artifact",
    .version_field = "schema_version",
    .invalid_code = "invalid_approval_artifact",
    .version_code = "unsupported_approval_version",
    .version_advice = "approve again with this release, or run the command with the one that wrote "
                      "it",
    .shape = &approval_shape,
};

static const struct record_folder approvals = {
    .prefix = LEDGER_APPROVALS,
    .what = "approval artifact",
    .id_field = "approval_id",
    .read_code = "approval_read_error",
    .parse = ledger_approval_parse,
    .kind = &approval_kind,
};

jv ledger_approval_parse(const char *text, size_t len, struct error *err)
{
    static const char *const unknown_is_null[] = {"reason",
                                                  "bound_config_digest",
                                                  "bound_before_digest",
                                                  "bound_after_digest",
                                                  "consumed_at",
                                                  "consumed_by_operation",
                                                  NULL};
    jv approval = record_parse(&approval_kind, text, len, err);
    if (jv_is_valid(approval))
        record_fill_nulls(&approval, unknown_is_null);
    return approval;
}

char *ledger_approval_name(const char *approval_id)
{
    return records_name(&approvals, approval_id);
}

jv ledger_read_approvals(struct store *store, struct diags *diags)
{
    return records_read(store, &approvals, diags, NULL);
}

bool ledger_write_approval(struct store *store, const jv *approval, struct error *err)
{
    struct error why = ERROR_INIT;
    bool ok = records_write(store, &approvals, approval, &why);
    if (!ok)
        error_set(err, why.code ? why.code : "approval_write_error",
                  "the approval artifact cannot be written: %s", error_text(&why));
    error_clear(&why);
    return ok;
}
