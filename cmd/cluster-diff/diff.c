#include "diff.h"

#include "common/changes.h"

/* The recorded resources; invalid if there is no ledger. */
static jv recorded_of(const struct doc *doc)
{
    jv ledger = doc_peek(doc, "ledger");
    jv state = json_get(&ledger, "state");
    jv revision = json_get(&state, "applied_revision");
    jv recorded =
        jv_get_kind(state) == JV_KIND_OBJECT ? json_get(&revision, "resources") : jv_invalid();
    bool wrong = jv_get_kind(state) == JV_KIND_OBJECT && !jv_is_valid(recorded);
    jv_free(revision);
    jv_free(state);
    jv_free(ledger);
    return wrong ? jv_null() : recorded;
}

void diff(struct doc *doc)
{
    if (!doc_need(doc, "resources"))
        return;
    struct error err = ERROR_INIT;
    jv recorded = recorded_of(doc);
    if (jv_is_valid(recorded) && !changes_recorded_is_valid(&recorded, &err)) {
        doc_error(doc, "invalid_state_json", "ledger",
                  "the document's ledger cannot be compared: %s; run cluster-sweep again",
                  error_text(&err));
        doc_halt(doc);
    } else {
        jv resources = doc_peek(doc, "resources");
        doc_set(doc, "changes", changes_between(&resources, &recorded));
        jv_free(resources);
    }
    jv_free(recorded);
    error_clear(&err);
}
