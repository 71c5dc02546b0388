/* store_open.c - which backend stands behind a root. */
#include "store/store_impl.h"

#include <string.h>

enum store_status store_open(const char *root, struct store **out, struct error *err)
{
    *out = NULL;
    if (strncmp(root, "file://", 7) == 0)
        return store_open_disk(root, out, err);
    if (strncmp(root, "s3://", 5) == 0)
        return store_open_s3(root, out, err);
    return store_fail(STORE_INVALID, err,
                      "a store root is file:///path or s3://bucket/prefix; \"%.200s\" is neither",
                      root);
}
