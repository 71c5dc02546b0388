/*
 * power - record a scenario, then check what every power failure during it could leave.
 *
 * Start here: run.h records, disk.h is the model of a disk, explore.h goes through its states.
 */
#include "common/program.h"
#include "explore.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
    "usage: power --recorder FILE --scenario FILE [OPTION]... NAME\n"
    "\n"
    "Runs the scenario NAME under the recorder, then builds the disks that a power failure at any\n"
    "moment of it could leave, and has the scenario check each of them.\n"
    "\n"
    "  --states N       check at most so many states (default 200)\n"
    "  --seed N         draw them with this seed (default 1)\n"
    "  --jobs N         so many checks at once (default 2)\n"
    "  --kill STEP:N    kill the step, from 1, when it has made N changes; the next steps go on\n"
    "  --without LABEL  act as if the syncs with this label (a pattern) had not been there, and "
    "stop\n"
    "                   at the first broken promise; exit 0 only if there is one\n"
    "  --list-syncs     print the labels of all syncs instead of checking anything\n"
    "  --work DIR       where everything is done (default: a new directory in /dev/shm)\n"
    "      --help       show this text\n"
    "      --version    show the version\n"
    "\n"
    "Exit status: 0 every promise held, 1 one is broken or nothing could be checked, 64 usage.\n";

struct options {
    const char *recorder, *scenario, *states, *seed, *jobs, *kill, *without, *work;
    bool list_syncs;
};

static bool parse_number(const char *text, unsigned long long most, unsigned long long *number)
{
    char *end;
    if (!text)
        return true;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *number <= most;
}

static bool parse_kill(const char *text, struct run *run)
{
    char *end;
    if (!text)
        return true;
    run->kill_step = strtoul(text, &end, 10);
    if (*end != ':' || run->kill_step == 0)
        return false;
    run->kill_after = strtoul(end + 1, &end, 10);
    return *end == '\0' && run->kill_after > 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

static void print_result(const struct run *run, const struct explore *e, const char *without)
{
    printf("power: %-14s %4zu operations, about 2^%.0f states possible, %s%zu checked, %zu broken, "
           "seed "
           "%llu",
           run->name, run->n, e->possible > 0 ? log2(e->possible) : 0.0,
           e->all && !e->stop_at_first ? "all different ones, " : "", e->checked, e->broken,
           (unsigned long long)e->seed);
    if (run->was_killed)
        printf(", step %zu killed after %zu", run->kill_step, run->kill_after);
    if (without)
        printf(", without the sync of %s", without);
    putchar('\n');
}

static int run_and_explore(struct run *run, struct explore *e, const struct options *o)
{
    if (!run_record(run))
        return program_fail("%s cannot be recorded; see %s", run->name, run->work);
    if (o->list_syncs) {
        (void)run_take_out_syncs(run, NULL);
        return EXIT_DONE;
    }
    if (o->without && run_take_out_syncs(run, o->without) == 0)
        return program_fail("%s syncs nothing that is called %s", run->name, o->without);
    e->stop_at_first = o->without != NULL;
    if (!explore(run, e))
        return program_fail("%s cannot be explored; see %s", run->name, run->work);
    print_result(run, e, o->without);
    if (o->without && e->broken == 0)
        return program_fail("a missing sync of %s goes unseen", o->without);
    return (e->broken > 0) == (o->without != NULL) ? EXIT_DONE : EXIT_ERROR;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    const struct option_spec options[] = {{"recorder", .value = &o.recorder},
                                          {"scenario", .value = &o.scenario},
                                          {"states", .value = &o.states},
                                          {"seed", .value = &o.seed},
                                          {"jobs", .value = &o.jobs},
                                          {"kill", .value = &o.kill},
                                          {"without", .value = &o.without},
                                          {"work", .value = &o.work},
                                          {"list-syncs", .flag = &o.list_syncs},
                                          {0}};
    unsigned long long states = 200, seed = 1, jobs = 2;
    struct run run = {0};
    char work[] = "/dev/shm/power.XXXXXX";
    int at = program_start("power", usage, options, argc, argv);
    if (argc - at != 1 || !o.recorder || !o.scenario)
        return program_usage_error("it takes a recorder, a scenario script and one NAME");
    if (!parse_number(o.states, 1000000, &states) || !parse_number(o.jobs, MOST_JOBS, &jobs) ||
        jobs == 0 || !parse_number(o.seed, UINT64_MAX, &seed) || !parse_kill(o.kill, &run))
        return program_usage_error("a number does not fit");
    if (!o.work && !mkdtemp(work))
        return program_fail("cannot make a directory in /dev/shm; name one with --work");
    run.recorder = o.recorder;
    run.scenario = o.scenario;
    run.name = argv[at];
    run.work = o.work ? o.work : work;
    struct explore e = {.seed = seed, .budget = states, .jobs = jobs};
    int status = run_and_explore(&run, &e, &o);
    if (status == EXIT_DONE && !o.work)
        (void)nftw(work, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* what stays is in memory only */
    run_free(&run);
    return status;
}
