/*
 * print.h - answers on standard output. False with err set when it cannot be written.
 */
#ifndef CLUSTER_GRAPH_PRINT_H
#define CLUSTER_GRAPH_PRINT_H

#include "common/json.h"

/* Canonical JSON and a newline. */
bool print_json(const jv *value, struct error *err);
/* One line an element. */
bool print_json_lines(const jv *list, struct error *err);
/* Tables for people, of what graph_log() and graph_dropped() give. */
bool print_log(const jv *list, struct error *err);
bool print_dropped(const jv *list, struct error *err);

#endif
