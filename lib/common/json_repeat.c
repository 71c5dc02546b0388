#include "common/json_repeat.h"

#include "common/printable.h"
#include "common/xalloc.h"

#include <string.h>

/* Beyond what json_parse() takes. */
enum { DEEPEST = 300 };

/* The offset of the quote that ends the string which begins at `at`. */
static size_t string_end(const char *text, size_t len, size_t at)
{
    for (at++; at < len && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at;
}

static size_t names_in_text(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t at = 0; at < len; at++) {
        if (text[at] == '"')
            at = string_end(text, len, at);
        else
            n += text[at] == ':';
    }
    return n;
}

/* Bounded by the depth that json_parse() takes. */
static size_t names_in_value(jv value)
{
    size_t n = 0;
    if (jv_get_kind(value) == JV_KIND_OBJECT) {
        for (int i = jv_object_iter(value); jv_object_iter_valid(value, i);
             i = jv_object_iter_next(value, i))
            n += 1 + names_in_value(jv_object_iter_value(value, i));
    } else if (jv_get_kind(value) == JV_KIND_ARRAY) {
        for (int i = 0, all = jv_array_length(jv_copy(value)); i < all; i++)
            n += names_in_value(jv_array_get(jv_copy(value), i));
    }
    jv_free(value);
    return n;
}

static bool is_name(const char *text, size_t len, size_t end)
{
    size_t after = end + 1;
    while (after < len && strchr(" \t\r\n", text[after]))
        after++;
    return after < len && text[after] == ':';
}

/* Adds the name to those of its object. If it is there already, returns it. */
static char *note_name(jv *names, const char *token, size_t len)
{
    jv name = jv_parse_sized(token, (int)len);
    const char *plain = jv_get_kind(name) == JV_KIND_STRING ? jv_string_value(name) : "";
    char *again = json_has(names, plain) ? printable(plain) : NULL;
    json_set_bool(names, plain, true);
    jv_free(name);
    return again;
}

static char *find(const char *text, size_t len)
{
    jv names[DEEPEST]; /* of the objects that are open; of a list none */
    size_t depth = 0;
    char *again = NULL;
    for (size_t at = 0; at < len && !again && depth < DEEPEST; at++) {
        if (text[at] == '{' || text[at] == '[') {
            names[depth++] = jv_object();
        } else if ((text[at] == '}' || text[at] == ']') && depth > 0) {
            jv_free(names[--depth]);
        } else if (text[at] == '"') {
            size_t end = string_end(text, len, at);
            if (depth > 0 && is_name(text, len, end))
                again = note_name(&names[depth - 1], text + at, end + 1 - at);
            at = end;
        }
    }
    while (depth > 0)
        jv_free(names[--depth]);
    return again ? again : xstrdup("(a name with an escaped NUL)");
}

char *json_repeated_name(const char *text, size_t len, const jv *value)
{
    if (names_in_text(text, len) == names_in_value(jv_copy(*value)))
        return NULL;
    return find(text, len);
}
