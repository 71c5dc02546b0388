/*
 * literal.h - literal values, the same in both languages:
 *
 *     string | int | float | true | false | null | "[" [ literal { "," literal } ] "]"
 *     | date "(" string ")" | datetime "(" string ")"
 */
#ifndef CLUSTER_LANG_LITERAL_H
#define CLUSTER_LANG_LITERAL_H

#include "lang/parser.h"

enum literal_kind {
    LITERAL_NULL,
    LITERAL_BOOL,
    LITERAL_INT,
    LITERAL_FLOAT,
    LITERAL_STRING,
    LITERAL_DATE,     /* text: YYYY-MM-DD, a real day */
    LITERAL_DATETIME, /* text: RFC 3339, as written */
    LITERAL_LIST,
    LITERAL_NAME, /* the value of an annotation may be a bare name; never from literal_parse() */
};

struct literal {
    int64_t integer; /* LITERAL_INT */
    double number;   /* LITERAL_INT and LITERAL_FLOAT */
    const char *text;
    const struct literal *items; /* LITERAL_LIST */
    size_t count;
    struct position at;
    enum literal_kind kind;
    bool boolean;
};

/* True if a literal starts at p->token: so `date` and `datetime` only before a "(". */
bool literal_starts(const struct parser *p);
/* Reads one. On failure the error is reported. A list or a call counts one level of nesting. */
bool literal_parse(struct parser *p, struct literal *out);
/* Same kind and same value. Nesting is bounded, so this is too. */
bool literal_equal(const struct literal *a, const struct literal *b);

/* True if text is YYYY-MM-DD and that day exists. */
bool literal_date_is_valid(const char *text);

#endif
