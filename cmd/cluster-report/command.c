#include "command.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
    [REPORT_VALIDATE] = "validate", [REPORT_PLAN] = "plan",
    [REPORT_APPLY] = "apply",       [REPORT_APPROVE] = "approve",
    [REPORT_STATUS] = "status",     [REPORT_REFRESH] = "refresh",
    [REPORT_IMPORT] = "import",     [REPORT_FORCE_UNLOCK] = "force-unlock",
};

bool report_command_parse(const char *name, enum report_command *out)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum report_command)i;
            return true;
        }
    return false;
}

const char *report_command_name(enum report_command command)
{
    return names[command];
}
