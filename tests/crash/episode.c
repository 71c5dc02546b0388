#include "episode.h"

#include "common/xalloc.h"
#include "promises.h"
#include "sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEDGER "__cluster/state.json"
#define OUT "../stdout"

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
static jv look_at_sidecars(void)
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
        char *root = xasprintf("graphs/%s.omni", graph ? graph : "");
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
static bool succeed(const struct model *model, const struct story *story,
                    const char *const words[4], struct buf *faults)
{
    struct run run;
    int64_t before = revision();
    if (!run_alone(words, NULL, OUT, &run, faults))
        return false;
    if (!WIFEXITED(run.status) || WEXITSTATUS(run.status) != 0)
        fault(faults, "cluster %s after the crash ends with wait status %d", words[0], run.status);
    (void)promises_report(model, story->deleted, OUT, run.status, faults);
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
static void expect_rest(const struct model *model, const struct story *story, struct buf *faults)
{
    static const char *const apply[4] = {"apply"};
    jv before = tool_hash_files("__cluster"), after;
    if (!succeed(model, story, apply, faults))
        fault(faults, "an apply after one that converged does not");
    after = tool_hash_files("__cluster");
    json_delete(&before, "__cluster/.lock"); /* names each holder */
    json_delete(&after, "__cluster/.lock");
    if (!json_equal(&before, &after))
        fault(faults, "an apply after one that converged writes something");
    jv_free(before);
    jv_free(after);
}

void settle(const struct stage_set *set, const struct story *story, long second_us,
            struct buf *faults)
{
    const struct model *model = &set->models[story - stories];
    if (second_us >= 0) {
        struct strike again = {story, STRIKE_RANDOM, second_us, "all", -1};
        struct run run;
        if (strike_run(&again, story->settle[0], OUT, &run, set->tally, faults))
            atomic_fetch_add(&set->tally->second_strikes, 1);
        promises_always(story->before != NULL, faults);
        (void)promises_report(model, story->deleted, OUT, run.status, faults);
    }
    jv sidecars = look_at_sidecars();
    bool converged = false;
    for (int i = 0; i < 3 && story->settle[i][0]; i++)
        converged = succeed(model, story, story->settle[i], faults);
    if (!converged)
        fault(faults, "one apply more does not converge");
    count_rows(&sidecars, set->tally);
    jv_free(sidecars);
    promises_settled(model, story->deleted, faults);
    expect_rest(model, story, faults);
}

bool episode(const struct stage_set *set, const struct strike *strike, struct buf *faults)
{
    const struct story *story = strike->story;
    const struct model *model = &set->models[story - stories];
    struct run run;
    if (!sandbox_reset(set->top, story)) {
        fault(faults, "the story %s cannot be copied", story->name);
        return true;
    }
    if (!strike_run(strike, story->command, OUT, &run, set->tally, faults) && !faults->len)
        return false;
    promises_always(story->before != NULL, faults);
    (void)promises_report(model, story->deleted, OUT, run.status, faults);
    settle(set, story, strike->second_us, faults);
    return true;
}
