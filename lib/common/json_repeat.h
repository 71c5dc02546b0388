/*
 * json_repeat.h - names that stand twice in one JSON object. libjq keeps the last of them without a
 * word; a record that is read strictly must not lose one. Read with yajl, which tells of each name.
 */
#ifndef CLUSTER_JSON_REPEAT_H
#define CLUSTER_JSON_REPEAT_H

#include <stddef.h>

/* The first name that an object of the text repeats, made printable and to be freed, or NULL. The
 * text must be what json_parse() takes; of anything else, what comes before the error is looked at.
 */
char *json_repeated_name(const char *text, size_t len);

#endif
