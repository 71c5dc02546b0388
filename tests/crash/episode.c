#include "episode.h"

#include "common/xalloc.h"
#include "left_lock.h"
#include "promises.h"
#include "sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEDGER "__cluster/state.json"
#define OUT "../stdout"
#define OUT_ASLEEP "../stdout.asleep"

const char *const episode_rows[] = {"1 create, no root",
                                    "2 create, recorded",
                                    "2 schema, recorded or never landed",
                                    "3 schema, landed",
                                    "4 create, landed",
                                    "7 delete, recorded",
                                    "7b delete, root gone",
                                    "8 delete, root is there",
                                    "no sidecar",
                                    "other",
                                    NULL};

/* {operation id: [kind, graph, root was there]} of the sidecars that the crash left. */
static jv look_at_sidecars(const struct place *place)
{
    static const char *const argv[] = {
        "sh", "-c",
        "for f in __cluster/recoveries/*.json; do [ ! -f \"$f\" ] || basename \"$f\" .json; done",
        NULL};
    struct buf out = BUF_INIT, ignored = BUF_INIT;
    jv found = jv_object();
    (void)tool_run(argv, "", 0, &out);
    char *rest = NULL;
    for (char *id = out.len ? strtok_r(out.data, "\n", &rest) : NULL; id;
         id = strtok_r(NULL, "\n", &rest)) {
        char *path = xasprintf("__cluster/recoveries/%s.json", id);
        jv sidecar = promise_json(path, &ignored); /* torn ones are faults elsewhere */
        const char *graph = json_peek_string(&sidecar, "graph_id");
        /* In a bucket what an init left that died is no root yet, but a delete has to remove it. */
        bool manifest = place->root && !json_string_is(&sidecar, "kind", "graph_delete");
        char *root =
            xasprintf("graphs/%s.omni%s", graph ? graph : "", manifest ? "/manifest.json" : "");
        json_set_bool(&sidecar, "root", access(root, F_OK) == 0);
        json_set(&found, id, sidecar);
        free(root);
        free(path);
    }
    buf_free(&ignored);
    buf_free(&out);
    return found;
}

static const char *row_of(const jv *sidecar, bool recovered)
{
    bool root = json_peek_bool(sidecar, "root", false);
    if (json_string_is(sidecar, "kind", "graph_create"))
        return episode_rows[recovered ? 4 : root ? 1 : 0];
    if (json_string_is(sidecar, "kind", "schema_apply"))
        return episode_rows[recovered ? 3 : 2];
    if (json_string_is(sidecar, "kind", "graph_delete"))
        return episode_rows[recovered ? 6 : root ? 7 : 5];
    return "other";
}

/* Which rows of the sweep the recovery went through, told by what it left in the ledger. */
static void count_rows(const jv *sidecars, struct tally *tally)
{
    struct buf ignored = BUF_INIT;
    jv ledger = promise_json(LEDGER, &ignored);
    jv records = json_get(&ledger, "recovery_records");
    bool any = false;
    for (int i = jv_object_iter(*sidecars); jv_object_iter_valid(*sidecars, i);
         i = jv_object_iter_next(*sidecars, i)) {
        jv id = jv_object_iter_key(*sidecars, i), sidecar = jv_object_iter_value(*sidecars, i);
        tally_count(&tally->rows, row_of(&sidecar, json_has(&records, jv_string_value(id))));
        jv_free(id);
        jv_free(sidecar);
        any = true;
    }
    if (!any)
        tally_count(&tally->rows, "no sidecar");
    jv_free(records);
    jv_free(ledger);
    buf_free(&ignored);
}

static int64_t revision(void)
{
    struct buf ignored = BUF_INIT;
    jv ledger = promise_json(LEDGER, &ignored);
    int64_t is = json_peek_int(&ledger, "state_revision", 0);
    jv_free(ledger);
    buf_free(&ignored);
    return is;
}

/* Runs a command that has to succeed; true if its report says that all has converged. */
static bool succeed(const struct stage_set *set, const struct story *story,
                    const char *const words[4], struct buf *faults)
{
    const struct model *model = &set->models[story - stories];
    struct run run;
    int64_t before = revision();
    if (!run_alone(set, words, NULL, OUT, &run, faults))
        return false;
    if (!WIFEXITED(run.status) || WEXITSTATUS(run.status) != 0)
        fault(faults, "cluster %s after the crash ends with wait status %d", words[0], run.status);
    (void)promises_report(&set->place, model, story->deleted, OUT, run.status, faults);
    int64_t after = revision();
    if (after < before || after > before + 1)
        fault(faults, "cluster %s took the ledger from revision %lld to %lld", words[0],
              (long long)before, (long long)after);
    jv report = promise_json(OUT, faults);
    bool converged = json_peek_bool(&report, "converged", false);
    jv_free(report);
    return converged;
}

/* There is nothing left to do, and nothing is done. */
static void expect_rest(const struct stage_set *set, const struct story *story, struct buf *faults)
{
    static const char *const apply[4] = {"apply"};
    jv before = tool_hash_files("__cluster"), after;
    if (!succeed(set, story, apply, faults))
        fault(faults, "an apply after one that converged does not");
    after = tool_hash_files("__cluster");
    json_delete(&before, "__cluster/.lock"); /* names each holder */
    json_delete(&after, "__cluster/.lock");
    if (!json_equal(&before, &after))
        fault(faults, "an apply after one that converged writes something");
    jv_free(before);
    jv_free(after);
}

