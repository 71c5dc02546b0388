#include "graph/number.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Appends a decimal digit; false when the magnitude grows beyond the limit. */
static bool push_digit(uint64_t *value, unsigned digit, uint64_t limit)
{
    if (*value > (limit - digit) / 10)
        return false;
    *value = *value * 10 + digit;
    return true;
}

/* How many bytes stand before the first of `stops`. */
static size_t span_before(const char *text, size_t len, const char *stops)
{
    size_t n = 0;
    while (n < len && !strchr(stops, text[n]))
        n++;
    return n;
}

/* The power of ten behind "e"; one that is beyond every line's length is as good as any. */
static long long exponent_of(const char *text, size_t len)
{
    enum { FAR = 1 << 30 };
    long long value = len > 0 ? strtoll(text + 1, NULL, 10) : 0; /* out of range: the nearest */
    return value > FAR ? FAR : value < -FAR ? -FAR : value;
}

enum number_class number_integer(const char *text, size_t len, int64_t *out)
{
    bool negative = len > 0 && *text == '-';
    text += negative;
    len -= negative;
    size_t mantissa = span_before(text, len, "eE"), whole = span_before(text, mantissa, ".");
    const uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t value = 0;
    bool fits = true;
    /* The power of ten of the next digit: 0 for the units, -1 for the tenths. */
    long long power = (long long)whole - 1 + exponent_of(text + mantissa, len - mantissa);
    for (size_t i = 0; i < mantissa; i++) {
        if (text[i] == '.')
            continue;
        unsigned digit = (unsigned)(text[i] - '0');
        if (power < 0 && digit)
            return NUMBER_FRACTION;
        if (power >= 0)
            fits = fits && push_digit(&value, digit, limit);
        power--;
    }
    for (; fits && value && power >= 0; power--)
        fits = push_digit(&value, 0, limit);
    if (!fits)
        return NUMBER_TOO_LARGE;
    *out = negative && value ? -(int64_t)(value - 1) - 1 : (int64_t)value;
    return NUMBER_INTEGER;
}

/* %g writes 5.0 as "5". */
static void keep_float(struct number_text *out)
{
    if (!strpbrk(out->text, ".e")) {
        size_t len = strlen(out->text);
        memcpy(out->text + len, ".0", 3);
    }
}

struct number_text number_shortest(double number)
{
    struct number_text out = {""};
    /* Any decimal of 15 digits survives a double, so %.15g gives back what was written, trailing
     * zeros dropped. Subnormals carry fewer digits. */
    for (int digits = fabs(number) < DBL_MIN ? 1 : DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        (void)snprintf(out.text, sizeof out.text, "%.*g", digits, number); /* fits */
        if (strtod(out.text, NULL) == number)
            break;
    }
    keep_float(&out);
    return out;
}

struct number_text number_shortest_f32(float number)
{
    struct number_text out = {""};
    for (int digits = fabsf(number) < FLT_MIN ? 1 : FLT_DIG; digits <= FLT_DECIMAL_DIG; digits++) {
        (void)snprintf(out.text, sizeof out.text, "%.*g", digits, (double)number); /* fits */
        if (strtof(out.text, NULL) == number)
            break;
    }
    keep_float(&out);
    return out;
}
