/* Any bytes as a run document: what is taken is written canonically and read again as the same. */
#include "common/doc.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct doc doc, again;
    struct error err = ERROR_INIT;
    struct buf text = BUF_INIT;
    __lsan_disable(); /* libjq leaks on some of what is no JSON: record.h */
    jv value = json_parse((const char *)data, size, NULL);
    bool json = jv_is_valid(value);
    jv_free(value);
    __lsan_enable();
    if (!json)
        return 0;
    if (doc_parse((const char *)data, size, &doc, &err)) {
        json_write_canonical(&doc.root, &text);
        if (!doc_parse(buf_text(&text), text.len, &again, &err) ||
            !json_equal(&doc.root, &again.root))
            abort();
        doc_free(&again);
        doc_free(&doc);
    } else if (!*error_text(&err)) {
        abort();
    }
    buf_free(&text);
    error_clear(&err);
    return 0;
}