/* One strike, a look at what it left, and what an operator has to do about the lock. False if the
 * run was over before it could be struck. */
static bool crash(const struct stage_set *set, const struct strike *strike,
                  const char *const words[4], struct buf *faults)
{
    const struct story *story = strike->story;
    struct struck struck;
    bool hurt = strike_run(set, strike, words, OUT, &struck, faults);
    promises_always(&set->place, story->before != NULL, faults);
    (void)promises_report(&set->place, &set->models[story - stories], story->deleted, OUT,
                          struck.run.status, faults);
    left_lock(set, &struck, faults);
    return hurt;
}

void settle(const struct stage_set *set, const struct story *story, long second_us,
            struct buf *faults)
{
    if (second_us >= 0) {
        struct strike again = {story, STRIKE_RANDOM, second_us, "all", -1};
        if (crash(set, &again, story->settle[0], faults))
            atomic_fetch_add(&set->tally->second_strikes, 1);
    }
    jv sidecars = look_at_sidecars(&set->place);
    bool converged = false;
    for (int i = 0; i < 3 && story->settle[i][0]; i++)
        converged = succeed(set, story, story->settle[i], faults);
    if (!converged)
        fault(faults, "one apply more does not converge");
    count_rows(&sidecars, set->tally);
    jv_free(sidecars);
    promises_settled(&set->place, &set->models[story - stories], story->deleted, faults);
    expect_rest(set, story, faults);
}

/* {path: hash} of what a run whose lock was taken away may not move: ledger and graphs. */
static jv unmoved(void)
{
    jv ledger = tool_hash_files(LEDGER), graphs = tool_hash_files("graphs");
    for (int i = jv_object_iter(graphs); jv_object_iter_valid(graphs, i);
         i = jv_object_iter_next(graphs, i)) {
        jv path = jv_object_iter_key(graphs, i), hex = jv_object_iter_value(graphs, i);
        if (strstr(jv_string_value(path), "/manifest.json"))
            json_set(&ledger, jv_string_value(path), jv_copy(hex));
        jv_free(path);
        jv_free(hex);
    }
    jv_free(graphs);
    return ledger;
}

/* It has moved nothing since, and claims nothing. */
static void expect_fenced(const jv *before, int status, struct buf *faults)
{
    struct buf ignored = BUF_INIT;
    jv after = unmoved();
    if (!json_equal(before, &after))
        fault(faults, "a run that lost its lock moved the ledger or a graph");
    jv_free(after);
    jv report = promise_json(OUT_ASLEEP, &ignored);
    if (json_peek_bool(&report, "ok", false) || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        fault(faults, "a run that lost its lock ends with wait status %d and says that it is well",
              status);
    jv_free(report);
    buf_free(&ignored);
}

/* What a run that slept does when it wakes up and goes on where it was, is no harm. */
static void wake(const struct stage_set *set, const struct story *story, bool held,
                 struct struck *sleeper, struct buf *faults)
{
    static const char *const apply[4] = {"apply"};
    jv before = unmoved();
    const struct model *model = &set->models[story - stories];
    if (!run_finish(&sleeper->run))
        fault(faults, "the run hangs when it wakes up");
    place_look(&set->place, faults);
    promises_always(&set->place, true, faults);
    if (held)
        expect_fenced(&before, sleeper->run.status, faults);
    else
        (void)promises_report(&set->place, model, story->deleted, OUT_ASLEEP, sleeper->run.status,
                              faults);
    left_lock(set, sleeper, faults);
    if (!succeed(set, story, apply, faults))
        fault(faults, "after a sleeper woke up one apply does not converge");
    promises_settled(&set->place, model, story->deleted, faults);
    expect_rest(set, story, faults);
    jv_free(before);
}

/*
 * The whole machine falls asleep, and is taken for dead: its lock is released, and somebody else,
 * elsewhere, does the work. Then it wakes up. Only in a bucket: on a disk nobody gets the lock of
 * somebody who sleeps. False if the run was over before.
 */
static bool sleep_through(const struct stage_set *set, const struct strike *strike,
                          struct buf *faults)
{
    struct struck sleeper = {0};
    struct tree_process at;
    if (!strike_begin(set, strike, strike->story->command, OUT_ASLEEP, &sleeper.run, &at, faults) ||
        !run_stop(&sleeper.run))
        return false;
    char *cache = xstrdup(getenv("XDG_CACHE_HOME")), *other = xasprintf("%s.elsewhere", cache);
    struct stage_set others = *set;
    others.asleep = sleeper.run.pid;
    (void)setenv("XDG_CACHE_HOME", other, 1);
    place_look(&set->place, faults);
    bool held = take_for_dead(&others, faults);
    settle(&others, strike->story, -1, faults);
    (void)setenv("XDG_CACHE_HOME", cache, 1);
    atomic_fetch_add(&set->tally->sleepers, 1);
    wake(set, strike->story, held, &sleeper, faults);
    free(other);
    free(cache);
    return true;
}

bool episode(const struct stage_set *set, const struct strike *strike, struct buf *faults)
{
    const struct story *story = strike->story;
    if (!sandbox_reset(set, story->name)) {
        fault(faults, "the story %s cannot be copied", story->name);
        return true;
    }
    if (strcmp(strike->victim, STRIKE_ASLEEP) == 0)
        return set->store && (sleep_through(set, strike, faults) || faults->len);
    if (!crash(set, strike, story->command, faults) && !faults->len)
        return false;
    settle(set, story, strike->second_us, faults);
    return true;
}
