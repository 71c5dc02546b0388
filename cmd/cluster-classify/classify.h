/*
 * classify.h - cluster-classify: what apply will do with each change, and why.
 */
#ifndef CLUSTER_CLASSIFY_H
#define CLUSTER_CLASSIFY_H

#include "common/doc.h"

/*
 * Fills changes[].disposition and .reason (decide.h), `approvals_required` (gates.h),
 * `blast_radius` and `applicable`: whether apply would change something. Pure. Needs
 * `resources`, `dependencies`, `changes` and, with `sweep`, `config` (stage_input_missing, which
 * halts). Without `sweep` nothing is pending and nothing is approved.
 */
void classify(struct doc *doc);

#endif
