/*
 * cluster-classify - says of each change of a run document what apply will do with it, and why.
 */
#include "classify.h"

#include "common/program.h"

#include <unistd.h>

static const char usage[] =
    "usage: cluster-classify < document\n"
    "\n"
    "Gives each change of a run document its disposition (applied, derived, deferred, blocked) "
    "and\n"
    "the reason when it is not applied; fills `blast_radius`, `approvals_required` and\n"
    "`applicable`. Reads the document and nothing else.\n"
    "\n"
    "  --help      show this\n"
    "  --version   show the version\n"
    "\n"
    "Exit status: 0 done, 1 an error diagnostic, 64 usage, 75 the lock is held by someone else.\n";

int main(int argc, char **argv)
{
    const struct option_spec options[] = {{0}};
    if (program_start("cluster-classify", usage, options, argc, argv) < argc)
        return program_usage_error("it takes no operands");
    struct doc doc;
    if (!doc_read(STDIN_FILENO, &doc))
        return EXIT_ERROR;
    if (!doc_halted(&doc))
        classify(&doc);
    return doc_finish(&doc);
}
