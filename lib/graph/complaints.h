/*
 * complaints.h - what is wrong with the lines of a load: all are counted, the first are kept.
 *
 * "First" is by line, not by when they were found: some errors (an edge without its node) are only
 * known at the end. Line 0 stands for what is wrong with rows that were there before.
 */
#ifndef CLUSTER_GRAPH_COMPLAINTS_H
#define CLUSTER_GRAPH_COMPLAINTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { COMPLAINTS_SHOWN = 20 };

struct complaints {
    struct complaint {
        uint64_t line;
        char *text;
    } shown[COMPLAINTS_SHOWN]; /* by line */
    size_t shown_count;
    uint64_t total;
};

/* `text` is a phrase; it is copied, with control characters made harmless. */
void complaints_add(struct complaints *complaints, uint64_t line, const char *text);
/* "line N: text" each (what no line says: "in the graph already: text"), then "and N more". */
void complaints_write(const struct complaints *complaints, FILE *out);
void complaints_free(struct complaints *complaints);

#endif
