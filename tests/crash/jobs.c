#include "jobs.h"

#include "common/xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t chance(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static long below(uint64_t *state, long n)
{
    return n > 0 ? (long)(chance(state) % (uint64_t)n) : 0;
}

static void add(struct jobs *jobs, const struct strike *strike)
{
    jobs->list = xgrow(jobs->list, jobs->n, &jobs->cap, sizeof *jobs->list);
    jobs->list[jobs->n++] = *strike;
}

static void add_victim(struct jobs *jobs, const struct hit_point *hit, const char *victim)
{
    struct strike strike = {.story = hit->story, .nth = hit->nth, .second_us = -1};
    memcpy(strike.point, hit->point, sizeof strike.point);
    (void)snprintf(strike.victim, sizeof strike.victim, "%s", victim);
    add(jobs, &strike);
}

static void add_turns(struct jobs *jobs, const struct hit_point *hit, const char *const *victims,
                      size_t n, size_t *turn, bool thorough)
{
    for (size_t i = 0; i < (thorough ? n : 1); i++)
        add_victim(jobs, hit, victims[(*turn)++ % n]);
}

static void add_sleepers(struct jobs *jobs, const struct probes *probes, uint64_t *state,
                         bool thorough)
{
    enum { FEW = 5 };
    for (size_t i = 0; i < probes->n; i++)
        if (thorough || below(state, FEW) == 0)
            add_victim(jobs, &probes->list[i], STRIKE_ASLEEP);
}

static void add_hits(struct jobs *jobs, const struct probes *probes, uint64_t *state, bool thorough)
{
    /* Whoever runs then: cluster-exec waits while its driver runs, cluster-parse is long gone. */
    static const char *const with_driver[] = {"lock", "exec", "shell", "wrapper", "report"};
    static const char *const without[] = {"lock", "shell", "wrapper", "report"};
    static const char *const taking[] = {"wrapper", "report"};
    static const char *const signals[] = {"INT", "TERM", "HUP"};
    size_t turn = (size_t)below(state, 60), signal_turn = (size_t)below(state, 60);
    for (size_t i = 0; i < probes->n; i++) {
        const struct hit_point *hit = &probes->list[i];
        add_victim(jobs, hit, "all");
        add_victim(jobs, hit, "self");
        if (strcmp(hit->process, "cluster-graph") == 0)
            add_turns(jobs, hit, with_driver, 5, &turn, thorough);
        else if (strcmp(hit->process, "cluster-lock") == 0)
            add_turns(jobs, hit, taking, 2, &turn, thorough);
        else
            add_turns(jobs, hit, without, 4, &turn, thorough);
        add_turns(jobs, hit, signals, 3, &signal_turn, thorough);
    }
}

/* In which a run can be struck: a little longer than it takes. */
static long span_of(const struct tally *tally, const struct story *story)
{
    long micros = atomic_load(&tally->micros[story - stories]);
    return micros + micros / 10;
}

static bool has_driver(const struct probes *probes, const struct story *story)
{
    for (size_t i = 0; i < probes->n; i++)
        if (probes->list[i].story == story && strcmp(probes->list[i].process, "cluster-graph") == 0)
            return true;
    return false;
}

/* Every stage of a story's command, within its first moments. */
static void add_starts(struct jobs *jobs, const struct probes *probes, uint64_t *state)
{
    enum { MOMENT_US = 1000 };
    static const char *const applying[] = {"parse", "sweep",  "diff",   "classify",
                                           "exec",  "driver", "report", NULL};
    static const char *const approving[] = {"parse", "sweep", "diff",    "classify", "approve",
                                            "lock",  "shell", "wrapper", NULL};
    static const char *const observing[] = {"sweep", "observe", "exec", NULL};
    for (const struct story *s = stories; s->name; s++) {
        const char *const *stages = strcmp(s->command[0], "apply") == 0     ? applying
                                    : strcmp(s->command[0], "approve") == 0 ? approving
                                                                            : observing;
        for (; *stages; stages++) {
            if (strcmp(*stages, "driver") == 0 && !has_driver(probes, s))
                continue;
            struct strike strike = {.story = s, .point = STRIKE_START, .second_us = -1};
            if (below(state, 2) == 0)
                strike.nth = below(state, MOMENT_US);
            (void)snprintf(strike.victim, sizeof strike.victim, "%s", *stages);
            add(jobs, &strike);
        }
    }
}

static void add_random(struct jobs *jobs, const struct tally *tally, uint64_t *state, long n)
{
    static const char *const whom[] = {"all",  "all",  "all",    "any",
                                       "lock", "exec", "driver", "TERM"};
    long known = 0;
    while (stories[known].name)
        known++;
    for (long i = 0; i < n; i++) {
        long s = below(state, known);
        long span = span_of(tally, &stories[s]);
        struct strike strike = {.story = &stories[s], .point = STRIKE_RANDOM, .second_us = -1};
        strike.nth = below(state, span);
        (void)snprintf(strike.victim, sizeof strike.victim, "%s", whom[below(state, 8)]);
        add(jobs, &strike);
    }
}

static void swap(struct jobs *jobs, size_t a, size_t b)
{
    struct strike swapped = jobs->list[a];
    jobs->list[a] = jobs->list[b];
    jobs->list[b] = swapped;
}

/* Both kill at one failpoint, or the same victim at some other moment. */
static bool are_alike(const struct strike *a, const struct strike *b)
{
    return strcmp(a->point, b->point) == 0 &&
           (strike_is_at_failpoint(a) || strcmp(a->victim, b->victim) == 0);
}

static void one_of_each_first(struct jobs *jobs)
{
    size_t first = 0;
    for (size_t i = 0; i < jobs->n; i++) {
        bool is_new = victim_is_killed(jobs->list[i].victim);
        for (size_t j = 0; is_new && j < first; j++)
            is_new = !are_alike(&jobs->list[j], &jobs->list[i]);
        if (is_new)
            swap(jobs, first++, i);
    }
}

void jobs_plan(struct jobs *jobs, const struct probes *probes, const struct tally *tally,
               unsigned long long seed, long random, bool thorough, bool bucket)
{
    uint64_t state = seed;
    add_hits(jobs, probes, &state, thorough);
    if (bucket)
        add_sleepers(jobs, probes, &state, thorough);
    add_starts(jobs, probes, &state);
    add_random(jobs, tally, &state, random);
    for (size_t i = 0; i < jobs->n; i++) {
        struct strike *strike = &jobs->list[i];
        if (victim_is_killed(strike->victim) && below(&state, 3) == 0)
            strike->second_us = below(&state, span_of(tally, strike->story));
    }
    for (size_t i = jobs->n; i > 1; i--)
        swap(jobs, i - 1, (size_t)below(&state, (long)i));
    one_of_each_first(jobs);
}

void jobs_keep(struct jobs *jobs, const char *victim)
{
    size_t kept = 0;
    for (size_t i = 0; i < jobs->n; i++)
        if (strcmp(jobs->list[i].victim, victim) == 0)
            jobs->list[kept++] = jobs->list[i];
    jobs->n = kept;
}

bool jobs_add_named(struct jobs *jobs, const char *name)
{
    struct strike strike;
    if (!strike_parse(name, &strike))
        return false;
    add(jobs, &strike);
    return true;
}

void jobs_free(struct jobs *jobs)
{
    free(jobs->list);
}
