/*
 * suggest.h - the nearest spelling, for messages ("did you mean …").
 *
 * suggest_begin(), then suggest_offer() every candidate, then suggest_best(): the candidate with
 * the smallest Damerau-Levenshtein distance (optimal string alignment, case ignored), or NULL when
 * none is near enough (at most a third of the word's length, at least one edit, and something of
 * the word must stay). The word itself is no suggestion. Nothing is copied: the texts must outlive
 * the use. Words over 64 bytes get no suggestion.
 */
#ifndef CLUSTER_SUGGEST_H
#define CLUSTER_SUGGEST_H

#include <stddef.h>

struct suggestion {
    const char *word;
    const char *best;
    size_t distance;
};

void suggest_begin(struct suggestion *s, const char *word);
void suggest_offer(struct suggestion *s, const char *candidate);
const char *suggest_best(const struct suggestion *s);

#endif
