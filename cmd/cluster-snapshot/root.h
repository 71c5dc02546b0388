/*
 * root.h - which store a snapshot is of.
 */
#ifndef CLUSTER_SNAPSHOT_ROOT_H
#define CLUSTER_SNAPSHOT_ROOT_H

#include "common/diag.h"

/* Each gives the store root (store.h) to be freed, or NULL with an error in diags. */

/* The store of a configuration directory: what `cluster-parse --header` says, so that no schema,
 * query or policy file is read. Its diagnostics are passed on. */
char *root_of_config(const char *dir, struct diags *diags);
/* A storage location as somebody wrote it: s3://bucket[/prefix], file:///abs or a path. */
char *root_of_location(const char *location, struct diags *diags);

#endif
