#include "needs.h"

#include <stddef.h>

static const char *const needed[] = {
    [REPORT_VALIDATE] = "resources", [REPORT_PLAN] = "changes",      [REPORT_APPLY] = "outcome",
    [REPORT_APPROVE] = "approval",   [REPORT_STATUS] = "ledger",     [REPORT_REFRESH] = "outcome",
    [REPORT_IMPORT] = "outcome",     [REPORT_FORCE_UNLOCK] = "lock",
};

void needs_check(struct doc *doc, enum report_command command)
{
    if (!doc_halted(doc) && !doc_has_errors(doc))
        (void)doc_need(doc, needed[command]); /* it has said so; the report goes on */
}
