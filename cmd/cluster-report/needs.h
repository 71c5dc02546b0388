/*
 * needs.h - the section without which a command has not run.
 */
#ifndef CLUSTER_REPORT_NEEDS_H
#define CLUSTER_REPORT_NEEDS_H

#include "command.h"
#include "common/doc.h"

/*
 * Adds the error stage_input_missing if the stage that does the command's work left nothing: a
 * pipeline that lacks its last stage must not read as a success. A halted document and one with an
 * error say themselves why something is missing.
 */
void needs_check(struct doc *doc, enum report_command command);

#endif
