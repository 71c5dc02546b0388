#include "strike.h"

#include "common/xalloc.h"
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
    {"lock", "cluster-lock", 0},
    {"exec", "cluster-exec", 0},
    {"driver", "cluster-graph", 0},
    {"wrapper", "cluster", 0},
    {"shell", "sh", 0},
    {"report", "cluster-report", 0},
    {"INT", NULL, SIGINT},
    {"TERM", NULL, SIGTERM},
    {"HUP", NULL, SIGHUP},
};
enum { VICTIMS = sizeof victims / sizeof *victims };

const char *const strike_victims[] = {"all",   "self",   "any", "lock", "exec", "driver", "wrapper",
                                      "shell", "report", "INT", "TERM", "HUP",  NULL};

const char *const strike_points[] = {"cluster_apply.before_graph_create",
                                     "cluster_apply.after_graph_create",
                                     "cluster_apply.before_schema_apply",
                                     "cluster_apply.after_schema_apply",
                                     "cluster_apply.before_graph_delete",
                                     "cluster_apply.after_graph_delete",
                                     "cluster_apply.after_payload_phase",
                                     "cluster_apply.before_state_write",
                                     "cluster_apply.after_state_write",
                                     "cluster_sync.before_state_write",
                                     "cluster_graph.before_commit",
                                     "cluster_graph.after_commit",
                                     "cluster_graph.before_rename",
                                     "cluster_graph.after_rename",
                                     "store.before_put",
                                     "store.after_put",
                                     "lock.after_acquire",
                                     NULL};

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

static bool start(struct run *run, const char *const words[4], const char *failpoints,
                  const char *out)
{
    const char *argv[8] = {"cluster"};
    int n = 1;
    for (int i = 0; i < 4 && words[i]; i++)
        argv[n++] = words[i];
    argv[n] = "--json";
    /* As execv(3) has it: the words are not changed, only the type says that they might be. */
    return run_start(run, (char *const *)argv, failpoints, out, ERRORS);
}

bool run_alone(const char *const words[4], const char *failpoints, const char *out, struct run *run,
               struct buf *faults)
{
    if (start(run, words, failpoints, out) && run_finish(run))
        return true;
    fault(faults, "cluster %s hangs", words[0]);
    return false;
}

static void kill_one(const struct tree_process *process, struct tally *tally)
{
    if (kill(process->pid, SIGKILL) == 0) {
        atomic_fetch_add(&tally->processes_killed, 1);
        tally_count(&tally->processes, process->name);
    }
}

/* With cluster-lock dead and the rest of its pipeline alive nobody else may get the lock. */
static void expect_held(struct tally *tally, struct buf *faults)
{
    static const char *const apply[] = {"cluster", "apply", "--json", NULL};
    struct buf out = BUF_INIT;
    int status = tool_run(apply, "", 0, &out);
    if (status != 75 || !strstr(buf_text(&out), "\"state_lock_held\""))
        fault(faults, "cluster-lock was killed and its pipeline lives, but another apply ends %d",
              status);
    atomic_fetch_add(&tally->held_checks, 1);
    buf_free(&out);
}

static void expect_released(const char *victim, struct buf *faults)
{
    if (access("__cluster/lock.json", F_OK) == 0)
        fault(faults, "the lock stays after SIG%s", victim);
}

/* Strikes those who are meant among the living. False if none of them is there. */
static bool hit(const struct strike *s, const struct tree_process *at, struct run *run,
                struct tally *tally)
{
    struct tree_process list[TREE_MAX];
    size_t n = tree_list(run, list), killed = 0;
    int who = find_victim(s->victim);
    if (victims[who].signal) {
        atomic_fetch_add(&tally->runs_signalled, 1);
        return !run->ended && kill(-run->pid, victims[who].signal) == 0;
    }
    size_t chosen = n ? (size_t)s->nth % n : 0;
    for (size_t i = 0; i < n; i++) {
        bool meant = victims[who].process && strcmp(list[i].name, victims[who].process) == 0;
        if (strcmp(s->victim, "all") == 0 || meant ||
            (strcmp(s->victim, "self") == 0 && at && list[i].pid == at->pid) ||
            (strcmp(s->victim, "any") == 0 && i == chosen)) {
            kill_one(&list[i], tally);
            killed++;
        }
    }
    if (strcmp(s->victim, "all") == 0)
        run_kill_all(run);
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

bool strike_run(const struct strike *s, const char *const words[4], const char *out,
                struct run *run, struct tally *tally, struct buf *faults)
{
    bool random = strcmp(s->point, STRIKE_RANDOM) == 0;
    char *failpoints = random ? NULL : xasprintf("%s=pause", s->point);
    struct tree_process at = {0};
    bool ok = start(run, words, failpoints, out);
    free(failpoints);
    if (!ok) {
        fault(faults, "cluster %s cannot be started", words[0]);
        return false;
    }
    if (random)
        (void)nanosleep(&(struct timespec){s->nth / 1000000, s->nth % 1000000 * 1000}, NULL);
    bool struck = (random || reach(s, run, &at, faults)) && hit(s, random ? NULL : &at, run, tally);
    bool lock_died = strcmp(s->victim, "lock") == 0 && struck && !random;
    if (lock_died && strcmp(at.name, "cluster-lock") != 0)
        expect_held(tally, faults);
    if (!run_finish(run))
        fault(faults, "what is left of the run hangs");
    if (struck && victim_asks(s->victim))
        expect_released(s->victim, faults);
    return struck;
}
