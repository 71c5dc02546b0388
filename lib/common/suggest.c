#include "common/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { MAX_WORD = 64 };

static int same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Optimal string alignment over three rows. Both words are at most MAX_WORD bytes. */
static size_t distance(const char *a, size_t alen, const char *b, size_t blen)
{
    size_t rows[3][MAX_WORD + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= blen; j++)
        last[j] = j;
    memcpy(before, last, sizeof rows[0]);
    for (size_t i = 1; i <= alen; i++) {
        now[0] = i;
        for (size_t j = 1; j <= blen; j++) {
            size_t cost = same(a[i - 1], b[j - 1]) ? 0 : 1;
            now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + cost);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]) &&
                before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
        size_t *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[blen];
}

void suggest_begin(struct suggestion *s, const char *word)
{
    size_t len = strlen(word);
    s->word = word;
    s->best = NULL;
    s->distance = len < 3 ? 2 : len / 3 + 1; /* what must be beaten */
}

void suggest_offer(struct suggestion *s, const char *candidate)
{
    size_t a = strlen(s->word), b = strlen(candidate);
    if (a > MAX_WORD || b > MAX_WORD || (a > b ? a - b : b - a) >= s->distance)
        return;
    size_t d = distance(s->word, a, candidate, b);
    bool likely = d < a && strcmp(s->word, candidate) != 0;
    if (likely && d < s->distance) {
        s->best = candidate;
        s->distance = d;
    }
}

const char *suggest_best(const struct suggestion *s)
{
    return s->best;
}
