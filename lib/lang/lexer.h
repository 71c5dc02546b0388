/*
 * lexer.h - the tokens of .pg and .gq.
 *
 * Tokens are maximal. White space is space, tab, CR, LF; comments are "//" to the end of the line
 * and "/" "*" to the next "*" "/". The lexer never fails: what is no token comes as TOKEN_BAD with
 * the reason, once, when it is reached, so that reading on can recover.
 *
 * A token copies nothing: text and len are a slice of the source (without the "@", the "$" or the
 * quotes). token_text() makes a C string of it, with the escapes of a string decoded.
 *
 * A lexer is a plain value: copy it to look ahead. Parsers use parser.h, which sits on this.
 */
#ifndef CLUSTER_LANG_LEXER_H
#define CLUSTER_LANG_LEXER_H

#include "lang/arena.h"
#include "lang/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum token_kind {
    TOKEN_END, /* of the file */
    TOKEN_BAD, /* `problem` says what is wrong */
    TOKEN_NAME,
    TOKEN_TYPE,   /* a name that starts with an upper-case letter */
    TOKEN_AT,     /* @name */
    TOKEN_DOLLAR, /* $name */
    TOKEN_WORD,   /* from lexer_word() only */
    TOKEN_STRING,
    TOKEN_INT,   /* 0 to 2^63-1 */
    TOKEN_FLOAT, /* digits.digits, finite */
    TOKEN_LBRACE,
    TOKEN_RBRACE,
    TOKEN_LPAREN,
    TOKEN_RPAREN,
    TOKEN_LBRACKET,
    TOKEN_RBRACKET,
    TOKEN_COMMA,
    TOKEN_COLON,
    TOKEN_DOT,
    TOKEN_DOTDOT,
    TOKEN_QUESTION,
    TOKEN_MINUS,
    TOKEN_ARROW, /* -> */
    TOKEN_EQ,
    TOKEN_NE, /* != */
    TOKEN_LT,
    TOKEN_LE,
    TOKEN_GT,
    TOKEN_GE,
};

struct token {
    enum token_kind kind;
    struct position at;     /* of the first character, sigil and quote included */
    const char *text;       /* a slice of the source, not NUL-terminated */
    size_t len;             /* of text, in bytes */
    size_t raw_len;         /* of the whole token from at.offset, in bytes */
    int64_t integer;        /* TOKEN_INT */
    double number;          /* TOKEN_FLOAT, and TOKEN_INT converted */
    const char *problem;    /* TOKEN_BAD: a sentence, lives for ever */
    struct position failed; /* TOKEN_BAD: where the problem is (in a string: the bad escape) */
};

struct lexer {
    const struct source *src;
    struct position at; /* of what is read next */
    bool unterminated;  /* an open string or comment was met: a second one ends the file */
};

void lexer_init(struct lexer *lexer, const struct source *src);
void lexer_next(struct lexer *lexer, struct token *token);

/* Reads *token again as an enum word (letters, digits, "_", "-"): what the lexer took for "in",
 * "-" and "progress" is one word. token must be the one that lexer_next() gave last. If no word
 * starts there, the token is left as it is. */
void lexer_word(struct lexer *lexer, struct token *token);

/* The text as a C string in the arena; of a string: decoded. */
char *token_text(const struct token *token, struct arena *arena);
/* True if the token is a name (upper- or lower-case), an @name or a $name of exactly this text. */
bool token_is(const struct token *token, enum token_kind kind, const char *text);
/* For messages: `"Strng"`, `a string`, `the end of the file`; never longer than 60 bytes. */
void token_describe(const struct token *token, struct buf *out);

#endif
