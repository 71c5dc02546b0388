/*
 * failpoint.h - named places where a test can make a run fail, die, stop or be overtaken.
 *
 * Test builds only (-DCLUSTER_TEST). $CLUSTER_FAILPOINTS is "name=action,…"; actions:
 *     error         failpoint() returns false with err set, code injected_failpoint
 *     crash         SIGKILL to itself
 *     pause         SIGSTOP to itself
 *     exec:COMMAND  runs COMMAND with sh, then goes on
 * A COMMAND may hold no comma. In a release build the macro is the constant true and the names are
 * not in the binary.
 *
 *     if (!FAILPOINT("cluster_apply.before_state_write", err))
 *         return false;
 */
#ifndef CLUSTER_FAILPOINT_H
#define CLUSTER_FAILPOINT_H

#include "common/error.h"

#ifdef CLUSTER_TEST
bool failpoint(const char *name, struct error *err);
#define FAILPOINT(name, err) failpoint(name, err)
#else
#define FAILPOINT(name, err) ((void)(err), true)
#endif

#endif
