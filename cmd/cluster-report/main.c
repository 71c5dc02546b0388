/*
 * cluster-report - what a run document says, as the public JSON of a command or as text for people,
 * and as an exit status.
 */
#include "report.h"

#include "common/io.h"
#include "common/program.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: cluster-report COMMAND [--json] [--detailed-exitcode] < document\n"
    "\n"
    "Prints the report of a run document. COMMAND is the command that the run was for: validate,\n"
    "plan, apply, approve, status, refresh, import or force-unlock. Reads the document and "
    "nothing\n"
    "else. Text is coloured only on a terminal, and not when NO_COLOR is set.\n"
    "\n"
    "  --json                the public output, one JSON object\n"
    "  --detailed-exitcode   with plan: exit 2 when there are changes\n"
    "  --help                show this\n"
    "  --version             show the version\n"
    "\n"
    "Exit status: 0 done, 1 an error diagnostic, 2 changes are pending, 64 usage, 75 the lock is\n"
    "held by someone else.\n";

/* no-color.org: NO_COLOR counts when it is there and not empty. */
static bool wants_colour(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && (!no_color || !*no_color) && term && strcmp(term, "dumb") != 0;
}

static int print(struct doc *doc, enum report_command command, enum report_form form, bool detailed)
{
    struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    report_write(doc, command, form, &out);
    int status = report_exit_status(doc, detailed);
    if (!io_write_all(STDOUT_FILENO, buf_text(&out), out.len, &err))
        status = program_fail("cannot print the report: %s", error_text(&err));
    error_clear(&err);
    buf_free(&out);
    return status;
}

int main(int argc, char **argv)
{
    bool json = false, detailed = false;
    const struct option_spec options[] = {
        {"json", .flag = &json}, {"detailed-exitcode", .flag = &detailed}, {0}};
    int at = program_start("cluster-report", usage, options, argc, argv);
    enum report_command command;
    if (at != argc - 1)
        return program_usage_error("it takes one COMMAND");
    if (!report_command_parse(argv[at], &command))
        return program_usage_error("there is no report for '%.40s'", argv[at]);
    if (detailed && command != REPORT_PLAN)
        return program_usage_error("--detailed-exitcode goes with plan only");
    struct doc doc;
    if (!doc_read(STDIN_FILENO, &doc))
        return EXIT_ERROR;
    enum report_form form = json             ? REPORT_JSON
                            : wants_colour() ? REPORT_COLOURED_TEXT
                                             : REPORT_TEXT;
    int status = print(&doc, command, form, detailed);
    doc_free(&doc);
    return status;
}
