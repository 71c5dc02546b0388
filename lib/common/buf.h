/*
 * buf.h - a growing string of bytes.
 *
 * Start with `struct buf b = BUF_INIT;`, append, then either buf_free() it or take its bytes with
 * buf_detach(). The bytes may hold NULs; a NUL always stands after the last one (data is never
 * NULL once something was appended), so that text can be passed on as a C string.
 */
#ifndef CLUSTER_BUF_H
#define CLUSTER_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
    char *data;
    size_t len;
    size_t cap;
};

#define BUF_INIT   \
    {              \
        NULL, 0, 0 \
    }

void buf_append(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* Makes room for `more` further bytes and returns where they go; then raise len by what came. */
char *buf_reserve(struct buf *b, size_t more);
/* Forgets the content, keeps the memory. */
void buf_clear(struct buf *b);
/* Returns the content, NUL-terminated and now the caller's to free(); the buf is empty after. */
char *buf_detach(struct buf *b);
/* The content as a C string, "" when nothing was appended. Valid until the next append. */
const char *buf_text(const struct buf *b);
void buf_free(struct buf *b);

#endif
