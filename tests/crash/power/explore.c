/*
 * explore.c - choosing states.
 *
 * All states after a record are also states after the next one, as long as that syncs nothing and
 * no step ends: its change may be lost. So the states right before a sync, the end of a step and
 * the end of the run are all there are; `possible` counts these.
 *
 * A rehearsal finds out how many different states there are, if they can be enumerated. If the
 * budget is enough for all of them they are all checked; else each record gets its share of it, for
 * states that are drawn with the seed.
 */
#include "explore.h"

#include "checks.h"
#include "common/xalloc.h"
#include "random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* So many combinations at one record are enumerated; it takes 30 microseconds each. */
enum { MOST_ENUMERATED = 256 };

struct seen {
    uint64_t *items;
    size_t n, cap;
};

struct session {
    struct run *run;
    struct explore *explore;
    struct checks checks;
    struct pending_list pending;
    struct disk *disk;
    struct seen seen;
    uint64_t random;
    size_t record;   /* the last one that is applied */
    bool rehearsing; /* only count */
    bool enumerates;
};

/* True if it was not there before. A linear search: there are some thousands, checked much slower
 * than this finds them. */
static bool add(struct seen *seen, uint64_t item)
{
    for (size_t i = 0; i < seen->n; i++)
        if (seen->items[i] == item)
            return false;
    seen->items = xgrow(seen->items, seen->n, &seen->cap, sizeof *seen->items);
    seen->items[seen->n++] = item;
    return true;
}

/* A state is new if its disk is, or if more had been reported by then. */
static bool is_new(struct session *s)
{
    uint64_t done = run_steps_done(s->run, s->record);
    return add(&s->seen, random_mix(disk_fingerprint(s->disk) + done));
}

/* Checks the chosen state unless an equal one was; false: the session is over. */
static bool check(struct session *s, bool *was_new)
{
    *was_new = is_new(s);
    if (!*was_new || s->rehearsing)
        return true;
    s->disk->rebuilt = random_next(&s->random);
    s->explore->checked++;
    if (!checks_start(&s->checks, s->disk, &s->pending, s->explore->checked, s->record))
        return false;
    return s->checks.broken == 0 || !s->explore->stop_at_first;
}

static void choose_all(struct session *s, uint64_t outcome)
{
    for (size_t i = 0; i < s->pending.n; i++)
        s->pending.items[i]->outcome = outcome;
}

static uint64_t draw_outcome(uint64_t *random, const struct pending *p, unsigned percent_there)
{
    if (p->outcomes > 2 && random_below(random, 100) < 20)
        return OUTCOME_SIZE + random_below(random, p->outcomes - OUTCOME_SIZE);
    return random_below(random, 100) < percent_there ? OUTCOME_THERE : OUTCOME_LOST;
}

/* One change as it comes, all others the same way. */
static void draw_one(struct session *s, uint64_t others)
{
    choose_all(s, others);
    struct pending *p = s->pending.items[random_below(&s->random, s->pending.n)];
    p->outcome = others == OUTCOME_LOST ? OUTCOME_THERE : draw_outcome(&s->random, p, 0);
}

/* Everything lost, everything there, all but one, or mostly one of them: each kind finds other
 * faults. */
static void draw(struct session *s)
{
    static const unsigned percents[] = {15, 50, 85};
    uint64_t kind = s->pending.n > 0 ? random_below(&s->random, 7) : 0;
    if (kind < 2)
        choose_all(s, kind == 0 ? OUTCOME_LOST : OUTCOME_THERE);
    else if (kind < 4)
        draw_one(s, kind == 2 ? OUTCOME_LOST : OUTCOME_THERE);
    else
        for (size_t i = 0; i < s->pending.n; i++)
            s->pending.items[i]->outcome =
                draw_outcome(&s->random, s->pending.items[i], percents[kind - 4]);
}

/* The number of combinations; above `most` it is of no matter by how much. */
static size_t combinations(const struct session *s, size_t most)
{
    size_t n = 1;
    for (size_t i = 0; i < s->pending.n && n <= most; i++)
        n = s->pending.items[i]->outcomes > most ? most + 1
                                                 : n * (size_t)s->pending.items[i]->outcomes;
    return n;
}

