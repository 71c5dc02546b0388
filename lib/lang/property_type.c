#include "lang/property_type.h"

#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [SCALAR_STRING] = "String", [SCALAR_BLOB] = "Blob",         [SCALAR_BOOL] = "Bool",
    [SCALAR_I32] = "I32",       [SCALAR_I64] = "I64",           [SCALAR_U32] = "U32",
    [SCALAR_U64] = "U64",       [SCALAR_F32] = "F32",           [SCALAR_F64] = "F64",
    [SCALAR_DATE] = "Date",     [SCALAR_DATETIME] = "DateTime", [SCALAR_VECTOR] = "Vector",
};

const char *scalar_name(enum schema_scalar scalar)
{
    return names[scalar];
}

bool scalar_from_name(const char *name, size_t len, enum schema_scalar *out)
{
    for (enum schema_scalar s = SCALAR_STRING; s < SCALAR_VECTOR; s++) {
        if (strlen(names[s]) == len && memcmp(names[s], name, len) == 0) {
            *out = s;
            return true;
        }
    }
    return false;
}

bool scalar_is_integer(enum schema_scalar scalar)
{
    return scalar >= SCALAR_I32 && scalar <= SCALAR_U64;
}

bool scalar_is_number(enum schema_scalar scalar)
{
    return scalar_is_integer(scalar) || scalar == SCALAR_F32 || scalar == SCALAR_F64;
}

/* Reports that p->token names no type, with the nearest one that exists. */
static bool unknown_type(struct parser *p, const char *what)
{
    struct suggestion near;
    if (p->token.kind != TOKEN_TYPE && p->token.kind != TOKEN_NAME)
        return parser_expected(p, what);
    suggest_begin(&near, parser_text(p, &p->token));
    for (enum schema_scalar s = SCALAR_STRING; s <= SCALAR_VECTOR; s++)
        suggest_offer(&near, names[s]);
    suggest_offer(&near, "enum");
    char *text = xasprintf("%s%s", what, parser_hint(p, &near));
    parser_expected(p, text);
    free(text);
    return false;
}

static bool parse_scalar(struct parser *p, struct property_type *out, const char *what)
{
    if (p->token.kind != TOKEN_TYPE || !scalar_from_name(p->token.text, p->token.len, &out->scalar))
        return unknown_type(p, what);
    parser_advance(p);
    return true;
}

static bool parse_list(struct parser *p, struct property_type *out)
{
    parser_advance(p);
    struct position at = p->token.at;
    if (!parse_scalar(p, out, "a scalar type (a list holds scalars only)"))
        return false;
    if (out->scalar == SCALAR_BLOB)
        return parser_error(p, at, "a list cannot hold Blob");
    out->list = true;
    return parser_expect(p, TOKEN_RBRACKET, "\"]\"", NULL);
}

static bool parse_vector(struct parser *p, struct property_type *out)
{
    struct token length;
    parser_advance(p);
    if (!parser_expect(p, TOKEN_LPAREN, "\"(\" and the length of the vector", NULL) ||
        !parser_expect(p, TOKEN_INT, "the length of the vector, an integer", &length))
        return false;
    if (length.integer < 1 || length.integer > INT32_MAX)
        return parser_error(p, length.at, "the length of a vector is from 1 to %d", INT32_MAX);
    out->scalar = SCALAR_VECTOR;
    out->dimensions = (uint32_t)length.integer;
    return parser_expect(p, TOKEN_RPAREN, "\")\"", NULL);
}

struct word {
    const char *text;
    struct position at;
};

static int compare_words(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    if (order)
        return order;
    return x->at.offset < y->at.offset ? -1 : x->at.offset > y->at.offset;
}

/* Fills out->words and out->sorted_words; sorts `words`. */
static bool keep_words(struct parser *p, struct word *words, size_t count,
                       struct property_type *out)
{
    const char **in_order = arena_array(p->arena, count, sizeof *in_order);
    const char **sorted = arena_array(p->arena, count, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        in_order[i] = words[i].text;
    qsort(words, count, sizeof *words, compare_words);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = words[i].text;
        if (i && strcmp(sorted[i - 1], sorted[i]) == 0)
            return parser_error(p, words[i].at, "the enum has the word \"%s\" already", sorted[i]);
    }
    out->words = in_order;
    out->sorted_words = sorted;
    out->word_count = count;
    return true;
}

