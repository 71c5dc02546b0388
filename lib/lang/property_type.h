/*
 * property_type.h - the type of a property, or of a query's parameter:
 *
 *     ( scalar | "[" scalar "]" | "enum" "(" word { "," word } ")" | "Vector" "(" int ")" ) [ "?" ]
 */
#ifndef CLUSTER_LANG_PROPERTY_TYPE_H
#define CLUSTER_LANG_PROPERTY_TYPE_H

#include "common/json.h"
#include "lang/parser.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_scalar {
    SCALAR_STRING, /* and enum: see words */
    SCALAR_BLOB,
    SCALAR_BOOL,
    SCALAR_I32,
    SCALAR_I64,
    SCALAR_U32,
    SCALAR_U64,
    SCALAR_F32,
    SCALAR_F64,
    SCALAR_DATE,
    SCALAR_DATETIME,
    SCALAR_VECTOR,
};

/* The type of a property (or of a query's parameter). */
struct property_type {
    enum schema_scalar scalar;
    bool list;
    bool nullable;
    uint32_t dimensions;      /* SCALAR_VECTOR, else 0 */
    const char *const *words; /* of an enum in file order, else NULL */
    const char *const *sorted_words;
    size_t word_count; /* 0: no enum */
};

/* Reads a type and checks the rules of its own: words of an enum, length of a vector, no list of
 * Blob. allow_enum: a property's type may be an enum, a parameter's may not. On failure the error
 * is reported. Texts go to the parser's arena. */
bool property_type_parse(struct parser *p, bool allow_enum, struct property_type *out);

/* "String", "I32", …, "Vector". */
const char *scalar_name(enum schema_scalar scalar);
/* The scalar of that name, but for Vector; false if there is none. */
bool scalar_from_name(const char *name, size_t len, enum schema_scalar *out);
bool scalar_is_number(enum schema_scalar scalar);
bool scalar_is_integer(enum schema_scalar scalar);
/* The same type: the order of enum words does not count. */
bool property_type_equal(const struct property_type *a, const struct property_type *b);
bool property_type_has_word(const struct property_type *type, const char *word);
/* As it is written: `[String]?`, `enum(a, b)`, `Vector(3)`. To be freed. */
char *property_type_text(const struct property_type *type);
/* {scalar, nullable, list, enum_values}, as migration steps hold it. */
jv property_type_json(const struct property_type *type);

#endif
