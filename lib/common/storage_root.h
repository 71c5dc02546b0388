/*
 * storage_root.h - what somebody wrote as a storage location, as the root that a store is opened
 * with (store.h).
 *
 * Taken are s3://bucket[/prefix], file:///abs (percent-encoded) and plain paths; trailing slashes
 * go. The path must be UTF-8, as written or once decoded. Bucket names follow the rules of S3 (3 to
 * 63 of a-z 0-9 . -, no address). A URI may hold no credentials, query or fragment. Since a secret
 * may stand in a URI that is refused, a message never repeats what was given.
 */
#ifndef CLUSTER_STORAGE_ROOT_H
#define CLUSTER_STORAGE_ROOT_H

#include "common/error.h"

#include <stdbool.h>

struct storage_root {
    char *root;    /* file:///abs, percent-encoded, or s3://bucket/prefix */
    char *display; /* the plain path or the URI, for people */
};

/*
 * `base` is the absolute directory that a relative path starts from. Paths are made absolute and
 * freed of ".", ".." and doubled slashes by their text alone: nothing need exist. On failure sets
 * err (code invalid_storage_root) and leaves out empty. Free with storage_root_clear().
 */
bool storage_root_resolve(const char *storage, const char *base, struct storage_root *out,
                          struct error *err);
void storage_root_clear(struct storage_root *root);

#endif
