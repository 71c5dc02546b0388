/*
 * process.h - running another program, bytes in, bytes out.
 */
#ifndef CLUSTER_PROCESS_H
#define CLUSTER_PROCESS_H

#include "common/buf.h"
#include "common/error.h"

#include <stdbool.h>
#include <stddef.h>

struct process_result {
    int exit_status; /* of a program that exited, else -1 */
    int signal;      /* that killed it, else 0 */
    struct buf out;  /* its stdout, up to 1 GiB */
    struct buf err;  /* its stderr, up to 64 KiB */
};

#define PROCESS_RESULT_INIT       \
    {                             \
        -1, 0, BUF_INIT, BUF_INIT \
    }

/*
 * Runs argv[0] (a path, or a name looked up in PATH) with `in` on its stdin and waits for its end.
 * The stdin is a file in memory (memfd_create(2)), not a pipe: all of it is there before the
 * program starts, so that it never takes the first part for the whole when the caller is killed.
 * The child starts with the default action for SIGPIPE; descriptors above 2 are inherited only if
 * they are not close-on-exec. False with err set if it could not be run at all. The caller frees
 * the result with process_result_clear() either way.
 */
bool process_run(char *const argv[], const char *in, size_t in_len, struct process_result *result,
                 struct error *err);
void process_result_clear(struct process_result *result);

/* The directory of the running program, without a trailing slash; to be freed. */
char *process_own_directory(void);

/*
 * Looks a program up beside the running one, then in PATH. NULL if there is none that can be
 * executed. To be freed.
 */
char *process_find_program(const char *name);

#endif
