#include "graph/datum.h"

#include "common/utf8.h"
#include "common/xalloc.h"
#include "common/yajl_memory.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

/* Which key of the line itself a value belongs to. */
enum field { FIELD_TYPE, FIELD_EDGE, FIELD_ID, FIELD_FROM, FIELD_TO, FIELD_DATA, FIELDS };
static const char *const field_names[FIELDS] = {"type", "edge", "id", "from", "to", "data"};

struct parse {
    struct datum *datum;
    const char *line;
    size_t len;
    struct buf *why;
    int depth; /* 1: in the line's object, 2: in data */
    enum field field;
    bool in_data;
    unsigned seen; /* bits of enum field */
};

static int refuse(struct parse *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Stops yajl; the reason is kept. */
static int refuse(struct parse *p, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    if (p->why->len == 0)
        buf_vprintf(p->why, format, ap);
    va_end(ap);
    return 0;
}

/* yajl gives a slice of the line, or of a buffer of its own when it had to decode escapes. */
static const char *keep(struct parse *p, const unsigned char *text, size_t len)
{
    const char *at = (const char *)text;
    if (at >= p->line && at < p->line + p->len)
        return at;
    struct buf *decoded = &p->datum->decoded; /* has room for the line: it does not move */
    const char *copy = decoded->data + decoded->len;
    buf_append(decoded, text, len);
    return copy;
}

static void add_token(struct parse *p, enum jtoken_kind kind, const char *text, size_t len)
{
    struct datum *r = p->datum;
    if (r->token_count == r->token_cap)
        r->tokens = xgrow(r->tokens, r->token_count, &r->token_cap, sizeof *r->tokens);
    r->tokens[r->token_count++] = (struct jtoken){text, (uint32_t)len, kind};
    if (r->member_count)
        r->members[r->member_count - 1].count++;
}

static struct slice *slice_of(struct datum *r, enum field field)
{
    switch (field) {
    case FIELD_TYPE:
        return &r->type;
    case FIELD_EDGE:
        return &r->edge;
    case FIELD_ID:
        return &r->id;
    case FIELD_FROM:
        return &r->from;
    case FIELD_TO:
        return &r->to;
    case FIELD_DATA:
    case FIELDS:
        break;
    }
    return NULL;
}

/* Any value: a scalar, or the beginning of a list or an object. */
static int take_value(struct parse *p, enum jtoken_kind kind, const char *text, size_t len)
{
    if (p->depth == 0)
        return refuse(p, "expected an object like {\"type\": \"Person\", \"data\": {…}}");
    if (p->in_data) {
        add_token(p, kind, text, len);
        return 1;
    }
    if (p->field == FIELD_DATA)
        return refuse(p, "\"data\" must be an object");
    if (kind != JTOKEN_STRING)
        return refuse(p, "\"%s\" must be a string", field_names[p->field]);
    *slice_of(p->datum, p->field) = (struct slice){text, len};
    return 1;
}

static int on_null(void *context)
{
    return take_value(context, JTOKEN_NULL, "", 0);
}

static int on_boolean(void *context, int value)
{
    return take_value(context, value ? JTOKEN_TRUE : JTOKEN_FALSE, "", 0);
}

static int on_number(void *context, const char *text, size_t len)
{
    return take_value(context, JTOKEN_NUMBER, keep(context, (const unsigned char *)text, len), len);
}

static int on_string(void *context, const unsigned char *text, size_t len)
{
    return take_value(context, JTOKEN_STRING, keep(context, text, len), len);
}

static int deeper(struct parse *p)
{
    return ++p->depth <= DATUM_DEPTH || refuse(p, "nested more than %d deep", DATUM_DEPTH);
}

static int on_start_map(void *context)
{
    struct parse *p = context;
    if (p->depth == 0)
        return deeper(p);
    if (p->depth == 1 && p->field == FIELD_DATA) {
        p->in_data = true;
        return deeper(p);
    }
    return take_value(p, JTOKEN_OBJECT, "", 0) && deeper(p);
}

static int on_end_map(void *context)
{
    struct parse *p = context;
    p->depth--;
    if (p->depth == 1 && p->in_data)
        p->in_data = false;
    else if (p->depth > 1)
        add_token(p, JTOKEN_END, "", 0);
    return 1;
}

static int on_start_array(void *context)
{
    return take_value(context, JTOKEN_LIST, "", 0) && deeper(context);
}

static int on_end_array(void *context)
{
    struct parse *p = context;
    p->depth--;
    add_token(p, JTOKEN_END, "", 0);
    return 1;
}

static int take_field(struct parse *p, const char *name, size_t len)
{
    for (unsigned i = 0; i < FIELDS; i++) {
        if (strlen(field_names[i]) != len || memcmp(field_names[i], name, len) != 0)
            continue;
        if (p->seen & 1u << i)
            return refuse(p, "\"%s\" stands there twice", field_names[i]);
        p->seen |= 1u << i;
        p->field = (enum field)i;
        return 1;
    }
    return refuse(p, "unknown key \"%.*s\"; there are type, id, edge, from, to and data",
                  (int)(len > 60 ? 60 : len), name);
}

static int on_key(void *context, const unsigned char *text, size_t len)
{
    struct parse *p = context;
    if (p->depth == 1)
        return take_field(p, (const char *)text, len);
    const char *name = keep(p, text, len);
    if (p->depth > 2) {
        add_token(p, JTOKEN_STRING, name, len);
        return 1;
    }
    struct datum *r = p->datum;
    if (r->member_count == r->member_cap)
        r->members = xgrow(r->members, r->member_count, &r->member_cap, sizeof *r->members);
    r->members[r->member_count++] =
        (struct member){name, (uint32_t)len, (uint32_t)r->token_count, 0};
    return 1;
}

/* The four hexadecimal digits of \uXXXX as a number; yajl has checked that they are such. */
static unsigned escaped_unit(const char *digits)
{
    char copy[5] = {digits[0], digits[1], digits[2], digits[3], '\0'};
    return (unsigned)strtoul(copy, NULL, 16);
}

/* yajl makes a "?" of half a surrogate pair, which would change the data. The JSON is known to be
 * well-formed, so a backslash stands only in a string. */
static bool surrogates_paired(const char *line, size_t len)
{
    const char *end = line + len, *at = line;
    while ((at = memchr(at, '\\', (size_t)(end - at)))) {
        if (at[1] != 'u') {
            at += 2;
            continue;
        }
        unsigned unit = escaped_unit(at + 2);
        at += 6;
        if (unit < 0xd800 || unit > 0xdfff)
            continue;
        if (unit > 0xdbff || end - at < 6 || at[0] != '\\' || at[1] != 'u')
            return false;
        unit = escaped_unit(at + 2);
        if (unit < 0xdc00 || unit > 0xdfff)
            return false;
        at += 6;
    }
    return true;
}

/* "lexical error: invalid char in json text.\n" → one line. */
static void describe_error(yajl_handle handle, struct buf *why)
{
    unsigned char *text = yajl_get_error(handle, 0, NULL, 0);
    size_t len = strcspn((const char *)text, "\n");
    buf_printf(why, "not valid JSON: %.*s", (int)len, (const char *)text);
    yajl_free_error(handle, text);
}

static bool run_parser(struct parse *p)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = on_null,
        .yajl_boolean = on_boolean,
        .yajl_number = on_number, /* the digits; so integer and double are not called */
        .yajl_string = on_string,
        .yajl_start_map = on_start_map,
        .yajl_map_key = on_key,
        .yajl_end_map = on_end_map,
        .yajl_start_array = on_start_array,
        .yajl_end_array = on_end_array,
    };
    yajl_alloc_funcs memory = yajl_memory();
    yajl_handle handle = yajl_alloc(&callbacks, &memory, p);
    /* yajl lets overlong forms and surrogates pass; is_utf8() does not. */
    (void)yajl_config(handle, yajl_dont_validate_strings, 1);
    yajl_status status = yajl_parse(handle, (const unsigned char *)p->line, p->len);
    if (status == yajl_status_ok)
        status = yajl_complete_parse(handle);
    if (status == yajl_status_error)
        describe_error(handle, p->why);
    yajl_free(handle);
    return status == yajl_status_ok;
}

