/* cluster-sweep - reads the ledger and settles what crashed runs left behind. */
#include "common/program.h"
#include "sweep.h"

#include <unistd.h>

static const char usage[] =
    "usage: cluster-sweep [--read-only | --import [--if-missing]] < document\n"
    "\n"
    "Reads the ledger, the recovery sidecars and the approvals of the document's store into the\n"
    "document, looks at the graphs of interrupted operations and amends the ledger, in the\n"
    "document, to what is really there. It writes nothing; cluster-exec does.\n"
    "\n"
    "  --read-only    look at no graph and amend nothing; only read and warn\n"
    "  --import       start from an empty ledger; it is an error if there is one\n"
    "  --if-missing   with --import: if there is a ledger, warn, halt and exit 0\n"
    "  --help, --version\n";

int main(int argc, char **argv)
{
    struct sweep_options options = {0};
    const struct option_spec specs[] = {{"read-only", .flag = &options.read_only},
                                        {"import", .flag = &options.import},
                                        {"if-missing", .flag = &options.if_missing},
                                        {0}};
    int at = program_start("cluster-sweep", usage, specs, argc, argv);
    if (at < argc)
        return program_usage_error("unexpected operand '%s'", argv[at]);
    if (options.read_only && options.import)
        return program_usage_error("--read-only and --import exclude each other");
    if (options.if_missing && !options.import)
        return program_usage_error("--if-missing goes with --import");

    struct doc doc;
    if (!doc_read(STDIN_FILENO, &doc))
        return EXIT_ERROR;
    if (!doc_halted(&doc))
        sweep(&doc, &options);
    return doc_finish(&doc);
}