static bool parse_enum(struct parser *p, struct property_type *out)
{
    struct word *words = NULL;
    size_t count = 0, cap = 0;
    bool ok = false;
    out->scalar = SCALAR_STRING;
    parser_advance(p);
    if (!parser_expect(p, TOKEN_LPAREN, "\"(\" and the words of the enum", NULL))
        return false;
    do {
        lexer_word(&p->lexer, &p->token);
        if (!parser_at(p, TOKEN_WORD)) {
            parser_expected(p, "a word of the enum (letters, digits, \"_\" and \"-\")");
            goto out;
        }
        words = xgrow(words, count, &cap, sizeof *words);
        words[count].at = p->token.at;
        words[count++].text = parser_text(p, &p->token);
        parser_advance(p);
    } while (parser_accept(p, TOKEN_COMMA));
    ok = parser_expect(p, TOKEN_RPAREN, "\",\" or \")\"", NULL) && keep_words(p, words, count, out);
out:
    free(words);
    return ok;
}

bool property_type_parse(struct parser *p, bool allow_enum, struct property_type *out)
{
    bool ok;
    *out = (struct property_type){.scalar = SCALAR_STRING};
    if (parser_at(p, TOKEN_LBRACKET))
        ok = parse_list(p, out);
    else if (token_is(&p->token, TOKEN_TYPE, "Vector"))
        ok = parse_vector(p, out);
    else if (!parser_at_name(p, "enum"))
        ok = parse_scalar(p, out, "a type");
    else if (allow_enum)
        ok = parse_enum(p, out);
    else
        ok = parser_error(p, p->token.at, "an enum cannot stand here; use String");
    if (!ok)
        return false;
    out->nullable = parser_accept(p, TOKEN_QUESTION);
    return true;
}

bool property_type_equal(const struct property_type *a, const struct property_type *b)
{
    if (a->scalar != b->scalar || a->list != b->list || a->nullable != b->nullable ||
        a->dimensions != b->dimensions || a->word_count != b->word_count)
        return false;
    for (size_t i = 0; i < a->word_count; i++)
        if (strcmp(a->sorted_words[i], b->sorted_words[i]) != 0)
            return false;
    return true;
}

static int compare_word(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

bool property_type_has_word(const struct property_type *type, const char *word)
{
    return type->word_count && bsearch(word, type->sorted_words, type->word_count,
                                       sizeof *type->sorted_words, compare_word) != NULL;
}

char *property_type_text(const struct property_type *type)
{
    struct buf out = BUF_INIT;
    if (type->word_count) {
        for (size_t i = 0; i < type->word_count; i++)
            buf_printf(&out, "%s%s", i ? ", " : "enum(", type->words[i]);
        buf_putc(&out, ')');
    } else if (type->scalar == SCALAR_VECTOR) {
        buf_printf(&out, "Vector(%u)", type->dimensions);
    } else {
        buf_printf(&out, type->list ? "[%s]" : "%s", scalar_name(type->scalar));
    }
    if (type->nullable)
        buf_putc(&out, '?');
    return buf_detach(&out);
}

jv property_type_json(const struct property_type *type)
{
    jv out = jv_object();
    if (type->scalar == SCALAR_VECTOR) {
        jv vector = jv_object();
        json_set_int(&vector, "Vector", type->dimensions);
        json_set(&out, "scalar", vector);
    } else {
        json_set_string(&out, "scalar", scalar_name(type->scalar));
    }
    json_set_bool(&out, "nullable", type->nullable);
    json_set_bool(&out, "list", type->list);
    jv words = jv_null();
    if (type->word_count) {
        words = jv_array();
        for (size_t i = 0; i < type->word_count; i++)
            words = jv_array_append(words, jv_string(type->sorted_words[i]));
    }
    json_set(&out, "enum_values", words);
    return out;
}
