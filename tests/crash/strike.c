#include "strike.h"

#include "common/xalloc.h"
#include "left_lock.h"
#include "promises.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ERRORS "../stderr"

static const struct {
    const char *victim, *process; /* its name as the kernel has it */
    int signal;                   /* of one that asks, else 0 */
} victims[] = {
    {"all", NULL, 0},
    {"self", NULL, 0},
    {"any", NULL, 0},
    {"lock", LOCK_HOLDER, 0},
    {"exec", "cluster-exec", 0},
    {"driver", "cluster-graph", 0},
    {"wrapper", "cluster", 0},
    {"shell", "sh", 0},
    {"report", "cluster-report", 0},
    {"parse", "cluster-parse", 0},
    {"sweep", "cluster-sweep", 0},
    {"observe", "cluster-observe", 0},
    {"diff", "cluster-diff", 0},
    {"classify", "cluster-classif", 0},
    {"approve", "cluster-approve", 0},
    {STRIKE_ASLEEP, NULL, 0},
    {"INT", NULL, SIGINT},
    {"TERM", NULL, SIGTERM},
    {"HUP", NULL, SIGHUP},
};
enum { VICTIMS = sizeof victims / sizeof *victims };

const char *const strike_victims[] = {"all",    "self",    "any",   "lock",        "exec",
                                      "driver", "wrapper", "shell", "report",      "parse",
                                      "sweep",  "observe", "diff",  "classify",    "approve",
                                      "INT",    "TERM",    "HUP",   STRIKE_ASLEEP, NULL};

const struct strike_point strike_points[] = {
    {"cluster_apply.before_graph_create", STRIKE_EVERYWHERE},
    {"cluster_apply.after_graph_create", STRIKE_EVERYWHERE},
    {"cluster_apply.before_schema_apply", STRIKE_EVERYWHERE},
    {"cluster_apply.after_schema_apply", STRIKE_EVERYWHERE},
    {"cluster_apply.before_graph_delete", STRIKE_EVERYWHERE},
    {"cluster_apply.before_root_removal", STRIKE_EVERYWHERE},
    {"cluster_apply.after_graph_delete", STRIKE_EVERYWHERE},
    {"cluster_apply.after_payload_phase", STRIKE_EVERYWHERE},
    {"cluster_apply.before_state_write", STRIKE_EVERYWHERE},
    {"cluster_apply.after_state_write", STRIKE_EVERYWHERE},
    {"cluster_sync.before_state_write", STRIKE_EVERYWHERE},
    {"cluster_graph.before_commit", STRIKE_EVERYWHERE},
    {"cluster_graph.after_commit", STRIKE_EVERYWHERE},
    {"cluster_graph.before_rename", STRIKE_ON_DISK},
    {"cluster_graph.after_rename", STRIKE_ON_DISK},
    {"cluster_graph.before_snapshot_fetch", STRIKE_IN_BUCKET},
    {"cluster_graph.before_manifest_swap", STRIKE_IN_BUCKET},
    {"cluster_graph.after_manifest_swap", STRIKE_IN_BUCKET},
    {"store.before_put", STRIKE_EVERYWHERE},
    {"store.after_put", STRIKE_EVERYWHERE},
    {"lock.after_acquire", STRIKE_EVERYWHERE},
    {NULL, STRIKE_EVERYWHERE}};

bool strike_point_is_in(const struct strike_point *point, bool bucket)
{
    return point->where != (bucket ? STRIKE_ON_DISK : STRIKE_IN_BUCKET);
}

static int find_victim(const char *name)
{
    for (int i = 0; i < VICTIMS; i++)
        if (strcmp(victims[i].victim, name) == 0)
            return i;
    return 0;
}

bool victim_asks(const char *victim)
{
    return victims[find_victim(victim)].signal != 0;
}

bool victim_is_killed(const char *victim)
{
    return !victim_asks(victim) && strcmp(victim, STRIKE_ASLEEP) != 0;
}

void strike_name(const struct strike *s, struct buf *out)
{
    buf_printf(out, "%s/%s@%ld/%s", s->story->name, s->point, s->nth, s->victim);
    if (s->second_us >= 0)
        buf_printf(out, "+%ld", s->second_us);
}

/* Copies up to one of the ends, which is stepped over. False if that is too long. */
static bool take_word(const char **at, const char *ends, char *word, size_t size)
{
    size_t len = strcspn(*at, ends);
    if (len >= size)
        return false;
    memcpy(word, *at, len);
    word[len] = '\0';
    *at += len + ((*at)[len] != '\0');
    return true;
}

bool strike_parse(const char *name, struct strike *s)
{
    char story[32], nth[24];
    *s = (struct strike){.story = stories, .second_us = -1};
    if (!take_word(&name, "/", story, sizeof story) ||
        !take_word(&name, "@", s->point, sizeof s->point) ||
        !take_word(&name, "/", nth, sizeof nth) ||
        !take_word(&name, "+", s->victim, sizeof s->victim))
        return false;
    s->nth = strtol(nth, NULL, 10);
    if (*name)
        s->second_us = strtol(name, NULL, 10);
    while (s->story->name && strcmp(s->story->name, story) != 0)
        s->story++;
    return s->story->name != NULL && *s->victim;
}

