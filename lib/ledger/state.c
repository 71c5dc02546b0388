/* state.c - the ledger: its shape, reading it, and swapping it by CAS. */
#include "common/digest.h"
#include "common/xalloc.h"
#include "ledger/ledger.h"
#include "ledger/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct shape free_form = {.kind = SHAPE_MAP, .of = &shape_any};

/* The last three are other tools': kept, never looked into. */
static const struct shape resource = {
    .kind = SHAPE_OBJECT,
    .fields = (const struct shape_field[]){{"digest", true, &shape_digest},
                                           {"applies_to", false, &shape_strings},
                                           {"embedding_provider", false, &shape_any},
                                           {"embedding_profile", false, &shape_any},
                                           {"external_blob_policy", false, &shape_any},
                                           {0}}};
static const struct shape resources = {.kind = SHAPE_MAP, .of = &resource};

static const struct shape applied_revision = {
    .kind = SHAPE_OBJECT,
    .fields = (const struct shape_field[]){
        {"config_digest", false, &shape_digest_or_null}, {"resources", false, &resources}, {0}}};

static const struct shape status_word = {
    .kind = SHAPE_WORD,
    .words = (const char *const[]){"pending", "planned", "applying", "applied", "drifted",
                                   "blocked", "error", NULL}};
static const struct shape resource_status = {
    .kind = SHAPE_OBJECT,
    .fields = (const struct shape_field[]){{"status", true, &status_word},
                                           {"conditions", false, &shape_strings},
                                           {"message", false, &shape_string_or_null},
                                           {0}}};
static const struct shape resource_statuses = {.kind = SHAPE_MAP, .of = &resource_status};

static const struct shape state_shape = {
    .kind = SHAPE_OBJECT,
    .fields = (const struct shape_field[]){{"version", true, &shape_int},
                                           {"state_revision", false, &shape_int},
                                           {"applied_revision", true, &applied_revision},
                                           {"resource_statuses", false, &resource_statuses},
                                           {"approval_records", false, &free_form},
                                           {"recovery_records", false, &free_form},
                                           {"observations", false, &free_form},
                                           {0}}};

static const struct record_kind ledger_kind = {
    .what = "the ledger",
    .version_field = "version",
    .invalid_code = "invalid_state_json",
    .version_code = "unsupported_state_version",
    .repair = "correct it, or put back the last good copy from a backup",
    .version_advice =
        "it was written by an Omnigraph release newer than 0.11 or by a newer release of this "
        "tool: run this command with that release, or restore a version 1 ledger from a backup",
    .shape = &state_shape,
};

static void set_default(jv *object, const char *key, jv value)
{
    if (json_has(object, key))
        jv_free(value);
    else
        json_set(object, key, value);
}

static void fill_in(jv *state)
{
    static const char *const maps[] = {"resource_statuses", "approval_records", "recovery_records",
                                       "observations"};
    set_default(state, "state_revision", jv_number(0));
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        set_default(state, maps[i], jv_object());
    jv applied = json_take(state, "applied_revision");
    set_default(&applied, "resources", jv_object());
    json_set(state, "applied_revision", applied);
}

jv ledger_state_parse(const char *text, size_t len, struct error *err)
{
    jv state = record_parse(&ledger_kind, text, len, err);
    if (jv_is_valid(state))
        fill_in(&state);
    return state;
}

bool ledger_state_check(const jv *state, struct error *err)
{
    return record_check(&ledger_kind, state, err);
}

jv ledger_state_empty(void)
{
    jv state = jv_object();
    json_set_int(&state, "version", 1);
    json_set(&state, "applied_revision", jv_object());
    fill_in(&state);
    return state;
}

static void cas_of(const struct buf *bytes, char cas[LEDGER_CAS_LEN + 1])
{
    struct digest digest = digest_of(buf_text(bytes), bytes->len);
    (void)snprintf(cas, LEDGER_CAS_LEN + 1, "sha256:%s", digest.hex); /* always fits */
}

bool ledger_read(struct store *store, struct ledger *out, struct error *err)
{
    *out = (struct ledger){.found = false, .cas = "", .state = jv_null()};
    struct buf bytes = BUF_INIT;
    struct error why = ERROR_INIT;
    enum store_status status = store_get(store, LEDGER_STATE, &bytes, NULL, &why);
    bool ok = status == STORE_OK || status == STORE_NOT_FOUND;
    if (!ok)
        error_set(err, "state_read_error", "the ledger cannot be read: %s", error_text(&why));
    if (status == STORE_OK) {
        out->found = true;
        cas_of(&bytes, out->cas);
        out->state = ledger_state_parse(buf_text(&bytes), bytes.len, err);
        ok = jv_is_valid(out->state);
        if (!ok)
            out->state = jv_null();
    }
    error_clear(&why);
    buf_free(&bytes);
    return ok;
}

void ledger_clear(struct ledger *ledger)
{
    jv_free(ledger->state);
    *ledger = (struct ledger){.found = false, .cas = "", .state = jv_null()};
}

/* The store's refusal as the caller's: a conflict is a lost race, all else a failed write. */
static bool refuse_write(enum store_status status, const struct error *why, struct error *err)
{
    /* An injected failure keeps its name. */
    if (status == STORE_CONFLICT)
        return error_set(err, "state_cas_mismatch",
                         "the ledger was changed by somebody else since this command read it, and "
                         "nothing was overwritten; run the command again");
    return error_set(err, why->code ? why->code : "state_write_error",
                     "the ledger cannot be written: %s", error_text(why));
}

/* Replaces the ledger whose CAS is `cas`. */
static enum store_status swap(struct store *store, const char *cas, const struct buf *bytes,
                              struct error *err)
{
    struct buf stored = BUF_INIT;
    struct store_token token;
    char stored_cas[LEDGER_CAS_LEN + 1];
    enum store_status status = store_get(store, LEDGER_STATE, &stored, &token, err);
    if (status == STORE_NOT_FOUND)
        status = STORE_CONFLICT;
    if (status == STORE_OK) {
        cas_of(&stored, stored_cas);
        if (strcmp(stored_cas, cas) != 0)
            status = STORE_CONFLICT;
        else
            status = store_put_if_match(store, LEDGER_STATE, &token, bytes->data, bytes->len, err);
    }
    buf_free(&stored);
    return status;
}

bool ledger_write(struct store *store, const char *cas, const jv *state,
                  char new_cas[LEDGER_CAS_LEN + 1], struct error *err)
{
    struct buf bytes = BUF_INIT;
    struct error why = ERROR_INIT;
    enum store_status status = STORE_INVALID;
    if (record_write(&ledger_kind, state, &bytes, &why))
        status = cas ? swap(store, cas, &bytes, &why)
                     : store_put_if_absent(store, LEDGER_STATE, bytes.data, bytes.len, &why);
    if (status == STORE_OK && new_cas)
        cas_of(&bytes, new_cas);
    if (status != STORE_OK)
        refuse_write(status, &why, err);
    error_clear(&why);
    buf_free(&bytes);
    return status == STORE_OK;
}
