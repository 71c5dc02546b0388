#include "bucket_graphs.h"

#include "common/xalloc.h"
#include "promises.h"

#include <stdlib.h>
#include <string.h>

static void check_manifest(const char *root, const jv *hashes, struct buf *faults)
{
    char *path = xasprintf("graphs/%s/manifest.json", root);
    jv manifest = promise_json(path, faults);
    if (jv_is_valid(manifest)) {
        const char *hex = json_peek_string(&manifest, "snapshot");
        char *snapshot = xasprintf("graphs/%s/snapshots/%s.db", root, hex ? hex : "");
        if (!json_has(hashes, snapshot))
            fault(faults, "%s names %s, which is not there", path, snapshot);
        free(snapshot);
    }
    jv_free(manifest);
    free(path);
}

void check_bucket_graphs(struct buf *faults)
{
    jv hashes = tool_hash_files("graphs"), roots = names_in("graphs");
    for (int i = jv_object_iter(hashes); jv_object_iter_valid(hashes, i);
         i = jv_object_iter_next(hashes, i)) {
        jv path = jv_object_iter_key(hashes, i), hex = jv_object_iter_value(hashes, i);
        const char *name = strstr(jv_string_value(path), "/snapshots/");
        if (name && strncmp(name + strlen("/snapshots/"), jv_string_value(hex),
                            strlen(jv_string_value(hex))) != 0)
            fault(faults, "%s hashes to %s", jv_string_value(path), jv_string_value(hex));
        jv_free(path);
        jv_free(hex);
    }
    for (int i = 0, n = jv_array_length(jv_copy(roots)); i < n; i++) {
        jv root = jv_array_get(jv_copy(roots), i);
        check_manifest(jv_string_value(root), &hashes, faults);
        jv_free(root);
    }
    jv_free(roots);
    jv_free(hashes);
}
