#include "text.h"

#include "common/utf8.h"

#include <string.h>

void text_style(const struct text *text, enum style style)
{
    /* ECMA-48, select graphic rendition. */
    static const char *const codes[] = {
        [STYLE_PLAIN] = "\033[0m", [STYLE_BOLD] = "\033[1m",   [STYLE_DIM] = "\033[2m",
        [STYLE_RED] = "\033[31m",  [STYLE_GREEN] = "\033[32m", [STYLE_YELLOW] = "\033[33m",
        [STYLE_CYAN] = "\033[36m",
    };
    if (text->colour)
        buf_puts(text->out, codes[style]);
}

void text_printf(const struct text *text, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    buf_vprintf(text->out, format, ap);
    va_end(ap);
}

/* C0, DEL and C1: what a terminal may obey. */
static bool is_control(uint32_t codepoint)
{
    return codepoint < 0x20 || (codepoint >= 0x7f && codepoint < 0xa0);
}

static void put_safely(const struct text *text, const char *words, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t codepoint = 0;
        size_t size = utf8_decode(words + i, len - i, &codepoint);
        if (words[i] == '\n' || words[i] == '\t') {
            buf_putc(text->out, ' ');
            size = 1;
        } else if (size == 0 || is_control(codepoint)) {
            buf_printf(text->out, "\\x%02x", size == 0 ? (unsigned char)words[i] : codepoint);
            size = size ? size : 1;
        } else {
            buf_append(text->out, words + i, size);
        }
        i += size;
    }
}

void text_safe(const struct text *text, const char *words)
{
    if (words)
        put_safely(text, words, strlen(words));
}

void text_styled(const struct text *text, enum style style, const char *words)
{
    text_style(text, style);
    text_safe(text, words);
    text_style(text, STYLE_PLAIN);
}

size_t text_width(const char *words)
{
    size_t width = 0;
    for (; *words; words++)
        width += ((unsigned char)*words & 0xc0) != 0x80;
    return width;
}

void text_pad(const struct text *text, const char *words, size_t width)
{
    text_safe(text, words);
    for (size_t at = text_width(words); at < width; at++)
        buf_putc(text->out, ' ');
}

void text_lines(const struct text *text, const char *words, int indent)
{
    while (words && *words) {
        size_t len = strcspn(words, "\n");
        text_printf(text, "%*s", indent, "");
        /* The caret of a shown source line stands in its column only if tabs stay tabs. */
        size_t start = 0;
        for (size_t i = 0; i <= len; i++)
            if (i == len || words[i] == '\t') {
                put_safely(text, words + start, i - start);
                if (i < len)
                    buf_putc(text->out, '\t');
                start = i + 1;
            }
        buf_putc(text->out, '\n');
        words += len + (words[len] == '\n');
    }
}

void text_count(const struct text *text, size_t n, const char *noun)
{
    size_t len = strlen(noun);
    if (n == 1)
        text_printf(text, "1 %s", noun);
    else if (len > 0 && noun[len - 1] == 'y')
        text_printf(text, "%zu %.*sies", n, (int)(len - 1), noun);
    else
        text_printf(text, "%zu %ss", n, noun);
}
