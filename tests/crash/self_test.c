#include "self_test.h"

#include "common/xalloc.h"
#include "promises.h"
#include "sandbox.h"

#include <stdlib.h>
#include <string.h>

/* The cluster that has settled, kept while it is broken over and over. */
#define SETTLED ".settled"

/* One line of shell for each promise; $1 is the folder of the graph roots. */
static const char *const breakages[] = {
    "printf '{' >__cluster/state.json",
    "rm __cluster/state.json",
    "sed -i 's/\"status\": \"applied\"/\"status\": \"blocked\"/' __cluster/state.json",
    "sed -i 's/\"graph.people\": {/\"graph.other\": {/' __cluster/state.json",
    "sed -i 's/\"tombstone\"/\"graph\"/' __cluster/state.json",
    "sed -i 's/\"approval_records\"/\"other_records\"/' __cluster/state.json",
    "sed -i 's/\"consumed_at\": \".*\"/\"consumed_at\": null/' __cluster/approvals/*.json",
    "sed -i 's/\"consumed_by_operation\": \"./&Z/' __cluster/approvals/*.json",
    "for f in $(find __cluster/resources/query/people -type f); do echo >>\"$f\"; done",
    "rm -r __cluster/resources/policy/readers",
    "mkdir -p __cluster/recoveries; echo half "
    ">__cluster/recoveries/01HZZZZZZZZZZZZZZZZZZZZZZZ.json",
    "echo '{}' >__cluster/lock.json",
    "echo '{}' >__cluster/lock.heartbeat.json",
    "mkdir -p graphs/other.omni; echo >graphs/other.omni/some",
    "cluster-graph load \"$1/people.omni\" --mode merge --data person.jsonl",
    "cluster-graph load \"$1/books.omni\" --mode append --data book.jsonl",
    "(cat books.pg; echo 'node More { n: String }') | cluster-graph apply \"$1/books.omni\"",
    NULL};

/* What a cache would hide. */
static const char *const in_bucket[] = {
    "rm graphs/books.omni/snapshots/*",
    "for f in graphs/people.omni/snapshots/*; do echo >>\"$f\"; done",
    "printf '{' >graphs/books.omni/manifest.json", NULL};

static const struct story *find_story(const char *name)
{
    const struct story *s = stories;
    while (strcmp(s->name, name) != 0)
        s++;
    return s;
}

static void break_it(const struct stage_set *set, const struct story *story, const char *breakage,
                     struct buf *faults)
{
    const struct model *model = &set->models[story - stories];
    char *graphs = place_graphs(&set->place);
    const char *const argv[] = {"sh", "-euc", breakage, "sh", graphs, NULL};
    struct buf noticed = BUF_INIT;
    if (!sandbox_reset(set, SETTLED) || tool_run(argv, "", 0, NULL) != 0 ||
        !place_send(&set->place))
        fault(faults, "this breaks nothing: %s", breakage);
    place_look(&set->place, faults);
    promises_always(&set->place, true, &noticed);
    promises_settled(&set->place, model, story->deleted, &noticed);
    if (!noticed.len)
        fault(faults, "nobody notices: %s", breakage);
    buf_free(&noticed);
    free(graphs);
}

void self_test(const struct stage_set *set, struct buf *faults)
{
    const struct story *story = find_story("everything");
    struct run run;
    if (!sandbox_reset(set, story->name) ||
        !run_alone(set, story->command, NULL, "../stdout", &run, faults))
        fault(faults, "the self-test cannot run %s", story->name);
    promises_settled(&set->place, &set->models[story - stories], story->deleted, faults);
    if (!sandbox_keep_as(set, SETTLED))
        fault(faults, "what the self-test breaks cannot be kept");
    for (const char *const *breakage = breakages; *breakage && !faults->len; breakage++)
        break_it(set, story, *breakage, faults);
    for (const char *const *breakage = in_bucket; set->store && *breakage && !faults->len;
         breakage++)
        break_it(set, story, *breakage, faults);
}
