/*
 * bucket_graphs.h - what must always hold of the graph roots in a bucket, seen in the copy below
 * the current directory: manifest.json names a snapshot that is there, and each of
 * snapshots/<sha256>.db is what its name says. A cache would hide a snapshot that is lost or torn.
 */
#ifndef CLUSTER_CRASH_BUCKET_GRAPHS_H
#define CLUSTER_CRASH_BUCKET_GRAPHS_H

#include "common/buf.h"

void check_bucket_graphs(struct buf *faults);

#endif
