/* Any bytes as the XML of an S3 answer. Texts that are read are escaped and read again as the same.
 */
#include "common/buf.h"
#include "store/s3/s3_xml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void expect_same(void *data, const char *path, const char *text)
{
    if (strcmp(path, "T") != 0 || strcmp(text, data) != 0)
        abort();
}

static void check_leaf(void *data, const char *path, const char *text)
{
    (void)data;
    struct buf xml = BUF_INIT;
    struct error err = ERROR_INIT;
    char *copy = strdup(text);
    if (!*path || !copy)
        abort();
    const struct s3_xml_reader reader = {.leaf = expect_same, .data = copy};
    buf_printf(&xml, "<T>");
    s3_xml_escape(text, &xml);
    buf_printf(&xml, "</T>");
    if (!s3_xml_read(buf_text(&xml), xml.len, &reader, &err))
        abort();
    free(copy);
    buf_free(&xml);
    error_clear(&err);
}

static void note_end(void *data, const char *path)
{
    (void)data;
    if (!*path)
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error err = ERROR_INIT;
    const struct s3_xml_reader reader = {.leaf = check_leaf, .end = note_end};
    if (!s3_xml_read((const char *)data, size, &reader, &err) && !*error_text(&err))
        abort();
    error_clear(&err);
    return 0;
}
