/* lock_record.c - lock.json: its shape, reading it, making one. */
#include "ledger/lock_record.h"

#include "common/timestamp.h"
#include "ledger/ledger.h"
#include "ledger/record.h"

#include <string.h>

static const struct shape lock_shape = {
    .kind = SHAPE_OBJECT,
    .fields = (const struct shape_field[]){{"version", true, &shape_int},
                                           {"lock_id", true, &shape_string},
                                           {"operation", true, &shape_string},
                                           {"created_at", true, &shape_string},
                                           {"pid", true, &shape_int},
                                           {0}}};

static const struct record_kind lock_kind = {
    .what = "the lock file " LEDGER_LOCK,
    .version_field = "version",
    .invalid_code = "invalid_state_lock",
    .version_code = "unsupported_state_lock_version",
    .repair = "remove the file when you are sure that nothing holds the lock",
    .version_advice = "it was written by another release: use that one to release it, or remove "
                      "the file when you are sure that nothing holds it",
    .shape = &lock_shape,
};

jv ledger_lock_parse(const char *text, size_t len, struct error *err)
{
    jv record = record_parse(&lock_kind, text, len, err);
    if (jv_is_valid(record) && !*json_peek_string(&record, "lock_id"))
        return record_refuse(&lock_kind, record, err, "lock_id is empty");
    return record;
}

void lock_record_write(const char *lock_id, const char *operation, int64_t pid, struct buf *out)
{
    jv record = jv_object();
    json_set_int(&record, "version", 1);
    json_set_string(&record, "lock_id", lock_id);
    json_set_string(&record, "operation", operation);
    json_set_string(&record, "created_at", timestamp_now().text);
    json_set_int(&record, "pid", pid);
    json_write_pretty(&record, out);
    jv_free(record);
}

enum store_status lock_record_read(struct store *store, jv *record, struct store_token *token,
                                   struct error *err)
{
    struct buf bytes = BUF_INIT;
    struct error why = ERROR_INIT;
    *record = jv_null();
    enum store_status status = store_get(store, LEDGER_LOCK, &bytes, token, &why);
    if (status == STORE_OK) {
        jv parsed = ledger_lock_parse(buf_text(&bytes), bytes.len, err);
        if (jv_is_valid(parsed))
            *record = parsed;
        else
            status = STORE_INVALID;
    } else if (status != STORE_NOT_FOUND) {
        error_set(err, "state_lock_read_error", "the lock cannot be read: %s", error_text(&why));
        status = STORE_UNAVAILABLE;
    }
    error_clear(&why);
    buf_free(&bytes);
    return status;
}

jv lock_record_observed(const jv *record)
{
    jv observed = jv_copy(*record);
    json_delete(&observed, "version");
    int64_t created;
    if (timestamp_parse(json_peek_string(record, "created_at"), &created)) {
        int64_t age = (timestamp_now_ms() - created) / 1000;
        json_set_int(&observed, "age_seconds", age > 0 ? age : 0);
    }
    return observed;
}
