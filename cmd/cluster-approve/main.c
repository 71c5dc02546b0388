/* cluster-approve - writes one approval artifact. */
#include "approve.h"
#include "common/program.h"

#include <unistd.h>

static const char usage[] =
    "usage: cluster-approve ADDRESS [--as ACTOR] < document\n"
    "\n"
    "Approves the change of ADDRESS (graph.<id>), which the document lists among those that need\n"
    "an approval: writes an artifact bound to this configuration and to the change's digests.\n"
    "\n"
    "  --as ACTOR    who approves; default $CLUSTER_ACTOR, else operator.actor in\n"
    "                ~/.omnigraph/config.yaml; exit 64 if nobody is named\n"
    "  --help, --version\n";

int main(int argc, char **argv)
{
    const char *as = NULL;
    const struct option_spec specs[] = {{"as", .value = &as}, {0}};
    int at = program_start("cluster-approve", usage, specs, argc, argv);
    if (argc - at != 1)
        return program_usage_error("expected one ADDRESS");

    struct doc doc;
    if (!doc_read(STDIN_FILENO, &doc))
        return EXIT_ERROR;
    if (!doc_halted(&doc))
        approve(&doc, argv[at], as);
    return doc_finish(&doc);
}
