/*
 * check.h - @range and @check, on values already known to be of their property's type.
 *
 * Bounds are inclusive. A pattern is searched for anywhere in the text (anchor it with ^ and $), by
 * PCRE2 in UTF mode; a match that takes too much work counts as failed.
 */
#ifndef CLUSTER_GRAPH_CHECK_H
#define CLUSTER_GRAPH_CHECK_H

#include "graph/cell.h"

/* False with *why set when the value breaks a rule. */
bool check_value(const struct cell_rule *rule, const struct cell *cell, struct buf *why);

#endif
