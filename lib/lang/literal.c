#include "lang/literal.h"

#include "common/timestamp.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

static bool is_call(const struct parser *p, const char *name)
{
    return parser_at_name(p, name) && parser_peek(p, 1).kind == TOKEN_LPAREN;
}

bool literal_starts(const struct parser *p)
{
    switch (p->token.kind) {
    case TOKEN_STRING:
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_LBRACKET:
        return true;
    default:
        return parser_at_name(p, "true") || parser_at_name(p, "false") ||
               parser_at_name(p, "null") || is_call(p, "date") || is_call(p, "datetime");
    }
}

bool literal_date_is_valid(const char *text)
{
    if (strlen(text) != 10)
        return false;
    for (int i = 0; i < 10; i++) {
        bool dash = i == 4 || i == 7;
        if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    }
    /* Which days exist is known in one place. */
    char *midnight = xasprintf("%sT00:00:00Z", text);
    int64_t ms;
    bool valid = timestamp_parse(midnight, &ms);
    free(midnight);
    return valid;
}

/* date("…") and datetime("…") */
static bool parse_time(struct parser *p, struct literal *out)
{
    struct token text;
    int64_t ms;
    out->kind = parser_at_name(p, "date") ? LITERAL_DATE : LITERAL_DATETIME;
    if (!parser_enter(p))
        return false;
    parser_advance(p);
    parser_advance(p); /* the "(", seen by literal_starts() */
    if (!parser_expect(p, TOKEN_STRING, "a string", &text))
        return false;
    out->text = parser_text(p, &text);
    if (out->kind == LITERAL_DATE && !literal_date_is_valid(out->text))
        return parser_error(p, text.at, "a date reads \"YYYY-MM-DD\" and must exist");
    if (out->kind == LITERAL_DATETIME && !timestamp_parse(out->text, &ms))
        return parser_error(p, text.at,
                            "a datetime is an RFC 3339 time, such as \"2026-01-02T03:04:05Z\"");
    parser_leave(p);
    return parser_expect(p, TOKEN_RPAREN, "\")\"", NULL);
}

static bool parse_list(struct parser *p, struct literal *out)
{
    struct literal *items = NULL;
    size_t count = 0, cap = 0;
    bool ok = false;
    out->kind = LITERAL_LIST;
    if (!parser_enter(p))
        return false;
    parser_advance(p);
    if (!parser_at(p, TOKEN_RBRACKET)) {
        do {
            items = xgrow(items, count, &cap, sizeof *items);
            if (!literal_parse(p, &items[count]))
                goto out;
            count++;
        } while (parser_accept(p, TOKEN_COMMA));
    }
    if (!parser_expect(p, TOKEN_RBRACKET, "\",\" or \"]\"", NULL))
        goto out;
    out->items = arena_copy(p->arena, items, count, sizeof *items);
    out->count = count;
    parser_leave(p);
    ok = true;
out:
    free(items);
    return ok;
}

bool literal_parse(struct parser *p, struct literal *out)
{
    *out = (struct literal){.kind = LITERAL_NULL, .at = p->token.at};
    if (!literal_starts(p))
        return parser_expected(p, "a literal value");
    switch (p->token.kind) {
    case TOKEN_LBRACKET:
        return parse_list(p, out);
    case TOKEN_STRING:
        out->kind = LITERAL_STRING;
        out->text = parser_text(p, &p->token);
        break;
    case TOKEN_INT:
    case TOKEN_FLOAT:
        out->kind = p->token.kind == TOKEN_INT ? LITERAL_INT : LITERAL_FLOAT;
        out->integer = p->token.integer;
        out->number = p->token.number;
        break;
    default:
        if (parser_at_name(p, "date") || parser_at_name(p, "datetime"))
            return parse_time(p, out);
        if (!parser_at_name(p, "null")) {
            out->kind = LITERAL_BOOL;
            out->boolean = parser_at_name(p, "true");
        }
    }
    parser_advance(p);
    return true;
}

bool literal_equal(const struct literal *a, const struct literal *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case LITERAL_NULL:
        return true;
    case LITERAL_BOOL:
        return a->boolean == b->boolean;
    case LITERAL_INT:
        return a->integer == b->integer;
    case LITERAL_FLOAT:
        return a->number == b->number;
    case LITERAL_LIST:
        if (a->count != b->count)
            return false;
        for (size_t i = 0; i < a->count; i++)
            if (!literal_equal(&a->items[i], &b->items[i]))
                return false;
        return true;
    default:
        return strcmp(a->text, b->text) == 0;
    }
}
