/*
 * utf8.h - UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef CLUSTER_UTF8_H
#define CLUSTER_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1 to 4) of the character that starts at text, or 0 if there is no valid one
 * within len bytes. *codepoint is set when it is not NULL. */
size_t utf8_decode(const char *text, size_t len, uint32_t *codepoint);

/* The offset of the first invalid byte, or len when all of it is valid. */
size_t utf8_check(const char *text, size_t len);

bool utf8_is_valid(const char *text, size_t len);

#endif
