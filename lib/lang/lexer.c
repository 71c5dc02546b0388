#include "lang/lexer.h"

#include "common/utf8.h"
#include "common/xalloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ASCII only, whatever the locale. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_name_char(char c)
{
    return is_lower(c) || is_upper(c) || is_digit(c);
}

/* The byte at an offset from what is read next; 0 past the end. */
static char byte_at(const struct lexer *lexer, size_t ahead)
{
    size_t left = lexer->src->len - lexer->at.offset;
    return ahead < left ? lexer->src->text[lexer->at.offset + ahead] : '\0';
}

static bool at_end(const struct lexer *lexer)
{
    return lexer->at.offset >= lexer->src->len;
}

/* Moves over the next n bytes, counting lines and characters. */
static void skip(struct lexer *lexer, size_t n)
{
    const char *text = lexer->src->text + lexer->at.offset;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n') {
            lexer->at.line++;
            lexer->at.column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            lexer->at.column++;
        }
    }
    lexer->at.offset += n;
}

static size_t rest_of_line(const struct lexer *lexer)
{
    const char *text = lexer->src->text + lexer->at.offset;
    size_t left = lexer->src->len - lexer->at.offset;
    const char *end = memchr(text, '\n', left);
    return end ? (size_t)(end - text) : left;
}

static void bad(struct token *token, struct position at, const char *problem)
{
    token->kind = TOKEN_BAD;
    token->problem = problem;
    token->failed = at;
}

/* An open string or comment: reading goes on with the next line, so that what follows is looked
 * at too. Only once: a second one takes the rest of the file, which keeps hostile input linear. */
static void unterminated(struct lexer *lexer, struct token *token, const char *problem)
{
    lexer->at = token->at;
    skip(lexer, lexer->unterminated ? lexer->src->len - lexer->at.offset : rest_of_line(lexer));
    lexer->unterminated = true;
    bad(token, token->at, problem);
}

/* Skips white space and comments. False if a comment is not closed: token says so. */
static bool skip_blanks(struct lexer *lexer, struct token *token)
{
    for (;;) {
        char c = byte_at(lexer, 0);
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            skip(lexer, 1);
        } else if (c == '/' && byte_at(lexer, 1) == '/') {
            skip(lexer, rest_of_line(lexer));
        } else if (c == '/' && byte_at(lexer, 1) == '*') {
            const char *text = lexer->src->text + lexer->at.offset;
            size_t left = lexer->src->len - lexer->at.offset;
            const char *end = memmem(text + 2, left - 2, "*/", 2);
            if (!end) {
                token->at = lexer->at;
                unterminated(lexer, token, "this comment is never closed; end it with \"*/\"");
                return false;
            }
            skip(lexer, (size_t)(end - text) + 2);
        } else {
            return true;
        }
    }
}

static void read_string(struct lexer *lexer, struct token *token)
{
    struct position failed = {0, 0, 0};
    const char *problem = NULL;
    skip(lexer, 1);
    token->text = lexer->src->text + lexer->at.offset;
    for (;;) {
        char c = byte_at(lexer, 0);
        if (at_end(lexer)) {
            unterminated(lexer, token, "this string is never closed; end it with '\"'");
            return;
        }
        if (c == '"')
            break;
        char escape = c == '\\' ? byte_at(lexer, 1) : 'n';
        bool wrong = !escape || !strchr("\"\\nrt", escape);
        if ((wrong || c == '\0') && !problem) {
            failed = lexer->at;
            problem = wrong ? "unknown escape in a string; the escapes are \\\" \\\\ \\n \\r \\t"
                            : "a string cannot hold a NUL character";
        }
        /* Over a known escape at once: its second character must not end the string. */
        skip(lexer, c == '\\' && !wrong ? 2 : 1);
    }
    token->len = (size_t)(lexer->src->text + lexer->at.offset - token->text);
    skip(lexer, 1);
    if (problem)
        bad(token, failed, problem);
    else
        token->kind = TOKEN_STRING;
}

static void read_float(struct lexer *lexer, struct token *token, size_t n)
{
    char *copy = xstrndup(token->text, n); /* strtod wants a NUL */
    token->number = strtod(copy, NULL);
    free(copy);
    skip(lexer, n);
    token->kind = TOKEN_FLOAT;
    if (!isfinite(token->number))
        bad(token, token->at, "this number is too large");
}

static void read_number(struct lexer *lexer, struct token *token)
{
    size_t n = 0;
    bool fits = true;
    int64_t value = 0;
    for (; is_digit(byte_at(lexer, n)); n++) {
        int digit = byte_at(lexer, n) - '0';
        fits = fits && value <= (INT64_MAX - digit) / 10;
        if (fits)
            value = value * 10 + digit;
    }
    if (byte_at(lexer, n) == '.' && is_digit(byte_at(lexer, n + 1))) {
        for (n++; is_digit(byte_at(lexer, n));)
            n++;
        read_float(lexer, token, n);
        return;
    }
    skip(lexer, n);
    token->kind = TOKEN_INT;
    token->integer = value;
    token->number = (double)value;
    if (!fits)
        bad(token, token->at, "this integer is beyond 9223372036854775807");
}

