/*
 * command.h - the commands that have a report.
 */
#ifndef CLUSTER_REPORT_COMMAND_H
#define CLUSTER_REPORT_COMMAND_H

#include <stdbool.h>

enum report_command {
    REPORT_VALIDATE,
    REPORT_PLAN,
    REPORT_APPLY,
    REPORT_APPROVE,
    REPORT_STATUS,
    REPORT_REFRESH,
    REPORT_IMPORT,
    REPORT_FORCE_UNLOCK,
};

/* Reads a command's name; false if there is none of that name. */
bool report_command_parse(const char *name, enum report_command *out);
/* "force-unlock" for REPORT_FORCE_UNLOCK and so on. */
const char *report_command_name(enum report_command command);

#endif
