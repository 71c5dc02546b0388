/* Any bytes as the manifest of a graph in a bucket. */
#include "graph/bucket_manifest.h"
#include "record.h"

/* As a record: what was read, as an object. */
static jv parse(const char *text, size_t len, struct error *err)
{
    struct manifest manifest;
    struct error why = ERROR_INIT;
    jv value = jv_invalid();
    manifest_init(&manifest);
    if (manifest_parse(text, len, &manifest, &why)) {
        if (manifest.version < 1 || !digest_is_hex(manifest.snapshot.hex) ||
            !ulid_is_valid(manifest.write.text))
            abort();
        value = jv_object();
        json_set(&value, "commits", jv_copy(manifest.commits));
        json_set_int(&value, "format", MANIFEST_FORMAT);
        json_set_int(&value, "manifest_version", manifest.version);
        json_set_string(&value, "snapshot", manifest.snapshot.hex);
        json_set_string(&value, "write", manifest.write.text);
    } else {
        error_set(err, "refused", "%s", error_text(&why));
    }
    error_clear(&why);
    manifest_clear(&manifest);
    return value;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    check_record(parse, data, size);
    return 0;
}
