#include "common/failpoint.h"

#ifdef CLUSTER_TEST

#include "common/xalloc.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool act(const char *name, const char *action, struct error *err)
{
    if (strcmp(action, "error") == 0)
        return error_set(err, "injected_failpoint", "failpoint %s", name);
    if (strcmp(action, "crash") == 0)
        raise(SIGKILL);
    else if (strcmp(action, "pause") == 0)
        raise(SIGSTOP);
    else if (strncmp(action, "exec:", 5) == 0) {
        /* The command plays a concurrent writer: it must not meet the same failpoint. */
        char *saved = xstrdup(getenv("CLUSTER_FAILPOINTS"));
        unsetenv("CLUSTER_FAILPOINTS");
        char *command = xasprintf("( %s ) >&2 </dev/null", action + 5);
        FILE *child = popen(command, "w");
        if (child)
            (void)pclose(child); /* its status is the test's business */
        free(command);
        setenv("CLUSTER_FAILPOINTS", saved, 1);
        free(saved);
    }
    return true;
}

bool failpoint(const char *name, struct error *err)
{
    const char *at = getenv("CLUSTER_FAILPOINTS");
    size_t name_len = strlen(name);
    while (at && *at) {
        size_t len = strcspn(at, ",");
        if (len > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
            char *action = xstrndup(at + name_len + 1, len - name_len - 1);
            bool ok = act(name, action, err);
            free(action);
            return ok;
        }
        at += len + (at[len] == ',');
    }
    return true;
}

#else
typedef int failpoint_is_compiled_out; /* a translation unit may not be empty */
#endif
