#include "common/json.h"

#include "common/utf8.h"
#include "common/xalloc.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* libjq reads the literal `nan` and numbers beyond a double; JSON has neither. */
static bool all_finite(jv value)
{
    bool ok = true;
    if (jv_get_kind(value) == JV_KIND_NUMBER) {
        ok = isfinite(jv_number_value(value));
    } else if (jv_get_kind(value) == JV_KIND_ARRAY) {
        for (int i = 0, n = jv_array_length(jv_copy(value)); ok && i < n; i++)
            ok = all_finite(jv_array_get(jv_copy(value), i));
    } else if (jv_get_kind(value) == JV_KIND_OBJECT) {
        for (int i = jv_object_iter(value); ok && jv_object_iter_valid(value, i);
             i = jv_object_iter_next(value, i))
            ok = all_finite(jv_object_iter_value(value, i));
    }
    jv_free(value);
    return ok;
}

/* libjq ends a message with "at line L, column C (while parsing '…the whole text…')"; keep the
 * part that a person wants. */
static void set_parse_error(struct error *err, jv message)
{
    if (jv_get_kind(message) != JV_KIND_STRING) {
        error_set(err, NULL, "not valid JSON");
    } else {
        const char *text = jv_string_value(message);
        const char *tail = strstr(text, " (while parsing");
        int len = tail ? (int)(tail - text) : (int)strlen(text);
        error_set(err, NULL, "not valid JSON: %.*s", len > 300 ? 300 : len, text);
    }
    jv_free(message);
}

static bool is_blank(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n'))
        i++;
    return i == len;
}

jv json_parse(const char *text, size_t len, struct error *err)
{
    if (len > INT_MAX - 1) {
        error_set(err, NULL, "not valid JSON: larger than 2 GiB");
        return jv_invalid();
    }
    size_t bad = utf8_check(text, len);
    if (bad < len) {
        error_set(err, NULL, "not UTF-8: byte 0x%02x at offset %zu", (unsigned char)text[bad], bad);
        return jv_invalid();
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        error_set(err, NULL, "not valid JSON: it starts with a byte order mark");
        return jv_invalid();
    }
    if (memchr(text, '\0', len)) {
        error_set(err, NULL, "not valid JSON: it holds a NUL byte");
        return jv_invalid();
    }
    if (is_blank(text, len)) {
        error_set(err, NULL, "not valid JSON: it is empty");
        return jv_invalid();
    }
    jv value = jv_parse_sized(text, (int)len);
    if (!jv_is_valid(value)) {
        if (jv_invalid_has_msg(jv_copy(value))) {
            set_parse_error(err, jv_invalid_get_msg(value));
        } else {
            jv_free(value);
            error_set(err, NULL, "not valid JSON: it is empty");
        }
        return jv_invalid();
    }
    if (!all_finite(jv_copy(value))) {
        jv_free(value);
        error_set(err, NULL, "not valid JSON: a number is out of range or NaN");
        return jv_invalid();
    }
    return value;
}

bool json_has(const jv *object, const char *key)
{
    if (jv_get_kind(*object) != JV_KIND_OBJECT)
        return false;
    return jv_object_has(jv_copy(*object), jv_string(key));
}

jv json_get(const jv *object, const char *key)
{
    if (jv_get_kind(*object) != JV_KIND_OBJECT)
        return jv_invalid();
    return jv_object_get(jv_copy(*object), jv_string(key));
}

const char *json_peek_string(const jv *object, const char *key)
{
    jv member = json_get(object, key);
    const char *text = NULL;
    if (jv_get_kind(member) == JV_KIND_STRING)
        text = jv_string_value(member);
    jv_free(member); /* the object still holds it */
    return text;
}

bool json_peek_bool(const jv *object, const char *key, bool otherwise)
{
    jv member = json_get(object, key);
    jv_kind kind = jv_get_kind(member);
    jv_free(member);
    return kind == JV_KIND_TRUE ? true : kind == JV_KIND_FALSE ? false : otherwise;
}

int64_t json_peek_int(const jv *object, const char *key, int64_t otherwise)
{
    jv member = json_get(object, key);
    if (jv_get_kind(member) == JV_KIND_NUMBER) {
        double number = jv_number_value(member);
        if (number >= -9007199254740992.0 && number <= 9007199254740992.0)
            otherwise = (int64_t)number;
    }
    jv_free(member);
    return otherwise;
}

bool json_string_is(const jv *object, const char *key, const char *text)
{
    const char *is = json_peek_string(object, key);
    return is && strcmp(is, text) == 0;
}

void json_set(jv *object, const char *key, jv value)
{
    *object = jv_object_set(*object, jv_string(key), value);
}

jv json_string_or_null(const char *text)
{
    return text ? jv_string(text) : jv_null();
}

void json_set_string(jv *object, const char *key, const char *text)
{
    json_set(object, key, json_string_or_null(text));
}

void json_set_int(jv *object, const char *key, int64_t number)
{
    json_set(object, key, jv_number((double)number));
}

void json_set_bool(jv *object, const char *key, bool value)
{
    json_set(object, key, jv_bool(value));
}

void json_delete(jv *object, const char *key)
{
    *object = jv_object_delete(*object, jv_string(key));
}

jv json_take(jv *object, const char *key)
{
    jv member = json_get(object, key);
    /* The object must let go, or the first change of the member would copy all of it. */
    if (jv_is_valid(member))
        json_set(object, key, jv_null());
    return member;
}

void json_append(jv *object, const char *key, jv value)
{
    jv array = json_take(object, key);
    if (jv_get_kind(array) != JV_KIND_ARRAY) {
        jv_free(array);
        array = jv_array();
    }
    json_set(object, key, jv_array_append(array, value));
}
