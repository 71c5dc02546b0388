#include "classify.h"

#include "blast_radius.h"
#include "decide.h"
#include "facts.h"
#include "gates.h"

static void set_dispositions(struct doc *doc, const struct facts *facts)
{
    bool applicable = false;
    jv changes = doc_take(doc, "changes");
    for (int i = 0, n = jv_array_length(jv_copy(changes)); i < n; i++) {
        jv change = jv_array_get(jv_copy(changes), i);
        struct change_facts own = facts_of(facts, &change);
        struct decision decision = decide(&own);
        json_set_string(&change, "disposition", decision.disposition);
        if (decision.reason)
            json_set_string(&change, "reason", decision.reason);
        else
            json_delete(&change, "reason");
        applicable = applicable || decision_applies(&decision);
        changes = jv_array_set(changes, i, change);
    }
    doc_set(doc, "changes", changes);
    json_set_bool(&doc->root, "applicable", applicable);
}

void classify(struct doc *doc)
{
    if (!doc_need(doc, "resources") || !doc_need(doc, "dependencies") || !doc_need(doc, "changes"))
        return;
    /* An approval binds the configuration's digest, so where there may be one it is needed. */
    if (doc_has(doc, "sweep") && !doc_need(doc, "config"))
        return;
    struct facts facts;
    facts_gather(&facts, doc);
    gates_find(doc, &facts);
    set_dispositions(doc, &facts);
    blast_radius_fill(doc);
    facts_free(&facts);
}
