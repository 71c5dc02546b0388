/*
 * datum.h - one JSON line of a load, taken apart.
 *
 *     {"type": "Person", "id": "…", "data": {…}}
 *     {"edge": "Knows", "from": "<id>", "to": "<id>", "data": {…}}
 *
 * datum_parse() checks the JSON (RFC 8259, by yajl: UTF-8, no NaN, nothing after the value; no key
 * of the line itself twice, no unpaired surrogate) and which keys there are, not what they mean.
 * The values stay as tokens: numbers as their digits, so that 64-bit integers are exact.
 *
 * Texts point into the line or into the record and live until the next datum_parse() or until the
 * line goes away. A record is used again for the next line; memory grows to what the longest line
 * needs.
 */
#ifndef CLUSTER_GRAPH_DATUM_H
#define CLUSTER_GRAPH_DATUM_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nesting that a line may have: the deepest that means something is a list in data, 3. */
enum { DATUM_DEPTH = 32 };

enum jtoken_kind {
    JTOKEN_NULL,
    JTOKEN_FALSE,
    JTOKEN_TRUE,
    JTOKEN_NUMBER, /* its digits; a delimiter follows them, so strtod() may be used */
    JTOKEN_STRING,
    JTOKEN_LIST,   /* then its items, then JTOKEN_END */
    JTOKEN_OBJECT, /* then names (JTOKEN_STRING) and values, then JTOKEN_END */
    JTOKEN_END,
};

struct jtoken {
    const char *text; /* not NUL-terminated */
    uint32_t len;
    enum jtoken_kind kind;
};

/* A name and a value in `data`. */
struct member {
    const char *name;
    uint32_t name_len;
    uint32_t first; /* of the value, in datum.tokens */
    uint32_t count; /* 1 for a scalar */
};

struct slice {
    const char *text; /* NULL: absent */
    size_t len;
};

struct datum {
    struct slice type, edge, id, from, to;
    struct member *members;
    size_t member_count;
    struct jtoken *tokens;
    size_t token_count;
    /* Working state. */
    size_t member_cap, token_cap;
    struct buf decoded;
};

/* False with *why set (a phrase that follows "line N: ") when the line is bad. The line must be
 * followed by a byte that may be read and is no part of a number (a newline, a NUL). */
bool datum_parse(struct datum *datum, const char *line, size_t len, struct buf *why);
void datum_free(struct datum *datum);

#endif
