/*
 * facts.h - what a document says about its changes, gathered once for all decisions.
 *
 *     struct facts facts;
 *     facts_gather(&facts, doc);               // from changes, sweep, resources
 *     facts_approve(&facts, "x");              // for each graph whose delete is approved
 *     if (facts_of(&facts, &change, &out)) …   // the facts of one change
 *     facts_free(&facts);
 */
#ifndef CLUSTER_FACTS_H
#define CLUSTER_FACTS_H

#include "common/doc.h"
#include "decide.h"

struct facts {
    jv graphs;   /* graph id -> what happens to it, as bits */
    jv policies; /* address -> desired applies_to */
};

void facts_gather(struct facts *facts, const struct doc *doc);
void facts_approve(struct facts *facts, const char *graph);
struct change_facts facts_of(const struct facts *facts, const jv *change);
void facts_free(struct facts *facts);

#endif
