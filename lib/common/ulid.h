/*
 * ulid.h - ULIDs (the ULID specification: 48 bits of milliseconds, 80 random bits, Crockford's base
 * 32, 26 upper-case characters). They sort by time.
 */
#ifndef CLUSTER_ULID_H
#define CLUSTER_ULID_H

#include <stdbool.h>

struct ulid {
    char text[27];
};

/* A new one. Within one process each is greater than the one before. */
struct ulid ulid_new(void);
/* True for 26 characters of the alphabet that fit 128 bits. */
bool ulid_is_valid(const char *text);

#endif
