/* harness - kills runs of the cluster command everywhere and checks what chapter "crashes and
 * recovery" promises; tests/crash/crash.mk runs it. */
#include "common/xalloc.h"
#include "jobs.h"
#include "sandbox.h"
#include "self_test.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: harness [--seed N] [--random N] [--workers N] [--within S] [--least N]\n"
    "               [--soak MINUTES] [--store s3://BUCKET/PREFIX] [--only VICTIM]\n"
    "               [--replay STRIKE]\n"
    "\n"
    "Runs the cluster command found in PATH (a test build) in directories of its own.\n"
    "  --seed N          what is chosen by chance (default: the clock); printed, replays the run\n"
    "  --random N        how many kills at random moments (default 90)\n"
    "  --workers N       how many at a time (default 2)\n"
    "  --within S        begin nothing new after S seconds, once enough runs were killed\n"
    "  --least N         how many are enough (default 300)\n"
    "  --soak MINUTES    every victim at every failpoint and random kills, until the time is over\n"
    "  --store ROOT      the clusters are stored there, and not in their directories; the server\n"
    "                    is found as the command finds it, the program mirror in PATH\n"
    "  --only VICTIM     strike nobody else: all, self, lock, exec, asleep, ...\n"
    "  --replay STRIKE   one kill only, as a failure names it: story/point@nth/victim[+us]\n";

