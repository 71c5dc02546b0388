/*
 * changes.h - desired minus recorded: the difference of a configuration and a ledger.
 *
 * A resource that is not recorded is a create, one that is no longer desired a delete, one whose
 * digest differs an update. A policy whose file is the recorded one but whose bindings
 * (`applies_to`) differ from the recorded ones, or have none recorded, is an update with equal
 * digests and binding_change: true. Equal means the same set: order and duplicates do not count.
 */
#ifndef CLUSTER_CHANGES_H
#define CLUSTER_CHANGES_H

#include "common/error.h"
#include "common/json.h"

#include <stdbool.h>

/*
 * The changes, sorted by resource: [{resource, operation, before_digest?, after_digest?,
 * binding_change?}]. `resources` is the document's section; `recorded` the ledger's
 * applied_revision.resources, any value but an object counts as an empty one. Linear but for the
 * sorting. Does not consume.
 */
jv changes_between(const jv *resources, const jv *recorded);

/* True if changes_between() would read `recorded` without guessing: an object of entries that each
 * have a digest and, perhaps, bindings. Else sets err (no code). */
bool changes_recorded_is_valid(const jv *recorded, struct error *err);

#endif
