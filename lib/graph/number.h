/*
 * number.h - floats as the shortest decimal text that reads back as the same float.
 *
 * The text is a JSON number: "0.1", "5.0" (a whole number keeps ".0", so that it stays a float),
 * "1e+300". Finite numbers only.
 */
#ifndef CLUSTER_GRAPH_NUMBER_H
#define CLUSTER_GRAPH_NUMBER_H

struct number_text {
    char text[40];
};

struct number_text number_shortest(double number);
/* The shortest that reads back as the same float32. */
struct number_text number_shortest_f32(float number);

#endif
