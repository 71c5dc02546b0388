/* cluster-exec - the one stage that changes graphs, catalog and ledger. */
#include "common/program.h"
#include "exec.h"

#include <unistd.h>

static const char usage[] =
    "usage: cluster-exec [--plan] [--as ACTOR] [--progress] < document\n"
    "\n"
    "Applies the changes of the document that are marked applied: graph creates, schema updates,\n"
    "catalog blobs, approved graph deletes, then one write of the ledger. A document without\n"
    "changes (refresh, import) only has its ledger written.\n"
    "\n"
    "  --plan         the document is a saved plan: refuse it if anything has moved since\n"
    "  --as ACTOR     who does it; default $CLUSTER_ACTOR, else operator.actor in\n"
    "                 ~/.omnigraph/config.yaml\n"
    "  --progress     say on stderr what is being done, also when that is no terminal\n"
    "  --help, --version\n";

int main(int argc, char **argv)
{
    struct exec_options options = {0};
    const struct option_spec specs[] = {{"as", .value = &options.as},
                                        {"plan", .flag = &options.plan},
                                        {"progress", .flag = &options.progress},
                                        {0}};
    int at = program_start("cluster-exec", usage, specs, argc, argv);
    if (at < argc)
        return program_usage_error("unexpected operand '%s'", argv[at]);

    struct doc doc;
    if (!doc_read(STDIN_FILENO, &doc))
        return EXIT_ERROR;
    if (!doc_halted(&doc))
        exec_run(&doc, &options);
    return doc_finish(&doc);
}
