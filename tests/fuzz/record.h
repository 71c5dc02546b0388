/*
 * record.h - what the fuzzers of the stored records share: whatever a parser accepts it must accept
 * again, and as the same, in the form in which it would be stored; whatever it refuses it must
 * explain, with a code.
 */
#ifndef CLUSTER_FUZZ_RECORD_H
#define CLUSTER_FUZZ_RECORD_H

#include "common/json.h"

#include <sanitizer/lsan_interface.h>
#include <stdlib.h>

typedef jv record_parser(const char *text, size_t len, struct error *err);

/* False for what is no JSON at all, which must be refused as such. libjq 1.6 itself leaks a value
 * on some of it ("1 \"a\"" in an object), so leaks are looked for only in what is JSON. */
static inline bool is_json(record_parser *parse, const unsigned char *data, size_t size)
{
    struct error err = ERROR_INIT;
    __lsan_disable();
    jv value = json_parse((const char *)data, size, NULL);
    bool ok = jv_is_valid(value);
    jv_free(value);
    if (!ok) {
        value = parse((const char *)data, size, &err);
        if (jv_is_valid(value) || !err.code || !*error_text(&err))
            abort();
        error_clear(&err);
    }
    __lsan_enable();
    return ok;
}

static inline void check_record(record_parser *parse, const unsigned char *data, size_t size)
{
    if (!is_json(parse, data, size))
        return;
    struct error err = ERROR_INIT;
    jv record = parse((const char *)data, size, &err);
    if (!jv_is_valid(record)) {
        if (!err.code || !*error_text(&err))
            abort();
    } else {
        struct buf stored = BUF_INIT;
        json_write_pretty(&record, &stored);
        jv again = parse(stored.data, stored.len, &err);
        if (!jv_is_valid(again) || !json_equal(&record, &again))
            abort();
        jv_free(again);
        buf_free(&stored);
    }
    jv_free(record);
    error_clear(&err);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#endif
