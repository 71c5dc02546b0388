#include "lang/parser.h"

#include "common/io.h"
#include "common/utf8.h"

#include <string.h>

/* The place of a byte, for a source that was not read yet. */
static struct position place_of(const struct source *src, size_t offset)
{
    struct position at = {1, 1, offset};
    for (size_t i = 0; i < offset; i++) {
        if (src->text[i] == '\n') {
            at.line++;
            at.column = 1;
        } else if (((unsigned char)src->text[i] & 0xc0) != 0x80) {
            at.column++;
        }
    }
    return at;
}

bool parser_begin(struct parser *p, const struct source *src, struct arena *arena,
                  struct diags *diags, const char *code)
{
    *p = (struct parser){.arena = arena, .errs = {src, diags, 0}, .code = code};
    struct position start = {1, 1, 0};
    lexer_init(&p->lexer, src);
    if (src->len > IO_MAX_SOURCE)
        return parser_error(p, start, "the file is larger than 64 MiB; split it");
    size_t invalid = utf8_check(src->text, src->len);
    if (invalid < src->len)
        return parser_error(p, place_of(src, invalid),
                            "the file is not UTF-8 from here on; save it as UTF-8");
    if (src->len >= 3 && memcmp(src->text, "\xef\xbb\xbf", 3) == 0)
        return parser_error(p, start,
                            "the file starts with a byte order mark; save it as UTF-8 without one");
    lexer_next(&p->lexer, &p->token);
    return true;
}

void parser_advance(struct parser *p)
{
    lexer_next(&p->lexer, &p->token);
}

struct token parser_peek(const struct parser *p, unsigned n)
{
    struct lexer ahead = p->lexer;
    struct token token = p->token;
    while (n-- > 0)
        lexer_next(&ahead, &token);
    return token;
}

bool parser_at(const struct parser *p, enum token_kind kind)
{
    return p->token.kind == kind;
}

bool parser_at_name(const struct parser *p, const char *name)
{
    return token_is(&p->token, TOKEN_NAME, name);
}

bool parser_accept(struct parser *p, enum token_kind kind)
{
    if (!parser_at(p, kind))
        return false;
    parser_advance(p);
    return true;
}

bool parser_accept_name(struct parser *p, const char *name)
{
    if (!parser_at_name(p, name))
        return false;
    parser_advance(p);
    return true;
}

bool parser_expect(struct parser *p, enum token_kind kind, const char *what, struct token *taken)
{
    if (!parser_at(p, kind))
        return parser_expected(p, what);
    if (taken)
        *taken = p->token;
    parser_advance(p);
    return true;
}

bool parser_expected(struct parser *p, const char *what)
{
    if (p->token.kind == TOKEN_BAD && p->token.problem)
        return parser_error(p, p->token.failed, "%s", p->token.problem);
    struct buf found = BUF_INIT;
    token_describe(&p->token, &found);
    parser_error(p, p->token.at, "expected %s, found %s", what, buf_text(&found));
    buf_free(&found);
    return false;
}

bool parser_error(struct parser *p, struct position at, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    report_v(&p->errs, p->code, at, format, ap);
    va_end(ap);
    return false;
}

bool parser_enter(struct parser *p)
{
    if (p->depth >= PARSER_MAX_DEPTH)
        return parser_error(p, p->token.at, "this is nested more than %d levels deep",
                            PARSER_MAX_DEPTH);
    p->depth++;
    return true;
}

void parser_leave(struct parser *p)
{
    p->depth--;
}

const char *parser_hint(struct parser *p, const struct suggestion *near)
{
    const char *best = suggest_best(near);
    if (!best)
        return "";
    struct buf hint = BUF_INIT;
    buf_printf(&hint, " (did you mean %s?)", best);
    char *text = arena_strndup(p->arena, hint.data, hint.len);
    buf_free(&hint);
    return text;
}

char *parser_text(struct parser *p, const struct token *token)
{
    return token_text(token, p->arena);
}
