/*
 * cluster-parse - reads a configuration directory, checks it, writes the run document.
 */
#include "parse.h"

#include "common/program.h"

static const char usage[] =
    "usage: cluster-parse [--header] [DIR]\n"
    "\n"
    "Reads cluster.yaml in DIR (default: the current directory) and the schema, query and policy\n"
    "files that it names, checks all of it, and writes a run document to stdout. It reads nothing\n"
    "else and changes nothing.\n"
    "\n"
    "  --header    read cluster.yaml alone: only the sections config and store\n"
    "  --help      show this\n"
    "  --version   show the version\n"
    "\n"
    "Exit status: 0 valid, 1 not valid (the document's diagnostics say why), 64 usage.\n";

int main(int argc, char **argv)
{
    bool header_only = false;
    const struct option_spec options[] = {{"header", .flag = &header_only}, {0}};
    int at = program_start("cluster-parse", usage, options, argc, argv);
    if (argc - at > 1)
        return program_usage_error("one directory at most, not %d", argc - at);
    struct doc doc;
    doc_init(&doc);
    parse_directory(argc > at ? argv[at] : ".", header_only, &doc);
    return doc_finish(&doc);
}
