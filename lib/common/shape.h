/*
 * shape.h - what a JSON value must look like, as a table, and one strict checker for all of them.
 *
 * Every stored record and every section of the run document has a shape: an unknown field, a
 * wrong type or a missing required field is an error that names it ("lock.pid: expected an
 * integer, found a string"). Code behind the check then reads fields without doubts.
 */
#ifndef CLUSTER_SHAPE_H
#define CLUSTER_SHAPE_H

#include "common/error.h"
#include "common/json.h"

#include <stdbool.h>

enum shape_kind {
    SHAPE_ANY, /* any JSON */
    SHAPE_STRING,
    SHAPE_INT, /* an integer from 0 to 2^53-1 */
    SHAPE_BOOL,
    SHAPE_WORD,   /* a string out of `words` */
    SHAPE_DIGEST, /* 64 lower-case hexadecimal digits */
    SHAPE_OBJECT, /* the fields in `fields`, no others unless `open` */
    SHAPE_MAP,    /* an object with any keys, each value of shape `of` */
    SHAPE_ARRAY,  /* each element of shape `of` */
};

struct shape_field;

struct shape {
    enum shape_kind kind;
    bool nullable;
    bool open;                        /* SHAPE_OBJECT: unknown fields are let through */
    const struct shape_field *fields; /* SHAPE_OBJECT: ends with a NULL name */
    const struct shape *of;           /* SHAPE_MAP, SHAPE_ARRAY */
    const char *const *words;         /* SHAPE_WORD: ends with NULL */
};

struct shape_field {
    const char *name;
    bool required;
    const struct shape *shape;
};

/* Shapes that many tables want. */
extern const struct shape shape_any, shape_string, shape_string_or_null, shape_int,
    shape_int_or_null, shape_bool, shape_digest, shape_digest_or_null, shape_strings;

/* True if value has the shape. Else sets err (no code), naming the field below `where` (which may
 * be ""). Does not consume. */
bool shape_check(const jv *value, const struct shape *shape, const char *where, struct error *err);

#endif