static bool start(const struct stage_set *set, struct run *run, const char *const words[4],
                  const char *failpoints, const char *out)
{
    const char *argv[8] = {"cluster"};
    int n = 1;
    for (int i = 0; i < 4 && words[i]; i++)
        argv[n++] = words[i];
    argv[n] = "--json";
    /* As execv(3) has it: the words are not changed, only the type says that they might be. */
    bool ok = run_start(run, (char *const *)argv, failpoints, out, ERRORS);
    run->beside = set->asleep;
    return ok;
}

bool run_alone(const struct stage_set *set, const char *const words[4], const char *failpoints,
               const char *out, struct run *run, struct buf *faults)
{
    bool ok = start(set, run, words, failpoints, out) && run_finish(run);
    if (!ok)
        fault(faults, "cluster %s hangs", words[0]);
    place_look(&set->place, faults);
    return ok;
}

static void kill_one(const struct tree_process *process, struct tally *tally)
{
    if (kill(process->pid, SIGKILL) == 0) {
        atomic_fetch_add(&tally->processes_killed, 1);
        tally_count(&tally->processes, process->name);
    }
}

/* Strikes those who are meant among the living. False if none of them is there. */
static bool hit(const struct strike *s, const struct tree_process *at, struct struck *struck,
                struct tally *tally)
{
    struct tree_process list[TREE_MAX];
    size_t n = tree_list(&struck->run, list), killed = 0;
    int who = find_victim(s->victim);
    if (victims[who].signal) {
        atomic_fetch_add(&tally->runs_signalled, 1);
        return !struck->run.ended && kill(-struck->run.pid, victims[who].signal) == 0;
    }
    bool all = strcmp(s->victim, "all") == 0;
    size_t chosen = n ? (size_t)s->nth % n : 0;
    for (size_t i = 0; i < n; i++) {
        bool meant = victims[who].process && strcmp(list[i].name, victims[who].process) == 0;
        if (all || meant || (strcmp(s->victim, "self") == 0 && at && list[i].pid == at->pid) ||
            (strcmp(s->victim, "any") == 0 && i == chosen)) {
            kill_one(&list[i], tally);
            killed++;
            struck->holder_died |= all || strcmp(list[i].name, LOCK_HOLDER) == 0;
        }
    }
    if (all)
        run_kill_all(&struck->run);
    if (killed > 0)
        atomic_fetch_add(&tally->runs_killed, 1);
    return killed > 0;
}

/* Waits until the run stands at its failpoint for the nth time. */
static bool reach(const struct strike *s, struct run *run, struct tree_process *at,
                  struct buf *faults)
{
    for (long i = 1;; i++) {
        enum run_state state = run_watch(run, at);
        if (state == RUN_HANGS) {
            fault(faults, "the run hangs before it is struck");
            run_kill_all(run);
        }
        if (state != RUN_STOPPED)
            return false;
        if (i == s->nth)
            return true;
        (void)kill(at->pid, SIGCONT); /* from here on the kernel no longer says stopped */
    }
}

static void sleep_us(long us)
{
    (void)nanosleep(&(struct timespec){us / 1000000, us % 1000000 * 1000}, NULL);
}

/* Waits for the moment of the strike. False if the run ended before. */
static bool await_moment(const struct strike *s, struct run *run, struct tree_process *at,
                         struct buf *faults)
{
    if (strcmp(s->point, STRIKE_RANDOM) == 0) {
        sleep_us(s->nth);
        return true;
    }
    if (strcmp(s->point, STRIKE_START) != 0)
        return reach(s, run, at, faults);
    const char *name = victims[find_victim(s->victim)].process;
    if (!name || !run_await_name(run, name, at))
        return false;
    if (s->nth > 0)
        sleep_us(s->nth);
    return kill(at->pid, SIGSTOP) == 0; /* so that it is there when it is struck */
}

bool strike_is_at_failpoint(const struct strike *s)
{
    return strcmp(s->point, STRIKE_RANDOM) != 0 && strcmp(s->point, STRIKE_START) != 0;
}

bool strike_begin(const struct stage_set *set, const struct strike *s, const char *const words[4],
                  const char *out, struct run *run, struct tree_process *at, struct buf *faults)
{
    char *failpoints = strike_is_at_failpoint(s) ? xasprintf("%s=pause", s->point) : NULL;
    bool ok = start(set, run, words, failpoints, out);
    free(failpoints);
    if (!ok)
        fault(faults, "cluster %s cannot be started", words[0]);
    return ok && await_moment(s, run, at, faults);
}

bool strike_run(const struct stage_set *set, const struct strike *s, const char *const words[4],
                const char *out, struct struck *struck, struct buf *faults)
{
    bool failpoint = strike_is_at_failpoint(s);
    struct tree_process at = {0};
    *struck = (struct struck){0};
    bool hurt = strike_begin(set, s, words, out, &struck->run, &at, faults) &&
                hit(s, failpoint ? &at : NULL, struck, set->tally);
    bool lock_died = strcmp(s->victim, "lock") == 0 && hurt && failpoint;
    if (lock_died && strcmp(at.name, LOCK_HOLDER) != 0)
        expect_held(set, "cluster-lock was killed and its pipeline lives", faults);
    if (struck->run.pid > 0 && !run_finish(&struck->run))
        fault(faults, "what is left of the run hangs");
    place_look(&set->place, faults);
    return hurt;
}
