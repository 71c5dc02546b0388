/*
 * config_check.h - the checks that every part of cluster.yaml needs. Private to config*.c.
 */
#ifndef CLUSTER_PARSE_CONFIG_CHECK_H
#define CLUSTER_PARSE_CONFIG_CHECK_H

#include "config.h"

/* The keys of cluster.yaml itself; NULL at the end. */
extern const char *const config_keys[];

/* True if the node is of the kind; else reports invalid_cluster_yaml. */
bool config_expect(struct diags *diags, const struct yaml_node *node, enum yaml_kind kind,
                   const char *place);
/* The member `key` of a map if it is a string that is not blank. NULL if it is absent (silently)
 * or anything else (reported at place.key). */
const struct yaml_node *config_string(struct diags *diags, const struct yaml_node *map,
                                      const char *key, const char *place);
/* Reports a key that is not among `allowed`, which ends with NULL. */
void config_check_key(struct diags *diags, const struct yaml_pair *pair, const char *const *allowed,
                      const char *place);
/* Reports that the map of the pair `at`, whose place is `place`, has no member `key`, unless a key
 * that is not among `allowed`, and so reported, is a misspelling of it. */
void config_missing(struct diags *diags, const struct yaml_pair *at, const char *key,
                    const char *const *allowed, const char *place, const char *meaning);
/* Reports every key of a map that is not among `allowed`. */
void config_check_keys(struct diags *diags, const struct yaml_node *map, const char *const *allowed,
                       const char *place);
bool config_is_blank(const char *text);
/* Whether name can be part of an address; else reports invalid_resource_id. */
bool config_check_name(struct diags *diags, const struct yaml_pair *at, const char *what,
                       const char *place);

/* place.key with the key made printable; just the key when place is "". To be freed. */
char *config_place(const char *place, const char *key);

void config_read_graphs(struct diags *diags, const struct yaml_node *root, struct config *config);
void config_read_policies(struct diags *diags, const struct yaml_node *root, struct config *config);

#endif
