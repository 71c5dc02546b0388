/*
 * json_repeat.h - names that stand twice in one JSON object. libjq keeps the last of them without a
 * word; a record that is read strictly must not lose one.
 */
#ifndef CLUSTER_JSON_REPEAT_H
#define CLUSTER_JSON_REPEAT_H

#include "common/json.h"

#include <stddef.h>

/* The first name that an object of the text repeats, made printable and to be freed, or NULL. The
 * text must be what json_parse() made the value of. Linear. */
char *json_repeated_name(const char *text, size_t len, const jv *value);

#endif
