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

struct member {
    jv key, value; /* owned */
    const char *text;
    size_t len;
};

enum { FEW = 16 };

struct members {
    struct member few[FEW]; /* most objects are small */
    struct member *list;
    size_t n;
};

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    return compare_utf16(x->text, x->len, y->text, y->len);
}

/* The members of an object, sorted. libjq keeps them in the order in which they came: those of a
 * document that is canonical already need no sorting. */
static void members_of(const jv *object, struct members *members)
{
    size_t count = (size_t)jv_object_length(jv_copy(*object));
    bool sorted = true;
    members->list = count > FEW ? xcalloc(count, sizeof *members->list) : members->few;
    members->n = 0;
    for (int i = jv_object_iter(*object); jv_object_iter_valid(*object, i);
         i = jv_object_iter_next(*object, i)) {
        struct member *m = &members->list[members->n];
        m->key = jv_object_iter_key(*object, i);
        m->value = jv_object_iter_value(*object, i);
        m->text = jv_string_value(m->key);
        m->len = (size_t)jv_string_length_bytes(jv_copy(m->key));
        sorted = sorted && (members->n == 0 || compare_members(m - 1, m) < 0);
        members->n++;
    }
    if (!sorted)
        qsort(members->list, members->n, sizeof *members->list, compare_members);
}

static void members_free(struct members *members)
{
    for (size_t i = 0; i < members->n; i++) {
        jv_free(members->list[i].key);
        jv_free(members->list[i].value);
    }
    if (members->list != members->few)
        free(members->list);
}

static void write_string(const char *text, size_t len, struct buf *out)
{
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

static void write_value(const jv *value, struct layout *layout, struct buf *out);

static void write_object(const jv *object, struct layout *layout, struct buf *out)
{
    struct members members;
    members_of(object, &members);
    buf_putc(out, '{');
    layout->depth++;
    for (size_t i = 0; i < members.n; i++) {
        const struct member *m = &members.list[i];
        if (i)
            buf_putc(out, ',');
        newline(layout, layout->depth, out);
        write_string(m->text, m->len, out);
        buf_puts(out, layout->pretty ? ": " : ":");
        write_value(&m->value, layout, out);
    }
    layout->depth--;
    if (members.n)
        newline(layout, layout->depth, out);
    buf_putc(out, '}');
    members_free(&members);
}

static void write_array(const jv *array, struct layout *layout, struct buf *out)
{
    int n = jv_array_length(jv_copy(*array));
    buf_putc(out, '[');
    layout->depth++;
    for (int i = 0; i < n; i++) {
        jv element = jv_array_get(jv_copy(*array), i);
        if (i)
            buf_putc(out, ',');
        newline(layout, layout->depth, out);
        write_value(&element, layout, out);
        jv_free(element);
    }
    layout->depth--;
    if (n)
        newline(layout, layout->depth, out);
    buf_putc(out, ']');
}

/* Recursion is bounded: json_parse refuses deep nesting, and what this project builds is flat. */
static void write_value(const jv *value, struct layout *layout, struct buf *out)
{
    switch (jv_get_kind(*value)) {
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
        write_number(jv_number_value(*value), out);
        break;
    case JV_KIND_STRING:
        write_string(jv_string_value(*value), (size_t)jv_string_length_bytes(jv_copy(*value)), out);
        break;
    case JV_KIND_ARRAY:
        write_array(value, layout, out);
        break;
    case JV_KIND_OBJECT:
        write_object(value, layout, out);
        break;
    }
}

void json_write_canonical(const jv *value, struct buf *out)
{
    struct layout layout = {false, 0};
    write_value(value, &layout, out);
}

void json_write_pretty(const jv *value, struct buf *out)
{
    struct layout layout = {true, 0};
    write_value(value, &layout, out);
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
    struct members members;
    members_of(object, &members);
    for (size_t i = 0; i < members.n; i++)
        list = jv_array_append(list, jv_copy(members.list[i].key));
    members_free(&members);
    return list;
}
