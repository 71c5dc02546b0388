/*
 * lines.h - a file descriptor, line by line, in memory that the longest line decides.
 *
 *     struct lines lines;
 *     lines_init(&lines, fd);
 *     while ((status = lines_next(&lines, &text, &len, &err)) != LINES_END) …
 *     lines_free(&lines);                       // does not close fd
 *
 * A line comes without its newline; the byte after it may be read and is a newline or a NUL. The
 * last one needs no newline. A line beyond LINES_MAX is skipped and given as LINES_TOO_LONG.
 */
#ifndef CLUSTER_GRAPH_LINES_H
#define CLUSTER_GRAPH_LINES_H

#include "common/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINES_MAX = 64 * 1024 * 1024 };

enum lines_status { LINES_LINE, LINES_TOO_LONG, LINES_END, LINES_ERROR };

struct lines {
    int fd;
    char *data;
    size_t cap, start, scanned, end; /* scanned: no newline before it */
    bool finished;                   /* fd has given all */
    uint64_t number;                 /* of the line given last, from 1 */
};

void lines_init(struct lines *lines, int fd);
enum lines_status lines_next(struct lines *lines, const char **text, size_t *len,
                             struct error *err);
void lines_free(struct lines *lines);

#endif
