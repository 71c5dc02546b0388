#include "calls.h"
#include "common/program.h"

static const char usage[] =
    "usage: cluster-graph CALL ROOT [options]\n"
    "\n"
    "The embedded graph engine: one property graph in SQLite, at ROOT: a directory, or\n"
    "s3://BUCKET/PREFIX.\n"
    "\n"
    "Calls of the driver protocol; the schema comes on stdin, the answer is JSON:\n"
    "  init ROOT [--actor A] < schema    create a graph; ROOT must be missing or empty\n"
    "  describe ROOT                     its version, schema digest and schema\n"
    "  plan ROOT < schema                the steps from its schema to this one\n"
    "  apply ROOT [--actor A] < schema   carry these steps out, in one commit\n"
    "\n"
    "Calls for people:\n"
    "  load ROOT --mode overwrite|append|merge [--data FILE|-] [--actor A]\n"
    "                                    load JSON lines, all or nothing\n"
    "  export ROOT [--type T]            write all of it as JSON lines, sorted\n"
    "  log ROOT [--json]                 the commits\n"
    "  dropped ROOT [--json]             soft-dropped types and properties\n"
    "  restore ROOT NAME [--actor A]     bring one of them back\n"
    "  cleanup ROOT --older-than D [--confirm] [--actor A]\n"
    "                                    remove for good what was dropped longer ago than\n"
    "                                    D (30m, 12h, 7d); without --confirm only say what\n"
    "\n"
    "Options:\n"
    "  --actor A    who does it, for the log\n"
    "  --help       show this\n"
    "  --version    show the version\n"
    "\n"
    "Graphs in buckets are cached in ${XDG_CACHE_HOME:-~/.cache}/cluster, up to CLUSTER_CACHE_MAX\n"
    "bytes (500M, 4G; 4G if it is not set).\n"
    "\n"
    "Exit status: 0 done; 1 failed, and nothing moved; 3 there is no graph at ROOT; 4 ROOT cannot\n"
    "be opened; 5 failed, and it cannot be said whether the graph moved; 64 usage.\n";

int main(int argc, char **argv)
{
    struct call_options given = {0};
    const struct option_spec options[] = {{"actor", .value = &given.actor},
                                          {"mode", .value = &given.mode},
                                          {"data", .value = &given.data},
                                          {"type", .value = &given.type},
                                          {"older-than", .value = &given.older_than},
                                          {"confirm", .flag = &given.confirm},
                                          {"json", .flag = &given.json},
                                          {0}};
    int at = program_start("cluster-graph", usage, options, argc, argv);
    return run_call(&given, argc - at, argv + at);
}
