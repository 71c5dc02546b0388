/* cluster.yaml: any bytes are read to an end, and what is said to be valid has a canonical form. */
#include "../../cmd/cluster-parse/config.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diags diags;
    struct config config;
    diags_init(&diags);
    config_read((const char *)data, size, &config, &diags);
    if (!config.yaml->root && diags.errors == 0)
        abort();
    jv json = config_to_json(&config);
    struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    json_write_canonical(&json, &text);
    jv again = json_parse(text.data, text.len, &err);
    if (!jv_is_valid(again) || !json_equal(&json, &again))
        abort();
    jv_free(again);
    jv_free(json);
    error_clear(&err);
    buf_free(&text);
    config_clear(&config);
    diags_free(&diags);
    return 0;
}
