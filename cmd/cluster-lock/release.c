#include "ledger/ledger.h"
#include "lock_stage.h"

void force_unlock(struct doc *doc, const char *id)
{
    struct store *store = open_store(doc);
    if (!store)
        return;
    struct error err = ERROR_INIT;
    bool removed = lock_force_release(store, id, &err);
    if (!removed)
        doc_error(doc, err.code, LEDGER_LOCK, "%s", error_text(&err));
    jv section = lock_section(store, false, "force-unlock");
    json_set_bool(&section, "removed", removed);
    bool held;
    jv observed;
    error_clear(&err);
    /* What cannot be read has been said above. */
    (void)lock_observe(store, &held, &observed, &err);
    if (held)
        json_set(&section, "observed", observed);
    else
        jv_free(observed);
    doc_set(doc, "lock", section);
    error_clear(&err);
    store_close(store);
}
