/* harness - kills runs of the cluster command everywhere and checks what chapter "crashes and
 * recovery" promises; tests/crash/crash.mk runs it. */
#include "common/xalloc.h"
#include "episode.h"
#include "jobs.h"
#include "promises.h"
#include "sandbox.h"
#include "self_test.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: harness [--seed N] [--random N] [--workers N] [--within S] [--soak MINUTES]\n"
    "               [--replay STRIKE]\n"
    "\n"
    "Runs the cluster command found in PATH (a test build) in directories of its own.\n"
    "  --seed N          what is chosen by chance (default: the clock); printed, replays the run\n"
    "  --random N        how many kills at random moments (default 90)\n"
    "  --workers N       how many at a time (default 2)\n"
    "  --within S        begin nothing new after S seconds, once 300 runs were killed\n"
    "  --soak MINUTES    every victim at every failpoint and random kills, until the time is over\n"
    "  --replay STRIKE   one kill only, as a failure names it: story/point@nth/victim[+us]\n";

enum { LEAST_KILLS = 300 };

struct options {
    unsigned long long seed;
    long random, workers, within, minutes;
    const char *replay;
};

static long number(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end || value < 0) {
        fputs(usage, stderr);
        exit(64);
    }
    return value;
}

static struct options parse(int argc, char **argv)
{
    static const struct option longs[] = {{"seed", required_argument, NULL, 's'},
                                          {"random", required_argument, NULL, 'r'},
                                          {"workers", required_argument, NULL, 'w'},
                                          {"within", required_argument, NULL, 't'},
                                          {"soak", required_argument, NULL, 'm'},
                                          {"replay", required_argument, NULL, 'p'},
                                          {0}};
    struct options o = {.seed = (unsigned long long)time(NULL), .random = 90, .workers = 2};
    for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        switch (c) {
        case 's':
            o.seed = (unsigned long long)number(optarg);
            break;
        case 'r':
            o.random = number(optarg);
            break;
        case 'w':
            o.workers = number(optarg);
            break;
        case 't':
            o.within = number(optarg);
            break;
        case 'm':
            o.minutes = number(optarg);
            break;
        case 'p':
            o.replay = optarg;
            break;
        default:
            fputs(usage, stderr);
            exit(64);
        }
    }
    return o;
}

static void complain(const struct stage_set *set, const struct strike *strike,
                     const struct buf *faults)
{
    int number = atomic_fetch_add(&set->tally->failures, 1) + 1;
    struct buf name = BUF_INIT;
    strike_name(strike, &name);
    char *kept = sandbox_keep(set->top, number);
    fprintf(stderr, "BROKEN %s\n  kept in %s; again with --replay %s\n%s", buf_text(&name), kept,
            buf_text(&name), buf_text(faults));
    free(kept);
    buf_free(&name);
}

static bool is_over(const struct tally *tally, const struct jobs *jobs)
{
    return jobs->end != 0 && time(NULL) >= jobs->end &&
           atomic_load(&tally->runs_killed) >= jobs->least;
}

static void work(const struct stage_set *set, const struct jobs *jobs, int worker)
{
    tree_init();
    if (!sandbox_enter(set->top, worker)) {
        atomic_fetch_add(&set->tally->failures, 1);
        return;
    }
    for (size_t i; !is_over(set->tally, jobs) &&
                   (i = (size_t)atomic_fetch_add(&set->tally->next_job, 1)) < jobs->n;) {
        const struct strike *strike = &jobs->list[i];
        struct buf faults = BUF_INIT;
        if (episode(set, strike, &faults)) {
            atomic_fetch_add(&set->tally->episodes, 1);
            tally_count(&set->tally->stories, strike->story->name);
            tally_count(&set->tally->points, strike->point);
            tally_count(&set->tally->victims, strike->victim);
        }
        if (faults.len)
            complain(set, strike, &faults);
        buf_free(&faults);
    }
}

/* Everything that is to be done, by so many processes. */
static void run_workers(const struct stage_set *set, const struct jobs *jobs, long workers)
{
    atomic_store(&set->tally->next_job, 0);
    (void)fflush(NULL);
    for (long i = 0; i < workers; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            work(set, jobs, (int)i);
            _exit(0);
        }
        if (pid < 0)
            work(set, jobs, (int)i);
    }
    int status;
    while (wait(&status) > 0)
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            fprintf(stderr, "a worker of the harness died (wait status %d)\n", status);
            atomic_fetch_add(&set->tally->failures, 1);
        }
}

