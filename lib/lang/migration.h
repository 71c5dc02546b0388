/*
 * migration.h - what must happen to a graph of one schema to become a graph of another.
 *
 * Pure: looks at two compiled schemas, touches nothing. The steps are those of the driver
 * protocol's `plan`; cluster-graph executes them in their order.
 */
#ifndef CLUSTER_LANG_MIGRATION_H
#define CLUSTER_LANG_MIGRATION_H

#include "common/json.h"
#include "lang/schema.h"

/* {"supported": bool, "steps": [...]}. supported is false as soon as one step is
 * unsupported_change; the other steps are listed all the same. Drops are in `soft` mode. */
jv migration_plan(const struct schema *accepted, const struct schema *desired);

#endif
