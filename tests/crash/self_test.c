#include "self_test.h"

#include "model.h"
#include "promises.h"
#include "sandbox.h"

#include <string.h>

/* One line of shell for each promise, run on a cluster that has settled. */
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
    "echo half >__cluster/recoveries/01HZZZZZZZZZZZZZZZZZZZZZZZ.json",
    "cluster-graph load graphs/people.omni --mode merge --data person.jsonl",
    "cluster-graph load graphs/books.omni --mode append --data book.jsonl",
    "(cat books.pg; echo 'node More { n: String }') | cluster-graph apply graphs/books.omni",
    NULL};

static const struct story *find_story(const char *name)
{
    const struct story *s = stories;
    while (strcmp(s->name, name) != 0)
        s++;
    return s;
}

void self_test(const struct stage_set *set, struct buf *faults)
{
    const struct story *story = find_story("everything");
    const struct model *model = &set->models[story - stories];
    for (const char *const *breakage = breakages; *breakage; breakage++) {
        const char *const argv[] = {"sh", "-c", *breakage, NULL};
        struct run run;
        struct buf noticed = BUF_INIT;
        if (!sandbox_reset(set->top, story) ||
            !run_alone(story->command, NULL, "../stdout", &run, faults))
            fault(faults, "the self-test cannot run %s", story->name);
        promises_settled(model, story->deleted, &noticed);
        if (noticed.len)
            fault(faults, "before it is broken by hand:\n%s", buf_text(&noticed));
        buf_clear(&noticed);
        (void)tool_run(argv, "", 0, NULL);
        promises_always(true, &noticed);
        promises_settled(model, story->deleted, &noticed);
        if (!noticed.len)
            fault(faults, "nobody notices: %s", *breakage);
        buf_free(&noticed);
    }
}
