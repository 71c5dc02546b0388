/*
 * catalog.h - are the blobs that the ledger names there, and are they what they should be?
 */
#ifndef CLUSTER_OBSERVE_CATALOG_H
#define CLUSTER_OBSERVE_CATALOG_H

#include "common/diag.h"
#include "common/json.h"
#include "store/store.h"

/*
 * Fetches and re-hashes the blob of every query and policy that *state records. Diagnostics:
 * catalog_payload_missing, catalog_payload_mismatch (warnings), catalog_payload_read_error (an
 * error: what cannot be verified must not look healthy).
 *
 * With `amend`, what is missing or wrong leaves the record with the status drifted
 * (payload_missing, payload_mismatch), so that the next plan shows a create and the next apply
 * publishes it again; what cannot be read keeps its digest and gets the status error
 * (payload_read_error), which goes away once it can be. Graph composites are not recomputed here.
 */
void catalog_verify(struct store *store, jv *state, bool amend, struct diags *diags);

#endif
