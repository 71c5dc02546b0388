/*
 * xalloc.h - allocation that cannot fail.
 *
 * Every function returns memory that the caller frees with free(), or ends the program with a
 * message on stderr and exit status 1. No caller checks for NULL.
 */
#ifndef CLUSTER_XALLOC_H
#define CLUSTER_XALLOC_H

#include <stdarg.h>
#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
/* Sizes are checked: count * size that overflows counts as out of memory. */
void *xreallocarray(void *ptr, size_t count, size_t size);
char *xstrdup(const char *text);
/* Copies len bytes and adds a NUL. */
char *xstrndup(const char *text, size_t len);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list ap) __attribute__((format(printf, 1, 0)));

/*
 * Makes room for one more element in an array that grows by doubling: `array` and `*cap` are
 * updated; n is the count in use. Usage: list = xgrow(list, n, &cap, sizeof *list); list[n++] = x;
 */
void *xgrow(void *array, size_t n, size_t *cap, size_t size);

/* What the family calls when memory is out: writes "out of memory" and exits 1. */
_Noreturn void die_out_of_memory(void);

#endif