static void name_everything(struct tally *tally)
{
    static const char *const programs[] = {"cluster",        "sh",
                                           "cluster-parse",  "cluster-lock",
                                           "cluster-sweep",  "cluster-diff",
                                           "cluster-exec",   "cluster-classif",
                                           "cluster-report", "cluster-graph",
                                           "cluster-observ", "cluster-approv",
                                           "other",          NULL};
    for (const struct story *s = stories; s->name; s++)
        tally_key(&tally->stories, s->name);
    for (const char *const *p = strike_points; *p; p++)
        tally_key(&tally->points, *p);
    tally_key(&tally->points, STRIKE_RANDOM);
    for (const char *const *v = strike_victims; *v; v++)
        tally_key(&tally->victims, *v);
    for (const char *const *p = programs; *p; p++)
        tally_key(&tally->processes, *p);
    for (const char *const *r = episode_rows; *r; r++)
        tally_key(&tally->rows, *r);
}

static int models_make(struct model **models)
{
    int n = 0;
    while (stories[n].name)
        n++;
    *models = xcalloc((size_t)n, sizeof **models);
    for (int i = 0; i < n; i++)
        (*models)[i] = model_of(stories[i].after);
    return n;
}

/* The clusters, what is in them without a crash, and that the promises can be broken at all. */
static bool prepare(const struct stage_set *set, struct probes *probes)
{
    struct buf faults = BUF_INIT;
    for (const struct story *s = stories; s->name && !faults.len; s++)
        sandbox_prepare(set->top, s, &faults);
    if (!faults.len && sandbox_enter(set->top, 0)) {
        probe(set, probes, &faults);
        self_test(set, &faults);
        tally_clear(&set->tally->rows);
    }
    bool ok = faults.len == 0;
    if (!ok)
        fprintf(stderr, "before any kill, in %s:\n%s", set->top, buf_text(&faults));
    buf_free(&faults);
    return ok;
}

static void run_all(const struct stage_set *set, const struct probes *probes,
                    const struct options *o, time_t start)
{
    time_t end = time(NULL) + o->minutes * 60;
    unsigned long long seed = o->seed;
    do {
        struct jobs jobs = {0};
        if (o->minutes)
            jobs.end = end;
        else if (o->within)
            jobs = (struct jobs){.end = start + o->within, .least = LEAST_KILLS};
        if (!o->replay)
            jobs_plan(&jobs, probes, seed++, o->random, o->minutes > 0);
        else
            (void)jobs_add_named(&jobs, o->replay); /* told below, as one that came too late */
        run_workers(set, &jobs, o->replay ? 1 : o->workers);
        jobs_free(&jobs);
        if (o->replay && atomic_load(&set->tally->episodes) == 0) {
            fprintf(stderr, "%s: there is no such kill, or it came too late\n", o->replay);
            atomic_fetch_add(&set->tally->failures, 1);
        }
    } while (time(NULL) < end && atomic_load(&set->tally->failures) == 0);
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv);
    time_t start = time(NULL);
    struct tally *tally = tally_new();
    char *top = sandbox_top();
    if (!tally || !top || o.workers < 1) {
        fputs("harness: no memory, no directory or no worker\n", stderr);
        return 1;
    }
    printf("seed %llu, in %s\n", o.seed, top);
    tree_init();
    name_everything(tally);
    struct model *models;
    int n = models_make(&models);
    struct stage_set set = {top, models, tally};
    struct probes probes = {0};
    bool ok = prepare(&set, &probes);
    if (ok) {
        run_all(&set, &probes, &o, start);
        tally_print(tally);
        ok = atomic_load(&tally->failures) == 0;
        printf("%s in %ld s, seed %llu\n", ok ? "every promise held" : "BROKEN PROMISES",
               (long)(time(NULL) - start), o.seed);
    }
    if (ok)
        sandbox_remove(top);
    for (int i = 0; i < n; i++)
        model_free(&models[i]);
    probes_free(&probes);
    free(models);
    free(top);
    return ok ? 0 : 1;
}
