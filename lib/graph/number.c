#include "graph/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
