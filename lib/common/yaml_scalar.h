/*
 * yaml_scalar.h - the core schema of YAML 1.2.2 (section 10.3.2). Private to yaml.c.
 */
#ifndef CLUSTER_YAML_SCALAR_H
#define CLUSTER_YAML_SCALAR_H

#include "common/yaml.h"

/* Sets kind, boolean and integer from the node's text, that of a plain scalar. */
void yaml_resolve_plain(struct yaml_node *node);

#endif
