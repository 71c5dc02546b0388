/*
 * yaml_map.h - the keys of a mapping. Private to yaml.c.
 */
#ifndef CLUSTER_YAML_MAP_H
#define CLUSTER_YAML_MAP_H

#include "common/yaml.h"

/* Fills by_key, and takes out of both arrays (and reports) every key that was there before. */
void yaml_map_finish(struct yaml *yaml, struct yaml_node *map);

#endif
