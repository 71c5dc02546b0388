/*
 * s3_xml.h - the XML of S3's answers, read with expat (loaded when the first answer needs it).
 *
 * An answer is flat enough to be seen as leaves: s3_xml_read() calls leaf() once for every element
 * without children, in order, with the path of its element names ("ListBucketResult/Contents/Key")
 * and its text, decoded. end() is called when an element with children ends, so that a record can
 * be closed. Name spaces are ignored. A document type declaration, nesting beyond 16 or text that
 * is not well formed is refused.
 */
#ifndef CLUSTER_S3_XML_H
#define CLUSTER_S3_XML_H

#include "common/error.h"

#include <stdbool.h>
#include <stddef.h>

struct s3_xml_reader {
    void (*leaf)(void *data, const char *path, const char *text);
    void (*end)(void *data, const char *path); /* may be NULL */
    void *data;
};

/* False with err set if it cannot be read to its end. */
bool s3_xml_read(const char *text, size_t len, const struct s3_xml_reader *reader,
                 struct error *err);

/* Appends text with & < > " ' and control characters as entities. */
struct buf;
void s3_xml_escape(const char *text, struct buf *out);

#endif
