#include "lang/source.h"

#include "common/utf8.h"

#include <stdbool.h>
#include <string.h>

/* How much of a line is shown before and after the place, in characters. */
enum { WINDOW_BEFORE = 100, WINDOW_AFTER = 60 };

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Appends the character at text made harmless; returns how many bytes it took. */
static size_t put_clean(struct buf *out, const char *text, size_t len)
{
    uint32_t c = 0;
    size_t n = utf8_decode(text, len, &c);
    if (n == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0)) {
        buf_putc(out, '?');
        return n ? n : 1;
    }
    buf_append(out, text, n);
    return n;
}

void source_clean(struct buf *out, const char *text, size_t len, size_t max)
{
    size_t at = 0;
    while (at < len) {
        size_t n = utf8_decode(text + at, len - at, NULL);
        if (at + (n ? n : 1) > max) {
            buf_puts(out, "…");
            return;
        }
        at += put_clean(out, text + at, len - at);
    }
}

void source_excerpt(const struct source *src, struct position at, struct buf *out)
{
    const char *text = src->text;
    size_t place = at.offset < src->len ? at.offset : src->len;
    size_t start = place, end = place;
    int before = 0, after = 0;
    for (; start > 0 && text[start - 1] != '\n' && before < WINDOW_BEFORE; start--)
        before += !is_continuation(text[start - 1]);
    for (; end < src->len && text[end] != '\n' && after < WINDOW_AFTER; end++)
        after += !is_continuation(text[end]);
    while (end < src->len && is_continuation(text[end])) /* the rest of the last character */
        end++;
    bool cut_before = start > 0 && text[start - 1] != '\n';
    bool cut_after = end < src->len && text[end] != '\n';
    if (!cut_after && end > place && text[end - 1] == '\r')
        end--;

    struct buf caret = BUF_INIT;
    buf_puts(out, cut_before ? "\n    …" : "\n    ");
    buf_puts(&caret, cut_before ? "\n     " : "\n    ");
    for (size_t i = start; i < end;) {
        bool tab = text[i] == '\t';
        if (i < place)
            buf_putc(&caret, tab ? '\t' : ' ');
        if (tab) {
            buf_putc(out, '\t');
            i++;
        } else {
            i += put_clean(out, text + i, end - i);
        }
    }
    if (cut_after)
        buf_puts(out, "…");
    buf_puts(out, buf_text(&caret));
    buf_putc(out, '^');
    buf_free(&caret);
}

void source_verror(const struct source *src, struct diags *diags, const char *code,
                   struct position at, const char *format, va_list ap)
{
    struct buf message = BUF_INIT;
    buf_printf(&message, "%s:%u:%u: ", src->file, at.line, at.column);
    buf_vprintf(&message, format, ap);
    source_excerpt(src, at, &message);
    diags_error(diags, code, src->path, "%s", buf_text(&message));
    buf_free(&message);
}

void source_error(const struct source *src, struct diags *diags, const char *code,
                  struct position at, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    source_verror(src, diags, code, at, format, ap);
    va_end(ap);
}

bool report_v(struct reporter *r, const char *code, struct position at, const char *format,
              va_list ap)
{
    if (++r->errors < REPORT_MAX)
        source_verror(r->src, r->diags, code, at, format, ap);
    else if (r->errors == REPORT_MAX)
        source_error(r->src, r->diags, code, at,
                     "there are more errors after this place; correct the ones above first");
    return false;
}

bool report(struct reporter *r, const char *code, struct position at, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    report_v(r, code, at, format, ap);
    va_end(ap);
    return false;
}
