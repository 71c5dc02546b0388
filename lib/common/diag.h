/*
 * diag.h - diagnostics: {code, severity: error|warning, path, message}.
 *
 * A message says what happened, to what, and what to do next. `path` says where: an address
 * (graph.knowledge), a place in the configuration (graphs.knowledge.schema) or a stored name
 * (__cluster/state.json).
 */
#ifndef CLUSTER_DIAG_H
#define CLUSTER_DIAG_H

#include "common/json.h"

#include <stdarg.h>

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

/* A list that a module fills and its caller moves into a document. */
struct diags {
    jv list; /* array of diagnostics */
    int errors;
};

void diags_init(struct diags *diags);
void diags_free(struct diags *diags);
void diags_error(struct diags *diags, const char *code, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diags_warning(struct diags *diags, const char *code, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* One diagnostic as JSON. Bytes of the message that are not UTF-8 become U+FFFD. */
jv diag_make(enum severity severity, const char *code, const char *path, const char *message);

#endif
