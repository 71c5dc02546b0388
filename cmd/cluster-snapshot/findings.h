/*
 * findings.h - what is wrong with the applied revision, sorted by how far it reaches: one graph, or
 * the whole cluster.
 */
#ifndef CLUSTER_SNAPSHOT_FINDINGS_H
#define CLUSTER_SNAPSHOT_FINDINGS_H

#include "common/diag.h"

struct findings {
    struct diags cluster;
    jv graphs; /* graph id -> [diagnostic] */
};

void findings_init(struct findings *findings);
void findings_free(struct findings *findings);

/* An error that concerns one graph only. */
void findings_add(struct findings *findings, const char *graph, const char *code, const char *path,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* True if something is wrong with this graph. */
bool findings_has(const struct findings *findings, const char *graph);

#endif
