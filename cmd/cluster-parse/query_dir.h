/*
 * query_dir.h - a directory of .gq files.
 */
#ifndef CLUSTER_PARSE_QUERY_DIR_H
#define CLUSTER_PARSE_QUERY_DIR_H

#include <stdbool.h>
#include <stddef.h>

struct query_dir {
    char **names; /* of its entries *.gq, sorted bytewise */
    size_t n;
};

/* Lists what *.gq matches in a shell: no hidden files, no subdirectories' content. False with errno
 * set if it cannot be read. Free with query_dir_clear(). */
bool query_dir_list(const char *path, struct query_dir *out);
void query_dir_clear(struct query_dir *dir);

#endif
