/*
 * bucket_file.h - whole files: their digest, a copy, a directory removed.
 */
#ifndef CLUSTER_GRAPH_BUCKET_FILE_H
#define CLUSTER_GRAPH_BUCKET_FILE_H

#include "common/digest.h"
#include "common/error.h"

#include <stdbool.h>

/* SHA-256 of all that fd, a regular file, holds. Leaves the offset alone. */
bool bucket_file_digest(int fd, struct digest *digest, struct error *err);
/* Makes `to`, which must not be there, a copy of `from`; where the file system can, without copying
 * a byte (FICLONE). Not made durable. */
bool bucket_file_copy(const char *from, const char *to, struct error *err);
/* Removes a directory and the files in it; directories inside stay, and so does it then. */
void bucket_file_remove_directory(const char *path);
/* Whether a path still leads to the file that is open as fd. */
bool bucket_file_is_at(int fd, const char *path);

#endif