/* The combination with this number: the outcomes are its digits. */
static void choose(struct session *s, size_t number)
{
    for (size_t i = 0; i < s->pending.n; i++) {
        struct pending *p = s->pending.items[i];
        p->outcome = number % p->outcomes;
        number /= (size_t)p->outcomes;
    }
}

static bool check_all(struct session *s, size_t n)
{
    bool was_new;
    for (size_t i = 0; i < n; i++) {
        choose(s, i);
        if (!check(s, &was_new))
            return false;
    }
    return true;
}

static bool check_sample(struct session *s, size_t share)
{
    size_t found = 0;
    bool was_new, go_on = true;
    for (size_t tries = 0; go_on && found < share && tries < 4 * share + 8; tries++) {
        draw(s);
        go_on = check(s, &was_new);
        found += was_new ? 1 : 0;
    }
    return go_on;
}

/* Whether the states here are not all states after the next record too. */
static bool is_last_of_its_kind(const struct run *run, size_t record)
{
    return record == run->n || run->records[record].head.op == POWER_SYNC ||
           run_steps_done(run, record) != run_steps_done(run, record + 1);
}

static void count_possible(struct session *s)
{
    double bits = 0;
    for (size_t i = 0; i < s->pending.n; i++)
        bits += s->pending.items[i]->bits;
    s->explore->possible += exp2(bits);
}

/* The states after the record that was applied last. False: the session is over. */
static bool visit(struct session *s)
{
    const struct explore *e = s->explore;
    disk_pending(s->disk, &s->pending);
    size_t n = combinations(s, MOST_ENUMERATED);
    bool go_on = true;
    if (s->rehearsing) {
        if (is_last_of_its_kind(s->run, s->record))
            count_possible(s);
        s->enumerates = s->enumerates && n <= MOST_ENUMERATED && s->seen.n <= e->budget;
        go_on = !s->enumerates || check_all(s, n);
    } else if (s->enumerates) {
        go_on = check_all(s, n);
    } else if (e->checked < e->budget) {
        size_t left = e->budget - e->checked, points = s->run->n - s->record + 1;
        go_on = check_sample(s, (left + points - 1) / points);
    }
    choose_all(s, OUTCOME_THERE);
    return go_on;
}

/* With a sync taken out everything is as usual until then; and what a run that was killed could
 * leave, the scenario without a kill has shown. */
static size_t first_of_interest(const struct run *run)
{
    size_t first = run->kill_step > 0 ? run->ends[run->kill_step - 1] : 0;
    for (size_t i = 0; i < run->n; i++)
        if (run->records[i].taken_out)
            return i + 1 > first ? i + 1 : first;
    return first;
}

/* One pass over the log. False with a message on stderr if it does not fit the disk. */
static bool pass(struct session *s, struct disk *disk, bool rehearsing)
{
    const size_t first = first_of_interest(s->run);
    bool ok = true, go_on = true;
    s->disk = disk;
    s->rehearsing = rehearsing;
    s->seen.n = 0;
    for (size_t i = 0; ok && go_on && i <= s->run->n; i++) {
        ok = i == 0 || disk_apply(disk, &s->run->records[i - 1]);
        s->record = i;
        go_on = ok && (i < first || visit(s));
    }
    checks_finish(&s->checks);
    return ok && (go_on || s->checks.broken > 0);
}

bool explore(struct run *run, struct explore *explore)
{
    struct session s = {.run = run,
                        .explore = explore,
                        .checks = {.run = run, .jobs = explore->jobs},
                        .random = explore->seed,
                        .enumerates = true};
    bool ok = pass(&s, &run->rehearsal, true);
    s.enumerates = s.enumerates && s.seen.n <= explore->budget;
    ok = ok && pass(&s, &run->before, false);
    explore->all = s.enumerates;
    explore->broken = s.checks.broken;
    free(s.seen.items);
    free(s.pending.items);
    return ok;
}
