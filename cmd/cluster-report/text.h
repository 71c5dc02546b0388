/*
 * text.h - writing for people: colours, padding, and other people's words made harmless.
 *
 * Whatever comes out of a document may hold anything, so it is written with text_safe() or
 * text_pad(): a control character (an escape sequence for the terminal, say) becomes \xNN.
 */
#ifndef CLUSTER_REPORT_TEXT_H
#define CLUSTER_REPORT_TEXT_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_RED, STYLE_GREEN, STYLE_YELLOW, STYLE_CYAN };

struct text {
    struct buf *out;
    bool colour;
};

/* Switches to a style; STYLE_PLAIN ends the one before. Nothing without colour. */
void text_style(const struct text *text, enum style style);
/* Our own words, as they are. */
void text_printf(const struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Somebody else's words on one line; a line break becomes a space. NULL is "". */
void text_safe(const struct text *text, const char *words);
/* The same in a style. */
void text_styled(const struct text *text, enum style style, const char *words);
/* The same, filled up with spaces to `width` columns. */
void text_pad(const struct text *text, const char *words, size_t width);
/* Somebody else's lines, each behind `indent` spaces and ended by a line break. */
void text_lines(const struct text *text, const char *words, int indent);
/* "3 graphs", "1 graph": the noun takes a plain s, or turns y into ies. */
void text_count(const struct text *text, size_t n, const char *noun);

/* The columns that text takes on a terminal, one for each character. */
size_t text_width(const char *words);

#endif
