/*
 * payloads.h - the catalog blobs of a snapshot: fetched in batches, verified by their digests.
 */
#ifndef CLUSTER_SNAPSHOT_PAYLOADS_H
#define CLUSTER_SNAPSHOT_PAYLOADS_H

#include "findings.h"
#include "store/store.h"

/*
 * Fetches the blob of every recorded query and policy whose graph is recorded (a policy has none)
 * and gives {address: text}. What is missing, unreadable or does not hash to its digest is left out
 * and becomes a finding: about its graph for a query, about the cluster for a policy. Codes:
 * catalog_payload_missing, catalog_payload_digest_mismatch, catalog_payload_read_error.
 */
jv payloads_fetch(struct store *store, const jv *recorded, struct findings *findings);

#endif
