#include "graph/number.h"

#include <stdbool.h>
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
    struct number_text out;
    /* Most doubles that people write need 15 digits or fewer, which %.15g finds at once: it drops
     * trailing zeros. */
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(out.text, sizeof out.text, "%.*g", digits, number); /* fits */
        if (strtod(out.text, NULL) == number)
            break;
    }
    keep_float(&out);
    return out;
}

struct number_text number_shortest_f32(float number)
{
    struct number_text out;
    for (int digits = 6; digits <= 9; digits++) {
        (void)snprintf(out.text, sizeof out.text, "%.*g", digits, (double)number); /* fits */
        if (strtof(out.text, NULL) == number)
            break;
    }
    keep_float(&out);
    return out;
}
