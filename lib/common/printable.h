/*
 * printable.h - somebody else's text inside a one-line message.
 */
#ifndef CLUSTER_PRINTABLE_H
#define CLUSTER_PRINTABLE_H

/*
 * text with control characters and bytes that are not UTF-8 written as \n, \t, \xNN, and cut (at a
 * character, with "…") once it is longer than 120 bytes. To be freed.
 */
char *printable(const char *text);

#endif
