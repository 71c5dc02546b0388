/* cluster-observe - records in the ledger what is really there. */
#include "common/program.h"
#include "common/progress.h"
#include "observe.h"

#include <unistd.h>

static const char usage[] =
    "usage: cluster-observe [--catalog] [--progress] < document\n"
    "\n"
    "Re-hashes the catalog's blobs, then looks at every configured graph through the graph "
    "driver,\n"
    "and amends the ledger, in the document, to what is really there. It writes nothing;\n"
    "cluster-exec does.\n"
    "\n"
    "  --catalog    only verify the catalog, warn, and change nothing\n"
    "  --progress   say on stderr what is being looked at, also when that is no terminal\n"
    "  --help, --version\n";

int main(int argc, char **argv)
{
    bool catalog = false, progress = false;
    const struct option_spec specs[] = {
        {"catalog", .flag = &catalog}, {"progress", .flag = &progress}, {0}};
    int at = program_start("cluster-observe", usage, specs, argc, argv);
    if (at < argc)
        return program_usage_error("unexpected operand '%s'", argv[at]);

    struct doc doc;
    if (!doc_read(STDIN_FILENO, &doc))
        return EXIT_ERROR;
    if (!doc_halted(&doc)) {
        if (catalog)
            observe_catalog(&doc);
        else
            observe(&doc, progress_wanted(progress));
    }
    return doc_finish(&doc);
}
