/*
 * report.h - cluster-report: the public JSON or the text for people.
 *
 *     report_write(&doc, command, form, &out);     // adds the report's own warnings to doc
 *     status = report_exit_status(&doc, detailed);
 */
#ifndef CLUSTER_REPORT_H
#define CLUSTER_REPORT_H

#include "command.h"
#include "common/doc.h"

enum report_form { REPORT_JSON, REPORT_TEXT, REPORT_COLOURED_TEXT };

/* Appends the report to out. Pure: same document, same bytes. Errors: stage_input_missing. */
void report_write(struct doc *doc, enum report_command command, enum report_form form,
                  struct buf *out);

/* The document's exit status; with `detailed`, 2 in place of 0 when changes are pending. */
int report_exit_status(const struct doc *doc, bool detailed);

#endif
