/*
 * observe.h - cluster-observe: records in the ledger what is really there.
 */
#ifndef CLUSTER_OBSERVE_H
#define CLUSTER_OBSERVE_H

#include "common/doc.h"

/*
 * Verifies the catalog, then looks at every graph that the configuration names, and amends
 * `ledger.state` accordingly (refresh and import). Needs `config`, `store`, `resources` and
 * `ledger`; asks the graph driver. `progress`: say on
 * stderr what is being looked at. What cannot be read or opened is an error diagnostic and is
 * recorded as such; for an import (no ledger was found) any error also halts.
 */
void observe(struct doc *doc, bool progress);

/*
 * Verifies the catalog only, and changes nothing but the diagnostics (status). Needs `store` and
 * `ledger`; a ledger that was not found has no catalog.
 */
void observe_catalog(struct doc *doc);

#endif
