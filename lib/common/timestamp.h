/*
 * timestamp.h - RFC 3339 UTC times, the fraction kept short: 2026-01-02T03:04:05.678Z.
 */
#ifndef CLUSTER_TIMESTAMP_H
#define CLUSTER_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since 1970-01-01T00:00:00Z. A test build takes $CLUSTER_TEST_CLOCK (the same
 * unit) instead, when it is set. */
int64_t timestamp_now_ms(void);

/* "2026-01-02T03:04:05.678Z" and a NUL: 25 bytes. Milliseconds are always written. */
struct timestamp {
    char text[32];
};
struct timestamp timestamp_format(int64_t ms);
struct timestamp timestamp_now(void);

/* Reads any RFC 3339 time (offset or Z, any fraction). False if it is none. */
bool timestamp_parse(const char *text, int64_t *ms);

#endif
