/*
 * source.h - one source text (.pg or .gq), and messages that point into it.
 *
 * A message reads
 *
 *     people.pg:3:11: expected a property type, found "Strng"
 *         name: Strng
 *               ^
 *
 * with the line as it stands in the file (a long one cut to a window around the place, control
 * characters made harmless) and a caret below the place.
 *
 * struct reporter counts, and stops writing after REPORT_MAX messages about one source, so that a
 * hostile file cannot fill the memory with messages; the last one says so.
 */
#ifndef CLUSTER_LANG_SOURCE_H
#define CLUSTER_LANG_SOURCE_H

#include "common/buf.h"
#include "common/diag.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct source {
    const char *file; /* the name that messages show */
    const char *text; /* need not end with a NUL */
    size_t len;
    const char *path; /* `path` of the diagnostics */
};

/* A place in a source. line and column count from 1, column in characters; offset in bytes from 0.
 */
struct position {
    uint32_t line;
    uint32_t column;
    size_t offset;
};

/* Appends "\n<the line>\n<spaces>^" for the place. No final newline. */
void source_excerpt(const struct source *src, struct position at, struct buf *out);

/* Appends text with control characters and bytes that are not UTF-8 replaced by "?", at most max
 * bytes of it; what is cut shows as "…". */
void source_clean(struct buf *out, const char *text, size_t len, size_t max);

/* Adds an error diagnostic `file:line:column: <message>` with the excerpt. */
void source_error(const struct source *src, struct diags *diags, const char *code,
                  struct position at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void source_verror(const struct source *src, struct diags *diags, const char *code,
                   struct position at, const char *format, va_list ap)
    __attribute__((format(printf, 5, 0)));

enum { REPORT_MAX = 1000 };

struct reporter {
    const struct source *src;
    struct diags *diags;
    size_t errors; /* reported or left out */
};

/* Always returns false, so that a bool function can `return report(...)`. */
bool report(struct reporter *r, const char *code, struct position at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool report_v(struct reporter *r, const char *code, struct position at, const char *format,
              va_list ap) __attribute__((format(printf, 4, 0)));

#endif
