/*
 * number.h - JSON numbers: integers exactly, and floats as the shortest decimal text that reads
 * back as the same float.
 *
 * That text is a JSON number: "0.1", "5.0" (a whole number keeps ".0", so that it stays a float),
 * "1e+300". Finite numbers only.
 */
#ifndef CLUSTER_GRAPH_NUMBER_H
#define CLUSTER_GRAPH_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum number_class { NUMBER_INTEGER, NUMBER_FRACTION, NUMBER_TOO_LARGE };

/*
 * What a JSON number says as an integer. 5, 5.0, 5e0 and 50e-1 all say 5. Digit by digit, never by
 * way of a double, so no digit is lost: 9007199254740993.0 is exact, and 5.00000000000000000001 is
 * a fraction. *out is set for NUMBER_INTEGER alone. No digit may stand behind the number's end.
 */
enum number_class number_integer(const char *text, size_t len, int64_t *out);

struct number_text {
    char text[40];
};

struct number_text number_shortest(double number);
/* The shortest that reads back as the same float32. */
struct number_text number_shortest_f32(float number);

#endif
