/*
 * parse.h - a configuration directory as a run document.
 */
#ifndef CLUSTER_PARSE_PARSE_H
#define CLUSTER_PARSE_PARSE_H

#include "common/doc.h"

#include <stdbool.h>

/*
 * Reads cluster.yaml in `dir` and, unless `header_only`, every file that it names. Fills the
 * sections config and store (header), then also resources, dependencies and sources, and
 * config.digest if there is no error. Any error halts the document. Changes nothing.
 */
void parse_directory(const char *dir, bool header_only, struct doc *doc);

#endif
