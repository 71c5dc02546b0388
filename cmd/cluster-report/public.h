/*
 * public.h - the public JSON output of each command (cluster(1) lists the fields).
 */
#ifndef CLUSTER_REPORT_PUBLIC_H
#define CLUSTER_REPORT_PUBLIC_H

#include "command.h"
#include "view.h"

/* The output of the command for what the document holds; sections that are missing give their
 * defaults, so that a halted run has a report too. Owned by the caller. */
jv public_report(const struct view *view, enum report_command command);

#endif
