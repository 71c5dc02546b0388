/*
 * Canonical JSON, RFC 8785 (JSON Canonicalization Scheme): section 3.2.2.2 for strings, 3.2.2.3
 * for numbers, 3.2.3 for the order of keys.
 */
#include "common/json.h"
#include "common/utf8.h"
#include "common/xalloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the UTF-16 order of two UTF-8 strings differs from their byte order: characters beyond
 * U+FFFF are surrogates (D800-DFFF) there, and so come before U+E000-U+FFFF. */
static int compare_utf16(const char *a, size_t alen, const char *b, size_t blen)
{
    size_t i = 0;
    while (i < alen && i < blen && a[i] == b[i])
        i++;
    if (i == alen || i == blen)
        return alen < blen ? -1 : alen > blen;
    unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];
    if (x >= 0xee && y >= 0xee) {
        /* Lead bytes: F0 and above start a surrogate pair, EE and EF are U+E000 and above. */
        if (x >= 0xf0 && y < 0xf0)
            return -1;
        if (y >= 0xf0 && x < 0xf0)
            return 1;
    }
    return x < y ? -1 : 1;
}

static int compare_keys(const void *a, const void *b)
{
    const jv *x = a, *y = b;
    return compare_utf16(jv_string_value(*x), (size_t)jv_string_length_bytes(jv_copy(*x)),
                         jv_string_value(*y), (size_t)jv_string_length_bytes(jv_copy(*y)));
}

struct keys {
    jv *list;
    size_t n;
};

static struct keys keys_of(jv object)
{
    struct keys keys = {NULL, 0};
    int count = jv_object_length(jv_copy(object));
    keys.list = xcalloc((size_t)count, sizeof *keys.list);
    for (int i = jv_object_iter(object); jv_object_iter_valid(object, i);
         i = jv_object_iter_next(object, i))
        keys.list[keys.n++] = jv_object_iter_key(object, i);
    if (keys.n)
        qsort(keys.list, keys.n, sizeof *keys.list, compare_keys);
    return keys;
}

static void keys_free(struct keys *keys)
{
    for (size_t i = 0; i < keys->n; i++)
        jv_free(keys->list[i]);
    free(keys->list);
}

static void write_string(jv string, struct buf *out)
{
    const char *text = jv_string_value(string);
    size_t len = (size_t)jv_string_length_bytes(jv_copy(string));
    size_t start = 0;
    buf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_append(out, text + start, i - start);
        start = i + 1;
        switch (c) {
        case '"':
            buf_puts(out, "\\\"");
            break;
        case '\\':
            buf_puts(out, "\\\\");
            break;
        case '\b':
            buf_puts(out, "\\b");
            break;
        case '\f':
            buf_puts(out, "\\f");
            break;
        case '\n':
            buf_puts(out, "\\n");
            break;
        case '\r':
            buf_puts(out, "\\r");
            break;
        case '\t':
            buf_puts(out, "\\t");
            break;
        default:
            buf_printf(out, "\\u%04x", c);
        }
    }
    buf_append(out, text + start, len - start);
    buf_putc(out, '"');
    jv_free(string);
}

static void write_number(double number, struct buf *out)
{
    if (number == trunc(number) && fabs(number) < 9007199254740992.0) {
        buf_printf(out, "%lld", (long long)number);
        return;
    }
    /* A fraction can only come from a part that is kept verbatim for others: the shortest form
     * that reads back as the same double. */
    char text[64];
    for (int digits = 1; digits <= 17; digits++) {
        int n = snprintf(text, sizeof text, "%.*g", digits, number);
        if (n > 0 && strtod(text, NULL) == number)
            break;
    }
    buf_puts(out, text);
}

struct layout {
    bool pretty;
    int depth;
};

static void newline(const struct layout *layout, int depth, struct buf *out)
{
    if (!layout->pretty)
        return;
    buf_putc(out, '\n');
    for (int i = 0; i < depth; i++)
        buf_puts(out, "  ");
}

static void write_value(jv value, struct layout *layout, struct buf *out);

static void write_object(jv object, struct layout *layout, struct buf *out)
{
    struct keys keys = keys_of(object);
    buf_putc(out, '{');
    layout->depth++;
    for (size_t i = 0; i < keys.n; i++) {
        if (i)
            buf_putc(out, ',');
        newline(layout, layout->depth, out);
        write_string(jv_copy(keys.list[i]), out);
        buf_puts(out, layout->pretty ? ": " : ":");
        write_value(jv_object_get(jv_copy(object), jv_copy(keys.list[i])), layout, out);
    }
    layout->depth--;
    if (keys.n)
        newline(layout, layout->depth, out);
    buf_putc(out, '}');
    keys_free(&keys);
}

static void write_array(jv array, struct layout *layout, struct buf *out)
{
    int n = jv_array_length(jv_copy(array));
    buf_putc(out, '[');
    layout->depth++;
    for (int i = 0; i < n; i++) {
        if (i)
            buf_putc(out, ',');
        newline(layout, layout->depth, out);
        write_value(jv_array_get(jv_copy(array), i), layout, out);
    }
    layout->depth--;
    if (n)
        newline(layout, layout->depth, out);
    buf_putc(out, ']');
}

/* Recursion is bounded: json_parse refuses deep nesting, and what this project builds is flat. */
static void write_value(jv value, struct layout *layout, struct buf *out)
{
    switch (jv_get_kind(value)) {
    case JV_KIND_INVALID:
    case JV_KIND_NULL:
        buf_puts(out, "null");
        break;
    case JV_KIND_FALSE:
        buf_puts(out, "false");
        break;
    case JV_KIND_TRUE:
        buf_puts(out, "true");
        break;
    case JV_KIND_NUMBER:
        write_number(jv_number_value(value), out);
        break;
    case JV_KIND_STRING:
        write_string(jv_copy(value), out);
        break;
    case JV_KIND_ARRAY:
        write_array(value, layout, out);
        break;
    case JV_KIND_OBJECT:
        write_object(value, layout, out);
        break;
    }
    jv_free(value);
}

void json_write_canonical(const jv *value, struct buf *out)
{
    struct layout layout = {false, 0};
    write_value(jv_copy(*value), &layout, out);
}

void json_write_pretty(const jv *value, struct buf *out)
{
    struct layout layout = {true, 0};
    write_value(jv_copy(*value), &layout, out);
    buf_putc(out, '\n');
}

bool json_equal(const jv *a, const jv *b)
{
    return jv_equal(jv_copy(*a), jv_copy(*b)) != 0;
}

jv json_sorted_keys(const jv *object)
{
    jv list = jv_array();
    if (jv_get_kind(*object) != JV_KIND_OBJECT)
        return list;
    struct keys keys = keys_of(*object);
    for (size_t i = 0; i < keys.n; i++)
        list = jv_array_append(list, jv_copy(keys.list[i]));
    keys_free(&keys);
    return list;
}
