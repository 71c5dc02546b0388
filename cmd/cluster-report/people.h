/*
 * people.h - the report of each command as text for a person.
 */
#ifndef CLUSTER_REPORT_PEOPLE_H
#define CLUSTER_REPORT_PEOPLE_H

#include "command.h"
#include "text.h"
#include "view.h"

/* Appends the whole report. `report` is the command's public output (public.h); the view gives what
 * people want to know besides. */
void people_report(const struct text *text, const struct view *view, enum report_command command,
                   const jv *report);

/* The parts, each in its own file. */
void people_changes(const struct text *text, const jv *report, bool done);
void people_blast_radius(const struct text *text, const jv *report);
void people_approvals(const struct text *text, const struct view *view, const jv *report);
void people_reasons(const struct text *text, const jv *report);
void people_table(const struct text *text, const jv *report);
void people_diagnostics(const struct text *text, const jv *report);

/* "cluster" with the --config DIR of this run where that is not the current directory, then words.
 */
void people_command(const struct text *text, const struct view *view, const char *words);

#endif