/* A name at `ahead` bytes; 0 if none starts there. */
static size_t name_length(const struct lexer *lexer, size_t ahead)
{
    size_t n = 0;
    if (is_lower(byte_at(lexer, ahead)) || is_upper(byte_at(lexer, ahead)))
        while (is_name_char(byte_at(lexer, ahead + n)))
            n++;
    return n;
}

static void read_sigil(struct lexer *lexer, struct token *token, char sigil)
{
    size_t n = is_lower(byte_at(lexer, 1)) ? name_length(lexer, 1) : 0;
    token->text++;
    token->len = n;
    skip(lexer, n + 1);
    token->kind = sigil == '@' ? TOKEN_AT : TOKEN_DOLLAR;
    if (n == 0)
        bad(token, token->at,
            sigil == '@'
                ? "a name that starts with a lower-case letter must follow \"@\" directly"
                : "a name that starts with a lower-case letter must follow \"$\" directly");
}

static enum token_kind sign(char c, char next, size_t *n)
{
    static const struct {
        char text[3];
        enum token_kind kind;
    } signs[] = {
        {"->", TOKEN_ARROW}, {"..", TOKEN_DOTDOT},  {"!=", TOKEN_NE},      {"<=", TOKEN_LE},
        {">=", TOKEN_GE},    {"{", TOKEN_LBRACE},   {"}", TOKEN_RBRACE},   {"(", TOKEN_LPAREN},
        {")", TOKEN_RPAREN}, {"[", TOKEN_LBRACKET}, {"]", TOKEN_RBRACKET}, {",", TOKEN_COMMA},
        {":", TOKEN_COLON},  {".", TOKEN_DOT},      {"?", TOKEN_QUESTION}, {"-", TOKEN_MINUS},
        {"=", TOKEN_EQ},     {"<", TOKEN_LT},       {">", TOKEN_GT},
    };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (signs[i].text[0] == c && (!signs[i].text[1] || signs[i].text[1] == next)) {
            *n = signs[i].text[1] ? 2 : 1;
            return signs[i].kind;
        }
    }
    return TOKEN_BAD;
}

static void read_sign(struct lexer *lexer, struct token *token, char c)
{
    size_t n = 0;
    token->kind = sign(c, byte_at(lexer, 1), &n);
    if (token->kind == TOKEN_BAD) {
        size_t left = lexer->src->len - lexer->at.offset;
        n = utf8_decode(token->text, left, NULL);
        n = n ? n : 1;
        token->failed = token->at;
    }
    token->len = n;
    skip(lexer, n);
}

void lexer_init(struct lexer *lexer, const struct source *src)
{
    lexer->src = src;
    lexer->at = (struct position){1, 1, 0};
    lexer->unterminated = false;
}

void lexer_next(struct lexer *lexer, struct token *token)
{
    *token = (struct token){.kind = TOKEN_END};
    if (!skip_blanks(lexer, token))
        return;
    token->at = lexer->at;
    token->text = lexer->src->text + lexer->at.offset;
    char c = byte_at(lexer, 0);
    if (at_end(lexer)) {
        token->kind = TOKEN_END;
    } else if (is_lower(c) || is_upper(c)) {
        token->kind = is_upper(c) ? TOKEN_TYPE : TOKEN_NAME;
        token->len = name_length(lexer, 0);
        skip(lexer, token->len);
    } else if (c == '@' || c == '$') {
        read_sigil(lexer, token, c);
    } else if (c == '"') {
        read_string(lexer, token);
    } else if (is_digit(c)) {
        read_number(lexer, token);
        token->len = lexer->at.offset - token->at.offset;
    } else {
        read_sign(lexer, token, c);
    }
    token->raw_len = lexer->at.offset - token->at.offset;
}

void lexer_word(struct lexer *lexer, struct token *token)
{
    struct lexer from = *lexer;
    size_t n = 0;
    from.at = token->at;
    while (is_name_char(byte_at(&from, n)) || byte_at(&from, n) == '-')
        n++;
    if (n == 0)
        return;
    *token =
        (struct token){.kind = TOKEN_WORD, .at = from.at, .text = from.src->text + from.at.offset};
    token->len = token->raw_len = n;
    skip(&from, n);
    *lexer = from;
}

/* In place; the lexer has checked the escapes. */
static void decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        char c = *from;
        if (c == '\\') {
            c = *++from;
            c = (char)(c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
        }
        *to++ = c;
    }
    *to = '\0';
}

char *token_text(const struct token *token, struct arena *arena)
{
    char *text = arena_strndup(arena, token->text, token->len);
    if (token->kind == TOKEN_STRING)
        decode(text);
    return text;
}

bool token_is(const struct token *token, enum token_kind kind, const char *text)
{
    return token->kind == kind && token->len == strlen(text) &&
           memcmp(token->text, text, token->len) == 0;
}

void token_describe(const struct token *token, struct buf *out)
{
    if (token->kind == TOKEN_END) {
        buf_puts(out, "the end of the file");
        return;
    }
    if (token->kind == TOKEN_STRING)
        buf_puts(out, "the string ");
    else
        buf_putc(out, '"');
    const char *raw = token->text;
    if (token->kind == TOKEN_AT || token->kind == TOKEN_DOLLAR || token->kind == TOKEN_STRING)
        raw--; /* the sigil or the quote */
    source_clean(out, raw, token->raw_len, 40);
    if (token->kind != TOKEN_STRING)
        buf_putc(out, '"');
}