struct options {
    unsigned long long seed;
    long random, workers, within, least, minutes;
    const char *store, *only, *replay;
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
    static const struct option longs[] = {
        {"seed", required_argument, NULL, 's'},    {"random", required_argument, NULL, 'r'},
        {"workers", required_argument, NULL, 'w'}, {"within", required_argument, NULL, 't'},
        {"least", required_argument, NULL, 'l'},   {"soak", required_argument, NULL, 'm'},
        {"store", required_argument, NULL, 'b'},   {"only", required_argument, NULL, 'o'},
        {"replay", required_argument, NULL, 'p'},  {0}};
    struct options o = {
        .seed = (unsigned long long)time(NULL), .random = 90, .workers = 2, .least = 300};
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
        case 'l':
            o.least = number(optarg);
            break;
        case 'b':
            o.store = optarg;
            break;
        case 'o':
            o.only = optarg;
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
    char *kept = sandbox_keep(set, number);
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

/* As every part of the check does: tests/summary. */
static void note_results(const struct stage_set *set)
{
    const char *results = getenv("RESULTS");
    int failed = atomic_load(&set->tally->failures);
    int passed = atomic_load(&set->tally->episodes) - failed;
    char *path = xasprintf("%s/counts", results ? results : "");
    if (results)
        (void)mkdir(results, 0777); /* it may be there */
    FILE *counts = results ? fopen(path, "a") : NULL;
    if (counts) {
        fprintf(counts, "crash:%s %d %d\n", set->store ? "bucket" : "disk", passed > 0 ? passed : 0,
                failed);
        (void)fclose(counts); /* only a count */
    }
    free(path);
}

enum { MORE_TRIES = 3 };

static void strike_all(const struct stage_set *set, const struct jobs *jobs)
{
    for (size_t i; !is_over(set->tally, jobs) &&
                   (i = (size_t)atomic_fetch_add(&set->tally->next_job, 1)) < jobs->n;) {
        const struct strike *strike = &jobs->list[i];
        struct buf faults = BUF_INIT;
        bool hurt = episode(set, strike, &faults);
        /* A stage's first moment is easily missed. */
        for (int more = 0; !hurt && strcmp(strike->point, STRIKE_START) == 0 && more < MORE_TRIES;
             more++)
            hurt = episode(set, strike, &faults);
        if (hurt) {
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

/* The clusters, what is in them without a crash, and that the promises can be broken at all. The
 * jobs are the self-test, which takes longest, and the stories. NULL: only the clusters. */
static void make_ready(const struct stage_set *set, const struct jobs *jobs)
{
    int known = 0;
    while (stories[known].name)
        known++;
    struct buf faults = BUF_INIT;
    sandbox_prepare(set, &faults);
    for (int i; jobs && !faults.len && (i = atomic_fetch_add(&set->tally->next_job, 1)) <= known;)
        if (i == 0)
            self_test(set, &faults);
        else
            probe(set, &stories[i - 1], &faults);
    if (faults.len) {
        atomic_fetch_add(&set->tally->failures, 1);
        fprintf(stderr, "before any kill, in %s/worker/%d:\n%s", set->top, set->worker,
                buf_text(&faults));
    }
    buf_free(&faults);
}

static void leave(const struct stage_set *set, const struct jobs *jobs)
{
    (void)jobs;
    sandbox_leave(set);
}

typedef void work(const struct stage_set *set, const struct jobs *jobs);

static void work_in_box(struct stage_set set, int worker, work *what, const struct jobs *jobs)
{
    tree_init();
    if (sandbox_enter(&set, worker))
        what(&set, jobs);
    else
        atomic_fetch_add(&set.tally->failures, 1);
    free(set.place.root);
}

/* Everything that is to be done, by so many processes. */
static void run_workers(const struct stage_set *set, long workers, work *what,
                        const struct jobs *jobs)
{
    atomic_store(&set->tally->next_job, 0);
    (void)fflush(NULL);
    for (int i = 0; i < workers; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            work_in_box(*set, i, what, jobs);
            _exit(0);
        }
        if (pid < 0) {
            fputs("a worker cannot be started\n", stderr);
            atomic_fetch_add(&set->tally->failures, 1);
        }
    }
    int status;
    while (wait(&status) > 0)
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            fprintf(stderr, "a worker of the harness died (wait status %d)\n", status);
            atomic_fetch_add(&set->tally->failures, 1);
        }
}

static void name_everything(struct tally *tally, bool bucket)
{
    /* As the kernel has them: cut to 15 bytes. */
    static const char *const programs[] = {"cluster",         "sh",
                                           "cluster-parse",   "cluster-lock",
                                           "cluster-sweep",   "cluster-observe",
                                           "cluster-diff",    "cluster-classif",
                                           "cluster-approve", "cluster-exec",
                                           "cluster-report",  "cluster-graph",
                                           TALLY_OTHER,       NULL};
    for (const struct story *s = stories; s->name; s++)
        tally_key(&tally->stories, s->name);
    for (const struct strike_point *p = strike_points; p->name; p++)
        if (strike_point_is_in(p, bucket))
            tally_key(&tally->points, p->name);
    tally_key(&tally->points, STRIKE_START);
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

/* Nothing that is to be killed was left out. */
static void expect_all_struck(struct tally *tally)
{
    const struct tally_table *const tables[] = {&tally->points, &tally->processes};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const char *missing = tally_missing(tables[i]);
        if (missing) {
            fprintf(stderr, "%s: nothing for %s\n", tables[i]->title, missing);
            atomic_fetch_add(&tally->failures, 1);
        }
    }
}

static void replay(const struct stage_set *set, const char *name)
{
    struct jobs jobs = {0};
    if (jobs_add_named(&jobs, name))
        run_workers(set, 1, strike_all, &jobs);
    jobs_free(&jobs);
    if (atomic_load(&set->tally->episodes) == 0) {
        fprintf(stderr, "%s: there is no such kill, or it came too late\n", name);
        atomic_fetch_add(&set->tally->failures, 1);
    }
}

static void strike_everything(const struct stage_set *set, const struct probes *probes,
                              const struct options *o, time_t start)
{
    time_t end = time(NULL) + o->minutes * 60;
    unsigned long long seed = o->seed;
    do {
        struct jobs jobs = {0};
        if (o->minutes)
            jobs.end = end;
        else if (o->within)
            jobs = (struct jobs){.end = start + o->within, .least = o->least};
        jobs_plan(&jobs, probes, set->tally, seed++, o->random, o->minutes > 0, set->store != NULL);
        if (o->only)
            jobs_keep(&jobs, o->only);
        run_workers(set, o->workers, strike_all, &jobs);
        jobs_free(&jobs);
    } while (time(NULL) < end && atomic_load(&set->tally->failures) == 0);
    if (!o->only)
        expect_all_struck(set->tally);
}

static bool run_all(const struct stage_set *set, const struct options *o, time_t start)
{
    static const struct jobs anything = {0};
    struct probes probes = {0};
    struct buf faults = BUF_INIT;
    atomic_int *failures = &set->tally->failures;
    run_workers(set, o->replay ? 1 : o->workers, make_ready, o->replay ? NULL : &anything);
    tally_clear(&set->tally->rows);
    if (!o->replay && atomic_load(failures) == 0)
        probes_read(set, &probes, &faults);
    if (faults.len) {
        fprintf(stderr, "before any kill, in %s:\n%s", set->top, buf_text(&faults));
        atomic_fetch_add(failures, 1);
    }
    bool ready = atomic_load(failures) == 0;
    if (ready) {
        printf("ready after %ld s\n", (long)(time(NULL) - start));
        if (o->replay)
            replay(set, o->replay);
        else
            strike_everything(set, &probes, o, start);
        tally_print(set->tally);
    }
    buf_free(&faults);
    probes_free(&probes);
    return atomic_load(failures) == 0;
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
    printf("seed %llu, in %s%s%s\n", o.seed, top, o.store ? " and " : "", o.store ? o.store : "");
    name_everything(tally, o.store != NULL);
    struct model *models;
    int n = models_make(&models);
    struct stage_set set = {.top = top, .store = o.store, .models = models, .tally = tally};
    bool ok = run_all(&set, &o, start);
    printf("%s in %ld s, seed %llu\n", ok ? "every promise held" : "BROKEN PROMISES",
           (long)(time(NULL) - start), o.seed);
    note_results(&set);
    if (ok) {
        run_workers(&set, o.store ? o.workers : 0, leave, NULL);
        sandbox_remove(top);
    }
    for (int i = 0; i < n; i++)
        model_free(&models[i]);
    free(models);
    free(top);
    return ok ? 0 : 1;
}
