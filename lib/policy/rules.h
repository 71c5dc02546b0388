/*
 * rules.h - the rules of a bundle. Private to lib/policy.
 */
#ifndef CLUSTER_POLICY_RULES_H
#define CLUSTER_POLICY_RULES_H

#include "policy/bundle.h"
#include "policy/fault.h"

/* Reads the list `rules` into a policy whose groups are there; faults go to the reader. */
void policy_read_rules(struct policy_reader *r, const struct yaml_node *rules,
                       struct policy *policy);

#endif
