#include "left_lock.h"

#include "promises.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK "__cluster/lock.json"

void expect_held(const struct stage_set *set, const char *why, struct buf *faults)
{
    static const char *const apply[] = {"cluster", "apply", "--json", NULL};
    struct buf out = BUF_INIT;
    int status = tool_run(apply, "", 0, &out);
    if (status != 75 || !strstr(buf_text(&out), "\"state_lock_held\""))
        fault(faults, "%s, but another apply ends %d", why, status);
    atomic_fetch_add(&set->tally->held_checks, 1);
    buf_free(&out);
}

bool take_for_dead(const struct stage_set *set, struct buf *faults)
{
    jv lock = promise_json(LOCK, faults);
    const char *id = json_peek_string(&lock, "lock_id");
    const char *const words[4] = {"force-unlock", id};
    struct run run;
    bool held = jv_is_valid(lock);
    if (held && !id) {
        fault(faults, "the lock has no id");
    } else if (held && run_alone(set, words, NULL, "../stdout", &run, faults)) {
        if (!WIFEXITED(run.status) || WEXITSTATUS(run.status) != 0)
            fault(faults, "force-unlock %s ends with wait status %d", id, run.status);
        if (access(LOCK, F_OK) == 0)
            fault(faults, "the lock %s stays after force-unlock", id);
        atomic_fetch_add(&set->tally->released, 1);
    }
    jv_free(lock);
    return held;
}

void left_lock(const struct stage_set *set, const struct struck *struck, struct buf *faults)
{
    if (access(LOCK, F_OK) != 0)
        return;
    if (!struck->holder_died) {
        fault(faults, "the lock stays, although its holder was not killed");
    } else if (set->place.root) {
        expect_held(set, "the lock of a dead command is there", faults);
        (void)take_for_dead(set, faults);
    }
}
