#include "common/xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void die_out_of_memory(void)
{
    static const char message[] = "cluster: out of memory\n";
    /* stdio may want memory of its own here, so the message goes out directly. */
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored; /* nothing is left to do when even stderr fails */
    _exit(1);
}

void *xmalloc(size_t size)
{
    void *p = malloc(size ? size : 1);
    if (!p)
        die_out_of_memory();
    return p;
}

void *xcalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        die_out_of_memory();
    return p;
}

void *xreallocarray(void *ptr, size_t count, size_t size)
{
    void *p = reallocarray(ptr, count ? count : 1, size ? size : 1);
    if (!p)
        die_out_of_memory();
    return p;
}

char *xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}

char *xstrndup(const char *text, size_t len)
{
    char *p = xmalloc(len + 1);
    memcpy(p, text, len);
    p[len] = '\0';
    return p;
}

char *xvasprintf(const char *format, va_list ap)
{
    char *p = NULL;
    if (vasprintf(&p, format, ap) < 0)
        die_out_of_memory();
    return p;
}

char *xasprintf(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    char *p = xvasprintf(format, ap);
    va_end(ap);
    return p;
}

void *xgrow(void *array, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return array;
    size_t grown = *cap ? *cap * 2 : 8;
    if (grown < *cap)
        die_out_of_memory();
    array = xreallocarray(array, grown, size);
    *cap = grown;
    return array;
}
