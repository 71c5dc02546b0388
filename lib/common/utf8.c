#include "common/utf8.h"

size_t utf8_decode(const char *text, size_t len, uint32_t *codepoint)
{
    const unsigned char *s = (const unsigned char *)text;
    if (len == 0)
        return 0;
    uint32_t c = s[0];
    size_t need;
    uint32_t least;
    if (c < 0x80) {
        if (codepoint)
            *codepoint = c;
        return 1;
    } else if (c >= 0xc2 && c < 0xe0) {
        need = 2, least = 0x80, c &= 0x1f;
    } else if (c >= 0xe0 && c < 0xf0) {
        need = 3, least = 0x800, c &= 0x0f;
    } else if (c >= 0xf0 && c < 0xf5) {
        need = 4, least = 0x10000, c &= 0x07;
    } else {
        return 0;
    }
    if (len < need)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = (c << 6) | (s[i] & 0x3fu);
    }
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    if (codepoint)
        *codepoint = c;
    return need;
}

size_t utf8_check(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        if ((unsigned char)text[at] < 0x80) {
            at++;
            continue;
        }
        size_t n = utf8_decode(text + at, len - at, NULL);
        if (n == 0)
            return at;
        at += n;
    }
    return len;
}

bool utf8_is_valid(const char *text, size_t len)
{
    return utf8_check(text, len) == len;
}
