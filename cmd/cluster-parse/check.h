/*
 * check.h - what the configuration names: schemas, queries, policies, each read, checked and turned
 * into resources.
 */
#ifndef CLUSTER_PARSE_CHECK_H
#define CLUSTER_PARSE_CHECK_H

#include "config.h"
#include "resources.h"
#include "sources.h"

/* What all checks work on. */
struct check {
    const struct config *config;
    struct sources sources;
    struct resources resources;
    struct diags *diags;
};

void check_graphs(struct check *check);
void check_policies(struct check *check);

/* The queries of one graph, type-checked against its schema unless that is NULL. `number` tells
 * the graphs of one run apart; it is not 0. */
void check_graph_queries(struct check *check, const struct config_graph *graph, size_t number,
                         const struct schema *schema);

/* Reads a file that the configuration names at `at`; NULL, and reported as `missing_code` or
 * source_not_utf8, if that fails. `path` is the file, `place` the diagnostic's path. */
struct source_file *check_read(struct check *check, const char *path, const struct yaml_node *at,
                               const char *place, const char *missing_code);

#endif
