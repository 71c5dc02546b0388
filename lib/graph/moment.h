/*
 * moment.h - dates and times as the graph stores them.
 */
#ifndef CLUSTER_GRAPH_MOMENT_H
#define CLUSTER_GRAPH_MOMENT_H

#include <stdbool.h>
#include <stddef.h>

enum { MOMENT_LEN = 30 };

/* A DateTime as stored: 2026-01-02T03:04:05.678000000Z. */
struct moment {
    char text[MOMENT_LEN + 1];
};

/* True for YYYY-MM-DD, a day that exists. */
bool moment_date_is_valid(const char *text, size_t len);
/* Reads RFC 3339 with any offset and at most nine digits of fraction, the year (in UTC) being 0000
 * to 9999. A leap second is none of ours. */
bool moment_parse(const char *text, size_t len, struct moment *out);
/* How many bytes of a stored moment to write before the "Z": the fraction without its trailing
 * zeros. */
size_t moment_short_len(const char *text, size_t len);

#endif
