#include "probe.h"

#include "common/io.h"
#include "common/xalloc.h"
#include "promises.h"
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *hits_of(const struct stage_set *set, const struct story *story)
{
    return xasprintf("%s/hits.%s", set->top, story->name);
}

/* Each failpoint notes its name and the process that came to it. */
static char *noting_failpoints(const char *hits)
{
    struct buf text = BUF_INIT;
    for (const struct strike_point *p = strike_points; p->name; p++)
        buf_printf(&text, "%s%s=exec:echo %s $(cat /proc/$PPID/comm) >>%s",
                   p == strike_points ? "" : ",", p->name, p->name, hits);
    return buf_detach(&text);
}

static long micros_since(const struct timespec *start)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(now.tv_sec - start->tv_sec) * 1000000 + (now.tv_nsec - start->tv_nsec) / 1000;
}

/* Returns how long the command took. */
static long run_story(const struct stage_set *set, const struct story *story,
                      const char *failpoints, struct buf *faults)
{
    struct run run;
    struct timespec start;
    if (!sandbox_reset(set, story->name))
        fault(faults, "%s cannot be copied", story->name);
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    bool ran = run_alone(set, story->command, failpoints, "../stdout", &run, faults);
    long micros = micros_since(&start);
    if (ran && (!WIFEXITED(run.status) || WEXITSTATUS(run.status) != 0))
        fault(faults, "%s fails without a kill", story->name);
    return micros;
}

void probe(const struct stage_set *set, const struct story *story, struct buf *faults)
{
    char *hits = hits_of(set, story), *failpoints = noting_failpoints(hits);
    (void)run_story(set, story, failpoints, faults);
    atomic_store(&set->tally->micros[story - stories], run_story(set, story, NULL, faults));
    settle(set, story, -1, faults);
    free(failpoints);
    free(hits);
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

static void read_hits(const struct stage_set *set, struct probes *probes, const struct story *story,
                      struct buf *faults)
{
    struct buf text = BUF_INIT;
    char *rest = NULL, *hits = hits_of(set, story);
    if (!io_read_file(hits, IO_MAX_SOURCE, &text, NULL) || text.len == 0)
        fault(faults, "%s comes to no failpoint; is this a test build?", story->name);
    for (char *line = text.len ? strtok_r(text.data, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        add_hit(probes, story, line);
    free(hits);
    buf_free(&text);
}

void probes_read(const struct stage_set *set, struct probes *probes, struct buf *faults)
{
    for (const struct story *s = stories; s->name; s++)
        read_hits(set, probes, s, faults);
    for (const struct strike_point *p = strike_points; p->name; p++) {
        bool reached = !strike_point_is_in(p, set->store != NULL);
        for (size_t i = 0; !reached && i < probes->n; i++)
            reached = strcmp(probes->list[i].point, p->name) == 0;
        if (!reached)
            fault(faults, "no story comes to %s", p->name);
    }
}

void probes_free(struct probes *probes)
{
    free(probes->list);
}
