/*
 * cluster-diff - desired minus recorded: fills the section `changes` of a run document.
 */
#include "diff.h"
#include "preview.h"

#include "common/program.h"

#include <unistd.h>

static const char usage[] =
    "usage: cluster-diff [--preview] < document\n"
    "\n"
    "Compares the resources of a run document with its ledger and fills `changes`. Without a\n"
    "ledger everything is a create. Reads the document and nothing else, unless:\n"
    "\n"
    "  --preview   ask the graph driver what each schema update would do to the live graph, and\n"
    "              put its migration plan into the change\n"
    "  --help      show this\n"
    "  --version   show the version\n"
    "\n"
    "Exit status: 0 done, 1 an error diagnostic, 64 usage, 75 the lock is held by someone else.\n";

int main(int argc, char **argv)
{
    bool preview = false;
    const struct option_spec options[] = {{"preview", .flag = &preview}, {0}};
    if (program_start("cluster-diff", usage, options, argc, argv) < argc)
        return program_usage_error("it takes no operands");
    struct doc doc;
    if (!doc_read(STDIN_FILENO, &doc))
        return EXIT_ERROR;
    if (!doc_halted(&doc))
        diff(&doc);
    if (preview && !doc_halted(&doc))
        preview_migrations(&doc);
    return doc_finish(&doc);
}
