/*
 * io.h - reading and writing whole things, with EINTR and short transfers taken care of.
 */
#ifndef CLUSTER_IO_H
#define CLUSTER_IO_H

#include "common/buf.h"
#include "common/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The largest input a reader takes: 1 GiB for a document, 64 MiB for a configuration, schema,
 * query or policy file. */
enum { IO_MAX_DOCUMENT = 1024 * 1024 * 1024, IO_MAX_SOURCE = 64 * 1024 * 1024 };

/* Appends all that fd gives. False with err set (message without the name of the source) on a
 * read error or when more than max bytes come. */
bool io_read_all(int fd, size_t max, struct buf *out, struct error *err);
/* Writes all of it. False with err set, errno kept. */
bool io_write_all(int fd, const void *data, size_t len, struct error *err);
/* Reads a regular file whole. Sets err, and errno to the cause (ENOENT, EACCES, EISDIR, EFBIG,
 * EINVAL for what is no regular file). Never blocks on a FIFO. */
bool io_read_file(const char *path, size_t max, struct buf *out, struct error *err);

#endif
