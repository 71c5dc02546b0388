/*
 * calls.h - the calls of cluster-graph: options and operands checked, lib/graph asked, the answer
 * printed.
 */
#ifndef CLUSTER_GRAPH_CALLS_H
#define CLUSTER_GRAPH_CALLS_H

#include <stdbool.h>

struct call_options {
    const char *actor, *mode, *data, *type, *older_than;
    bool confirm, json;
};

/* operands: CALL ROOT [NAME]. Returns the exit status. */
int run_call(const struct call_options *given, int count, char **operands);

#endif
