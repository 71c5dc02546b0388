/*
 * fault.h - reporting what is wrong with a bundle, and reading the simple parts of one. Private to
 * lib/policy.
 */
#ifndef CLUSTER_POLICY_FAULT_H
#define CLUSTER_POLICY_FAULT_H

#include "common/diag.h"
#include "common/yaml.h"

struct policy_reader {
    const char *file; /* the name to show */
    const char *path; /* of the diagnostics */
    struct diags *diags;
    size_t faults;
    bool groups_known; /* `groups` was not itself at fault */
    const char *rule;  /* printable id of the rule being read, or NULL */
};

/* Reports policy_invalid at a place: file:line:column: rule 'id': message. Always false. */
bool policy_fault(struct policy_reader *r, size_t line, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* True if node is of the kind; else reports that `what` must be. */
bool policy_expect(struct policy_reader *r, const struct yaml_node *node, enum yaml_kind kind,
                   const char *what);
/* The text of a string that is not blank, else NULL and a report. */
const char *policy_name(struct policy_reader *r, const struct yaml_node *node, const char *what);
/* Reports a name that is empty or white space only. */
bool policy_not_blank(struct policy_reader *r, const char *text, size_t line, size_t column,
                      const char *what);
/* Reports every key of a map that is not allowed. */
void policy_check_keys(struct policy_reader *r, const struct yaml_node *map,
                       const char *const *allowed);

#endif
