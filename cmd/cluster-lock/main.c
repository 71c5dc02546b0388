/* cluster-lock - hold the store's lock while a command runs, or release one by its id. */
#include "common/process.h"
#include "common/program.h"
#include "common/xalloc.h"
#include "lock_stage.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: cluster-lock OPERATION [--lock-timeout S] [--take-over-stale S] -- 'COMMAND' < "
    "document\n"
    "       cluster-lock release ID < document\n"
    "       cluster-lock release --stale < document\n"
    "\n"
    "Takes the lock of the store that the run document names, runs COMMAND with sh and the\n"
    "document on its stdin, releases the lock, and then writes what COMMAND wrote. A document "
    "that\n"
    "is halted is passed through, and COMMAND is not run.\n"
    "\n"
    "  --lock-timeout S      wait up to S seconds for a lock that is held (default 0)\n"
    "  --take-over-stale S   take over a lock in a bucket whose heartbeat is older than S "
    "seconds;\n"
    "                        on a disk a dead holder's lock is always taken over\n"
    "  release ID            remove the lock with exactly this id (force-unlock)\n"
    "  release --stale       remove the lock if its holder is certainly dead, in a bucket if its\n"
    "                        heartbeat is over 60 seconds old\n"
    "      --help            show this text\n"
    "      --version         show the version\n"
    "\n"
    "Exit status: that of the document (0 done, 1 an error), 64 usage, 75 the lock is held.\n";

/* The command finds the stages beside this program. */
static void put_own_directory_first(void)
{
    char *own = process_own_directory();
    const char *path = getenv("PATH");
    char *both = xasprintf("%s%s%s", own, path && *path ? ":" : "", path ? path : "");
    setenv("PATH", both, 1);
    free(both);
    free(own);
}

static bool is_operation(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len <= 64 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == len;
}

static int run_release(int argc, char **argv, int at, bool stale)
{
    struct doc doc;
    if (argc - at != (stale ? 1 : 2))
        return program_usage_error(stale ? "release --stale takes no id"
                                         : "release takes one lock id, or --stale");
    if (!doc_read(STDIN_FILENO, &doc))
        return EXIT_ERROR;
    if (!doc_halted(&doc) && doc_need(&doc, "store"))
        force_unlock(&doc, stale ? NULL : argv[at + 1]);
    return doc_finish(&doc);
}

int main(int argc, char **argv)
{
    const char *timeout_text = "0", *take_over_text = "0";
    bool stale = false;
    const struct option_spec options[] = {{"lock-timeout", .value = &timeout_text},
                                          {"take-over-stale", .value = &take_over_text},
                                          {"stale", .flag = &stale},
                                          {0}};
    int at = program_start("cluster-lock", usage, options, argc, argv);
    struct patience patience;
    if (!program_parse_seconds(timeout_text, &patience.timeout) ||
        !program_parse_seconds(take_over_text, &patience.take_over))
        return program_usage_error("--lock-timeout and --take-over-stale take whole seconds");
    if (at < argc && strcmp(argv[at], "release") == 0)
        return run_release(argc, argv, at, stale);
    if (argc - at != 2 || stale)
        return program_usage_error("expected an operation and, after --, one command");
    if (!is_operation(argv[at]))
        return program_usage_error("an operation is a word like apply or refresh");

    struct doc doc;
    if (!doc_read(STDIN_FILENO, &doc))
        return EXIT_ERROR;
    if (doc_halted(&doc) || !doc_need(&doc, "store") || !doc_need(&doc, "config"))
        return doc_finish(&doc);
    put_own_directory_first();
    return hold_and_run(&doc, argv[at], argv[at + 1], &patience);
}
