/*
 * bucket_root.h - root.h for a root in a bucket: manifest.json (bucket_manifest.h) and immutable
 * snapshots/<sha256>.db, each a whole database.
 *
 * To open one is to read the manifest and to hold its snapshot in the cache (bucket_cache.h); who
 * writes gets a copy of his own. A commit uploads the copy as a new snapshot and swaps the
 * manifest. What is uploaded before the manifest names it, or is named no more, is garbage that
 * only bucket_root_sweep() removes.
 *
 * Nothing at all, or nothing but garbage (an init that died), is no root.
 */
#ifndef CLUSTER_GRAPH_BUCKET_ROOT_H
#define CLUSTER_GRAPH_BUCKET_ROOT_H

#include "graph/root.h"

struct bucket_root;

bool bucket_root_is(const char *location);

/* Each as the function of root.h. */
enum graph_status bucket_root_open(const char *location, enum root_use use, struct root *root,
                                   struct error *err);
enum graph_status bucket_root_create(const char *location, struct root *root, struct error *err);
enum graph_status bucket_root_finish(struct root *root, struct error *err);
enum graph_status bucket_root_publish(struct root *root, int64_t version, struct error *err);
enum graph_status bucket_root_sweep(struct root *root, bool confirm, int64_t *snapshots,
                                    struct error *err);
/* Frees root->bucket with all that belongs to it. */
void bucket_root_close(struct bucket_root *bucket);

#endif
