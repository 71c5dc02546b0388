/*
 * json.h - JSON values (libjq's jv), read strictly and written canonically.
 *
 * One ownership rule, everywhere in this project: a `jv` passed by value is consumed, a `jv`
 * returned is owned by the caller (jv_copy() to keep, jv_free() to drop). A `const jv *` is only
 * looked at; a `jv *` is changed in place. What a json_peek_* function returns as a pointer
 * belongs to the value looked at and lives until that value is changed or freed.
 *
 * Numbers: libjq 1.6 holds them as doubles. What this project writes itself are integers below
 * 2^53 in magnitude.
 */
#ifndef CLUSTER_JSON_H
#define CLUSTER_JSON_H

#include "common/buf.h"
#include "common/error.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Parses exactly one JSON text (white space around it is allowed). Refuses what libjq would let
 * through: bytes that are not UTF-8, a byte order mark, NaN and infinities, more than one value.
 * Nesting is bounded (256). On failure sets err (no code) and returns an invalid jv, which needs
 * no jv_free.
 */
jv json_parse(const char *text, size_t len, struct error *err);

/*
 * Appends the canonical form, RFC 8785: keys sorted by UTF-16 code units, no white space, minimal
 * escapes. No final newline. Does not consume.
 */
void json_write_canonical(const jv *value, struct buf *out);

/* Appends the form of the stored files: two spaces, keys sorted as above, a final newline. */
void json_write_pretty(const jv *value, struct buf *out);

/* SHA-256 of the canonical form is in digest.h. */

/* True if the canonical forms are the same. Does not consume. */
bool json_equal(const jv *a, const jv *b);

/* Looking into an object. All of these take a value of any kind: what is no object has no keys. */
bool json_has(const jv *object, const char *key);
/* The member, or an invalid jv if there is none. Owned by the caller. */
jv json_get(const jv *object, const char *key);
/* The text, or NULL if the member is absent or no string. A string may hold NULs only if its
 * source had \u0000; compare json_peek_len() where that matters. */
const char *json_peek_string(const jv *object, const char *key);
bool json_peek_bool(const jv *object, const char *key, bool otherwise);
int64_t json_peek_int(const jv *object, const char *key, int64_t otherwise);
/* True if the member is there and is the string `text`. */
bool json_string_is(const jv *object, const char *key, const char *text);

/* Changing an object in place. *object must be an object; a value is consumed. */
void json_set(jv *object, const char *key, jv value);
/* NULL becomes null. */
void json_set_string(jv *object, const char *key, const char *text);
void json_set_int(jv *object, const char *key, int64_t number);
void json_set_bool(jv *object, const char *key, bool value);
void json_delete(jv *object, const char *key);
/* Appends to the array at key, which is made if it is absent. Amortized constant time. */
void json_append(jv *object, const char *key, jv value);
/* Takes the member out (an invalid jv if absent), so that it can be changed without a copy and
 * put back with json_set. */
jv json_take(jv *object, const char *key);

/* text as a string value, NULL as null. */
jv json_string_or_null(const char *text);

/* The keys of an object, sorted as above: an array of strings. Does not consume. */
jv json_sorted_keys(const jv *object);

#endif
