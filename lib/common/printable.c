#include "common/printable.h"

#include "common/buf.h"
#include "common/utf8.h"

#include <string.h>

enum { MAX_SHOWN = 120 };

static void append_escaped(struct buf *out, unsigned char c)
{
    if (c == '\n')
        buf_puts(out, "\\n");
    else if (c == '\t')
        buf_puts(out, "\\t");
    else if (c == '\r')
        buf_puts(out, "\\r");
    else
        buf_printf(out, "\\x%02x", c);
}

char *printable(const char *text)
{
    struct buf out = BUF_INIT;
    size_t len = strlen(text), at = 0;
    while (at < len && at < MAX_SHOWN) {
        uint32_t c = 0;
        size_t n = utf8_decode(text + at, len - at, &c);
        /* C0, DEL and C1 would move a terminal's cursor. */
        if (n == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            n = n ? n : 1;
            for (size_t i = 0; i < n; i++)
                append_escaped(&out, (unsigned char)text[at + i]);
        } else {
            buf_append(&out, text + at, n);
        }
        at += n;
    }
    if (at < len)
        buf_puts(&out, "…");
    return buf_detach(&out);
}