/* Most lines are ASCII: then one pass without a branch is enough. */
static bool is_utf8(const char *line, size_t len)
{
    unsigned char high = 0;
    for (size_t i = 0; i < len; i++)
        high |= (unsigned char)line[i];
    return high < 0x80 || utf8_is_valid(line, len);
}

static bool check_fields(const struct parse *p)
{
    const struct datum *r = p->datum;
    if (!!r->type.text == !!r->edge.text)
        return refuse((struct parse *)(uintptr_t)p,
                      r->type.text ? "a line is a node (\"type\") or an edge (\"edge\"), not both"
                                   : "neither \"type\" (a node) nor \"edge\" is there");
    return true;
}

bool datum_parse(struct datum *datum, const char *line, size_t len, struct buf *why)
{
    datum->type = datum->edge = datum->id = datum->from = datum->to = (struct slice){NULL, 0};
    datum->member_count = datum->token_count = 0;
    buf_clear(&datum->decoded);
    struct parse p = {.datum = datum, .line = line, .len = len, .why = why};
    /* Decoded text is never longer than its source: what was kept never moves. */
    (void)buf_reserve(&datum->decoded, len);
    if (!is_utf8(line, len))
        return refuse(&p, "not UTF-8");
    if (!run_parser(&p))
        return false;
    if (!surrogates_paired(line, len))
        return refuse(&p, "half of a surrogate pair in a \\u escape");
    return check_fields(&p);
}

void datum_free(struct datum *datum)
{
    free(datum->members);
    free(datum->tokens);
    buf_free(&datum->decoded);
    *datum = (struct datum){0};
}
