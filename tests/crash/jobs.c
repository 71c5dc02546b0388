#include "jobs.h"

#include "common/io.h"
#include "common/xalloc.h"
#include "promises.h"
#include "sandbox.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HITS "../hits"

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

/* Each failpoint notes its name and the process that came to it. */
static char *noting_failpoints(void)
{
    struct buf text = BUF_INIT;
    for (const char *const *p = strike_points; *p; p++)
        buf_printf(&text, "%s%s=exec:echo %s $(cat /proc/$PPID/comm) >>" HITS,
                   p == strike_points ? "" : ",", *p, *p);
    return buf_detach(&text);
}

static void add_hit(struct probes *probes, const struct story *story, const char *line)
{
    struct hit_point hit = {.story = story, .nth = 1};
    if (sscanf(line, "%47s %15s", hit.point, hit.process) != 2)
        return;
    for (size_t i = 0; i < probes->n; i++)
        if (probes->list[i].story == story && strcmp(probes->list[i].point, hit.point) == 0)
            hit.nth++;
    probes->list = xgrow(probes->list, probes->n, &probes->cap, sizeof *probes->list);
    probes->list[probes->n++] = hit;
}

static void read_hits(struct probes *probes, const struct story *story, struct buf *faults)
{
    struct buf text = BUF_INIT;
    char *rest = NULL;
    if (!io_read_file(HITS, IO_MAX_SOURCE, &text, NULL) || text.len == 0)
        fault(faults, "%s comes to no failpoint; is this a test build?", story->name);
    for (char *line = text.len ? strtok_r(text.data, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        add_hit(probes, story, line);
    (void)unlink(HITS);
    buf_free(&text);
}

static long micros_since(const struct timespec *start)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(now.tv_sec - start->tv_sec) * 1000000 + (now.tv_nsec - start->tv_nsec) / 1000;
}

static void run_story(const struct stage_set *set, const struct story *story,
                      const char *failpoints, struct buf *faults)
{
    struct run run;
    if (!sandbox_reset(set->top, story) ||
        !run_alone(story->command, failpoints, "../stdout", &run, faults))
        fault(faults, "%s cannot be run", story->name);
    else if (!WIFEXITED(run.status) || WEXITSTATUS(run.status) != 0)
        fault(faults, "%s fails without a kill", story->name);
}

void probe(const struct stage_set *set, struct probes *probes, struct buf *faults)
{
    char *failpoints = noting_failpoints();
    (void)unlink(HITS);
    for (const struct story *s = stories; s->name; s++) {
        run_story(set, s, failpoints, faults);
        read_hits(probes, s, faults);
        struct timespec start;
        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        run_story(set, s, NULL, faults);
        probes->micros[s - stories] = micros_since(&start);
        settle(set, s, -1, faults);
    }
    free(failpoints);
}

void probes_free(struct probes *probes)
{
    free(probes->list);
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
static long span_of(const struct probes *probes, const struct story *story)
{
    long micros = probes->micros[story - stories];
    return micros + micros / 10;
}

static void add_random(struct jobs *jobs, const struct probes *probes, uint64_t *state, long n)
{
    static const char *const whom[] = {"all",  "all",  "all",    "any",
                                       "lock", "exec", "driver", "TERM"};
    long known = 0;
    while (stories[known].name)
        known++;
    for (long i = 0; i < n; i++) {
        long s = below(state, known);
        long span = span_of(probes, &stories[s]);
        struct strike strike = {.story = &stories[s], .point = STRIKE_RANDOM, .second_us = -1};
        strike.nth = below(state, span);
        (void)snprintf(strike.victim, sizeof strike.victim, "%s", whom[below(state, 8)]);
        add(jobs, &strike);
    }
}

void jobs_plan(struct jobs *jobs, const struct probes *probes, unsigned long long seed, long random,
               bool thorough)
{
    uint64_t state = seed;
    add_hits(jobs, probes, &state, thorough);
    add_random(jobs, probes, &state, random);
    for (size_t i = 0; i < jobs->n; i++) {
        struct strike *strike = &jobs->list[i];
        if (!victim_asks(strike->victim) && below(&state, 3) == 0)
            strike->second_us = below(&state, span_of(probes, strike->story));
    }
    for (size_t i = jobs->n; i > 1; i--) {
        size_t with = (size_t)below(&state, (long)i);
        struct strike swapped = jobs->list[i - 1];
        jobs->list[i - 1] = jobs->list[with];
        jobs->list[with] = swapped;
    }
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
