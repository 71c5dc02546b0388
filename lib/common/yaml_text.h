/*
 * yaml_text.h - what is checked on the text before and beside the parser. Private to yaml.c.
 */
#ifndef CLUSTER_YAML_TEXT_H
#define CLUSTER_YAML_TEXT_H

#include "common/yaml.h"

#include <stdarg.h>

void yaml_problem_add(struct yaml *yaml, enum yaml_fault fault, size_t line, size_t column,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));

/*
 * True if every character may stand in YAML 1.2. Also refused are U+0085, U+2028 and U+2029:
 * libyaml takes them for line ends, as YAML 1.1 did, and so would read a comment's rest as
 * content.
 */
bool yaml_check_characters(struct yaml *yaml, const char *text, size_t len);

/* Reports every tag and %TAG directive. text is known to parse. */
void yaml_check_tags(struct yaml *yaml, const char *text, size_t len);

#endif
