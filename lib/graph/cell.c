#include "graph/cell.h"

#include "common/xalloc.h"
#include "common/yajl_memory.h"
#include "graph/check.h"
#include "graph/moment.h"
#include "graph/number.h"

#include <inttypes.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* Always false, with "prop …" in why. */
static bool refuse(const struct cell_rule *rule, struct buf *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(const struct cell_rule *rule, struct buf *why, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    buf_printf(why, "%s ", rule->property->name);
    buf_vprintf(why, format, ap);
    va_end(ap);
    return false;
}

/* How much of a text a message shows. */
static int shown(size_t len)
{
    return len > 60 ? 60 : (int)len;
}

static bool say_wrong_type(const struct cell_rule *rule, struct buf *why,
                           const struct jtoken *token, bool item)
{
    static const char *const words[] = {
        [JTOKEN_NULL] = "null",        [JTOKEN_FALSE] = "false",     [JTOKEN_TRUE] = "true",
        [JTOKEN_NUMBER] = "a number",  [JTOKEN_STRING] = "a string", [JTOKEN_LIST] = "a list",
        [JTOKEN_OBJECT] = "an object", [JTOKEN_END] = "nothing",
    };
    char *type = property_type_text(&rule->property->type);
    refuse(rule, why, item ? "is %s, and one of its items is %s" : "is %s, found %s", type,
           words[token->kind]);
    free(type);
    return false;
}

/* Not a list where one belongs, though the type is one. */
static bool no_list(const struct cell_rule *rule, struct buf *why, const struct jtoken *token)
{
    return say_wrong_type(rule, why, token, false);
}

/* A scalar, or an item of a list or a vector, of the wrong type. */
static bool wrong_type(const struct cell_rule *rule, struct buf *why, const struct jtoken *token)
{
    const struct property_type *type = &rule->property->type;
    return say_wrong_type(rule, why, token, type->list || type->scalar == SCALAR_VECTOR);
}

static void set_text(struct cell *cell, const char *text, size_t len)
{
    cell->kind = CELL_TEXT;
    cell->data = text;
    cell->len = len;
}

/* The bounds of integers that a type may hold; U64 as far as SQLite's integers go. */
static bool integer_fits(enum schema_scalar scalar, int64_t value)
{
    switch (scalar) {
    case SCALAR_I32:
        return value >= INT32_MIN && value <= INT32_MAX;
    case SCALAR_U32:
        return value >= 0 && value <= UINT32_MAX;
    case SCALAR_U64:
        return value >= 0;
    default:
        return true;
    }
}

static bool take_integer(const struct cell_rule *rule, const struct jtoken *token,
                         struct cell *cell, struct buf *why)
{
    if (token->kind != JTOKEN_NUMBER)
        return wrong_type(rule, why, token);
    enum schema_scalar scalar = rule->property->type.scalar;
    enum number_class class = number_integer(token->text, token->len, &cell->integer);
    if (class == NUMBER_FRACTION)
        return refuse(rule, why, "is %s, and this is no integer: %.*s", scalar_name(scalar),
                      shown(token->len), token->text);
    if (class == NUMBER_TOO_LARGE && scalar == SCALAR_U64 && *token->text != '-')
        return refuse(rule, why,
                      "is beyond 9223372036854775807, the largest U64 that this "
                      "engine stores");
    if (class == NUMBER_TOO_LARGE || !integer_fits(scalar, cell->integer))
        return refuse(rule, why, "is out of the range of %s: %.*s", scalar_name(scalar),
                      shown(token->len), token->text);
    cell->kind = CELL_INTEGER;
    return true;
}

static bool take_float(const struct cell_rule *rule, const struct jtoken *token, bool single,
                       struct cell *cell, struct buf *why)
{
    if (token->kind != JTOKEN_NUMBER)
        return wrong_type(rule, why, token);
    double value = strtod(token->text, NULL);
    /* To the nearest float32 at once: by way of a double it would be rounded twice. */
    if (single)
        value = (double)strtof(token->text, NULL);
    if (!isfinite(value))
        return refuse(rule, why, "is out of the range of %s: %.*s", single ? "F32" : "F64",
                      shown(token->len), token->text);
    cell->kind = CELL_REAL;
    cell->real = value == 0 ? 0 : value; /* SQLite keeps no -0.0 */
    return true;
}

static bool has_word(const struct property_type *type, const char *text, size_t len)
{
    for (size_t low = 0, high = type->word_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        const char *word = type->sorted_words[middle];
        int order = strncmp(text, word, len);
        if (order == 0 && word[len])
            order = -1;
        if (order == 0)
            return memchr(text, '\0', len) == NULL;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

static bool take_string(const struct cell_rule *rule, const struct jtoken *token, struct cell *cell,
                        struct buf *why)
{
    if (token->kind != JTOKEN_STRING)
        return wrong_type(rule, why, token);
    const struct property_type *type = &rule->property->type;
    if (type->word_count && !has_word(type, token->text, token->len))
        return refuse(rule, why, "is none of its enum's words: \"%.*s\"", shown(token->len),
                      token->text);
    set_text(cell, token->text, token->len);
    return true;
}

static bool take_date(const struct cell_rule *rule, const struct jtoken *token, struct cell *cell,
                      struct buf *why)
{
    if (token->kind != JTOKEN_STRING)
        return wrong_type(rule, why, token);
    if (!moment_date_is_valid(token->text, token->len))
        return refuse(rule, why, "is no date YYYY-MM-DD: \"%.*s\"", shown(token->len), token->text);
    set_text(cell, token->text, token->len);
    return true;
}

static bool take_datetime(const struct cell_rule *rule, const struct jtoken *token,
                          struct cell *cell, struct buf *why)
{
    struct moment moment;
    if (token->kind != JTOKEN_STRING)
        return wrong_type(rule, why, token);
    if (!moment_parse(token->text, token->len, &moment))
        return refuse(rule, why, "is no RFC 3339 time of at most nine digits of fraction: \"%.*s\"",
                      shown(token->len), token->text);
    buf_clear(&cell->own);
    buf_append(&cell->own, moment.text, MOMENT_LEN);
    set_text(cell, cell->own.data, MOMENT_LEN);
    return true;
}

/* Strict base64 (RFC 4648, section 4): padded, no white space; then OpenSSL decodes it. */
static bool take_blob(const struct cell_rule *rule, const struct jtoken *token, struct cell *cell,
                      struct buf *why)
{
    if (token->kind != JTOKEN_STRING)
        return wrong_type(rule, why, token);
    size_t len = token->len, padding = 0;
    while (padding < 2 && padding < len && token->text[len - 1 - padding] == '=')
        padding++;
    size_t body = 0;
    while (body < len - padding &&
           (memchr("+/", token->text[body], 2) ||
            (token->text[body] >= '0' && token->text[body] <= '9') ||
            ((token->text[body] | 32) >= 'a' && (token->text[body] | 32) <= 'z')))
        body++;
    if (len % 4 != 0 || body != len - padding)
        return refuse(rule, why, "is no base64 text");
    buf_clear(&cell->own);
    char *to = buf_reserve(&cell->own, len + 1);
    int n = EVP_DecodeBlock((unsigned char *)to, (const unsigned char *)token->text, (int)len);
    if (n < (int)padding)
        return refuse(rule, why, "is no base64 text");
    cell->own.len = (size_t)n - padding;
    cell->kind = CELL_BLOB;
    cell->data = to;
    cell->len = cell->own.len;
    return true;
}

static bool take_vector(const struct cell_rule *rule, const struct jtoken *tokens, size_t count,
                        struct cell *cell, struct buf *why)
{
    uint32_t dimensions = rule->property->type.dimensions;
    if (tokens->kind != JTOKEN_LIST)
        return no_list(rule, why, tokens);
    buf_clear(&cell->own);
    for (size_t i = 1; i + 1 < count; i++) {
        struct cell item = {0};
        if (!take_float(rule, &tokens[i], true, &item, why))
            return false;
        float value = (float)item.real;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        const unsigned char bytes[4] = {(unsigned char)bits, (unsigned char)(bits >> 8),
                                        (unsigned char)(bits >> 16), (unsigned char)(bits >> 24)};
        buf_append(&cell->own, bytes, sizeof bytes);
    }
    if (count - 2 != dimensions)
        return refuse(rule, why, "has %zu numbers, its vector %" PRIu32, count - 2, dimensions);
    cell->kind = CELL_BLOB;
    cell->data = cell->own.data;
    cell->len = cell->own.len;
    return true;
}

static bool take_scalar(const struct cell_rule *rule, const struct jtoken *token, struct cell *cell,
                        struct buf *why)
{
    switch (rule->property->type.scalar) {
    case SCALAR_STRING:
        return take_string(rule, token, cell, why);
    case SCALAR_BLOB:
        return take_blob(rule, token, cell, why);
    case SCALAR_BOOL:
        if (token->kind != JTOKEN_TRUE && token->kind != JTOKEN_FALSE)
            return wrong_type(rule, why, token);
        cell->kind = CELL_INTEGER;
        cell->integer = token->kind == JTOKEN_TRUE;
        return true;
    case SCALAR_I32:
    case SCALAR_I64:
    case SCALAR_U32:
    case SCALAR_U64:
        return take_integer(rule, token, cell, why);
    case SCALAR_F32:
    case SCALAR_F64:
        return take_float(rule, token, rule->property->type.scalar == SCALAR_F32, cell, why);
    case SCALAR_DATE:
        return take_date(rule, token, cell, why);
    case SCALAR_DATETIME:
        return take_datetime(rule, token, cell, why);
    case SCALAR_VECTOR:
        break;
    }
    return wrong_type(rule, why, token);
}

static void write_item(yajl_gen gen, const struct property_type *type, const struct cell *item)
{
    const struct number_text number = type->scalar == SCALAR_F32
                                          ? number_shortest_f32((float)item->real)
                                          : number_shortest(item->real);
    switch (item->kind) {
    case CELL_INTEGER:
        if (type->scalar == SCALAR_BOOL)
            (void)yajl_gen_bool(gen, item->integer != 0);
        else
            (void)yajl_gen_integer(gen, item->integer);
        break;
    case CELL_REAL:
        (void)yajl_gen_number(gen, number.text, strlen(number.text));
        break;
    case CELL_TEXT: {
        struct buf text = BUF_INIT;
        cell_append_id(item, type, &text); /* a DateTime in its short form */
        (void)yajl_gen_string(gen, (const unsigned char *)buf_text(&text), text.len);
        buf_free(&text);
        break;
    }
    case CELL_ABSENT:
    case CELL_NULL:
    case CELL_BLOB:
        break; /* a list holds none */
    }
}

/* A list is stored as a JSON array of its checked items, as an export writes it. */
static bool take_list(const struct cell_rule *rule, const struct jtoken *tokens, size_t count,
                      struct cell *cell, struct buf *why)
{
    if (tokens->kind != JTOKEN_LIST)
        return no_list(rule, why, tokens);
    yajl_alloc_funcs memory = yajl_memory();
    yajl_gen gen = yajl_gen_alloc(&memory);
    struct cell item = {0};
    (void)yajl_gen_array_open(gen);
    bool ok = true;
    for (size_t i = 1; ok && i + 1 < count; i++) {
        ok = tokens[i].kind == JTOKEN_LIST || tokens[i].kind == JTOKEN_OBJECT
                 ? wrong_type(rule, why, &tokens[i])
                 : take_scalar(rule, &tokens[i], &item, why);
        if (ok)
            write_item(gen, &rule->property->type, &item);
    }
    (void)yajl_gen_array_close(gen);
    if (ok) {
        const unsigned char *text;
        size_t len;
        (void)yajl_gen_get_buf(gen, &text, &len);
        buf_clear(&cell->own);
        buf_append(&cell->own, text, len);
        set_text(cell, cell->own.data, len);
    }
    yajl_gen_free(gen);
    cell_free(&item);
    return ok;
}

bool cell_check_absent(const struct cell_rule *rule, struct buf *why)
{
    return rule->property->type.nullable || refuse(rule, why, "is missing; it is not nullable");
}

bool cell_from_json(const struct cell_rule *rule, const struct jtoken *tokens, size_t count,
                    struct cell *cell, struct buf *why)
{
    const struct property_type *type = &rule->property->type;
    cell->kind = CELL_NULL;
    if (tokens->kind == JTOKEN_NULL)
        return type->nullable || refuse(rule, why, "is null; it is not nullable");
    if (type->list)
        return take_list(rule, tokens, count, cell, why);
    if (type->scalar == SCALAR_VECTOR)
        return take_vector(rule, tokens, count, cell, why);
    bool ok = take_scalar(rule, tokens, cell, why) && check_value(rule, cell, why);
    if (!ok)
        cell->kind = CELL_NULL;
    return ok;
}

void cell_bind(const struct cell *cell, sqlite3_stmt *stmt, int index)
{
    /* Binding fails only for a wrong index or a length beyond 2^31, which no line has. */
    switch (cell->kind) {
    case CELL_ABSENT:
    case CELL_NULL:
        (void)sqlite3_bind_null(stmt, index);
        break;
    case CELL_INTEGER:
        (void)sqlite3_bind_int64(stmt, index, cell->integer);
        break;
    case CELL_REAL:
        (void)sqlite3_bind_double(stmt, index, cell->real);
        break;
    case CELL_TEXT:
        (void)sqlite3_bind_text64(stmt, index, cell->data, cell->len, SQLITE_STATIC, SQLITE_UTF8);
        break;
    case CELL_BLOB:
        (void)sqlite3_bind_blob64(stmt, index, cell->len ? cell->data : "", cell->len,
                                  SQLITE_STATIC);
        break;
    }
}

void cell_append_id(const struct cell *cell, const struct property_type *type, struct buf *out)
{
    if (cell->kind == CELL_INTEGER && type->scalar == SCALAR_BOOL)
        buf_puts(out, cell->integer ? "true" : "false");
    else if (cell->kind == CELL_INTEGER)
        buf_printf(out, "%" PRId64, cell->integer);
    else if (cell->kind == CELL_REAL)
        buf_puts(out, type->scalar == SCALAR_F32 ? number_shortest_f32((float)cell->real).text
                                                 : number_shortest(cell->real).text);
    else if (cell->kind == CELL_TEXT && type->scalar == SCALAR_DATETIME) {
        buf_append(out, cell->data, moment_short_len(cell->data, cell->len));
        buf_putc(out, 'Z');
    } else if (cell->kind == CELL_TEXT)
        buf_append(out, cell->data, cell->len);
}

void cell_free(struct cell *cell)
{
    buf_free(&cell->own);
    *cell = (struct cell){0};
}
