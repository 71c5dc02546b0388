#include "common/shape.h"

#include "common/digest.h"
#include "common/suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct shape shape_any = {.kind = SHAPE_ANY};
const struct shape shape_string = {.kind = SHAPE_STRING};
const struct shape shape_string_or_null = {.kind = SHAPE_STRING, .nullable = true};
const struct shape shape_int = {.kind = SHAPE_INT};
const struct shape shape_int_or_null = {.kind = SHAPE_INT, .nullable = true};
const struct shape shape_bool = {.kind = SHAPE_BOOL};
const struct shape shape_digest = {.kind = SHAPE_DIGEST};
const struct shape shape_digest_or_null = {.kind = SHAPE_DIGEST, .nullable = true};
const struct shape shape_strings = {.kind = SHAPE_ARRAY, .of = &shape_string};

static const char *expected(const struct shape *shape)
{
    switch (shape->kind) {
    case SHAPE_STRING:
    case SHAPE_WORD:
        return "a string";
    case SHAPE_INT:
        return "an integer from 0 to 2^53-1";
    case SHAPE_BOOL:
        return "true or false";
    case SHAPE_DIGEST:
        return "a SHA-256 digest (64 lower-case hexadecimal digits)";
    case SHAPE_ARRAY:
        return "an array";
    default:
        return "an object";
    }
}

static const char *found(const jv *value)
{
    switch (jv_get_kind(*value)) {
    case JV_KIND_NULL:
        return "null";
    case JV_KIND_FALSE:
        return "false";
    case JV_KIND_TRUE:
        return "true";
    case JV_KIND_NUMBER:
        return "a number";
    case JV_KIND_STRING:
        return "a string";
    case JV_KIND_ARRAY:
        return "an array";
    case JV_KIND_OBJECT:
        return "an object";
    default:
        return "nothing";
    }
}

/* The place of a value: its parents are on the stack of the recursion. */
struct place {
    const struct place *above;
    const char *key; /* NULL: an array element */
    int index;
};

static void place_write(const struct place *place, struct buf *out)
{
    if (!place)
        return;
    place_write(place->above, out);
    if (!place->key)
        buf_printf(out, "[%d]", place->index);
    else if (*place->key)
        buf_printf(out, "%s%s", out->len ? "." : "", place->key);
}

static bool refuse(const struct place *place, struct error *err, const char *what, const char *arg,
                   const char *more, const char *arg2)
{
    struct buf at = BUF_INIT;
    place_write(place, &at);
    error_set(err, NULL, "%s%s%s%s%s%s", buf_text(&at), at.len ? ": " : "", what, arg, more, arg2);
    buf_free(&at);
    return false;
}

static bool check(const jv *value, const struct shape *shape, const struct place *place,
                  struct error *err);

static bool check_int(const jv *value)
{
    if (jv_get_kind(*value) != JV_KIND_NUMBER)
        return false;
    double number = jv_number_value(*value);
    return number >= 0 && number < 9007199254740992.0 && number == trunc(number);
}

static const struct shape_field *field_named(const struct shape *shape, const char *name)
{
    for (const struct shape_field *f = shape->fields; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static bool refuse_unknown(const struct shape *shape, const char *name, const struct place *place,
                           struct error *err)
{
    struct suggestion near;
    suggest_begin(&near, name);
    for (const struct shape_field *f = shape->fields; f->name; f++)
        suggest_offer(&near, f->name);
    const char *best = suggest_best(&near);
    struct place at = {place, name, 0};
    return refuse(&at, err, "unknown field", "", best ? "; did you mean " : "", best ? best : "");
}

static bool check_object(const jv *value, const struct shape *shape, const struct place *place,
                         struct error *err)
{
    bool ok = true;
    for (const struct shape_field *f = shape->fields; ok && f->name; f++) {
        if (f->required && !json_has(value, f->name))
            ok = refuse(place, err, "required field ", f->name, " is missing", "");
    }
    for (int i = jv_object_iter(*value); ok && jv_object_iter_valid(*value, i);
         i = jv_object_iter_next(*value, i)) {
        jv key = jv_object_iter_key(*value, i);
        const struct shape_field *f = field_named(shape, jv_string_value(key));
        if (f) {
            jv member = jv_object_iter_value(*value, i);
            struct place at = {place, f->name, 0};
            ok = check(&member, f->shape, &at, err);
            jv_free(member);
        } else if (!shape->open) {
            ok = refuse_unknown(shape, jv_string_value(key), place, err);
        }
        jv_free(key);
    }
    return ok;
}

static bool check_map(const jv *value, const struct shape *shape, const struct place *place,
                      struct error *err)
{
    bool ok = true;
    for (int i = jv_object_iter(*value); ok && jv_object_iter_valid(*value, i);
         i = jv_object_iter_next(*value, i)) {
        jv key = jv_object_iter_key(*value, i);
        jv member = jv_object_iter_value(*value, i);
        struct place at = {place, jv_string_value(key), 0};
        ok = check(&member, shape->of, &at, err);
        jv_free(member);
        jv_free(key);
    }
    return ok;
}

static bool check_array(const jv *value, const struct shape *shape, const struct place *place,
                        struct error *err)
{
    bool ok = true;
    int n = jv_array_length(jv_copy(*value));
    for (int i = 0; ok && i < n; i++) {
        jv member = jv_array_get(jv_copy(*value), i);
        struct place at = {place, NULL, i};
        ok = check(&member, shape->of, &at, err);
        jv_free(member);
    }
    return ok;
}

static bool check_word(const jv *value, const struct shape *shape, const struct place *place,
                       struct error *err)
{
    const char *text = jv_string_value(*value);
    for (const char *const *w = shape->words; *w; w++)
        if (strcmp(*w, text) == 0)
            return true;
    struct buf known = BUF_INIT;
    for (const char *const *w = shape->words; *w; w++)
        buf_printf(&known, "%s%s", known.len ? ", " : "", *w);
    refuse(place, err, "expected one of ", buf_text(&known), "; found ", text);
    buf_free(&known);
    return false;
}

static bool check(const jv *value, const struct shape *shape, const struct place *place,
                  struct error *err)
{
    jv_kind kind = jv_get_kind(*value);
    if (shape->kind == SHAPE_ANY || (shape->nullable && kind == JV_KIND_NULL))
        return true;
    bool fits;
    switch (shape->kind) {
    case SHAPE_STRING:
    case SHAPE_WORD:
        fits = kind == JV_KIND_STRING;
        break;
    case SHAPE_INT:
        fits = check_int(value);
        break;
    case SHAPE_BOOL:
        fits = kind == JV_KIND_TRUE || kind == JV_KIND_FALSE;
        break;
    case SHAPE_DIGEST:
        fits = kind == JV_KIND_STRING && digest_is_hex(jv_string_value(*value));
        break;
    case SHAPE_ARRAY:
        fits = kind == JV_KIND_ARRAY;
        break;
    default:
        fits = kind == JV_KIND_OBJECT;
    }
    if (!fits)
        return refuse(place, err, "expected ", expected(shape), ", found ", found(value));
    switch (shape->kind) {
    case SHAPE_WORD:
        return check_word(value, shape, place, err);
    case SHAPE_OBJECT:
        return check_object(value, shape, place, err);
    case SHAPE_MAP:
        return check_map(value, shape, place, err);
    case SHAPE_ARRAY:
        return check_array(value, shape, place, err);
    default:
        return true;
    }
}

bool shape_check(const jv *value, const struct shape *shape, const char *where, struct error *err)
{
    struct place top = {NULL, where, 0};
    return check(value, shape, &top, err);
}
