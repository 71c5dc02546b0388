/*
 * digest.h - SHA-256 (FIPS 180-4, by OpenSSL), written as 64 lower-case hexadecimal digits.
 */
#ifndef CLUSTER_DIGEST_H
#define CLUSTER_DIGEST_H

#include "common/json.h"

#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_LEN = 64 };

/* A digest as text, NUL-terminated. */
struct digest {
    char hex[DIGEST_LEN + 1];
};

struct digest digest_of(const void *data, size_t len);
/* Of the canonical form (json.h). Does not consume. */
struct digest digest_of_json(const jv *value);
/* True for exactly 64 lower-case hexadecimal digits. */
bool digest_is_hex(const char *text);

/* In pieces: begin, add any number of times, end (which frees the state). */
struct digest_state;
struct digest_state *digest_begin(void);
void digest_add(struct digest_state *state, const void *data, size_t len);
struct digest digest_end(struct digest_state *state);

#endif
