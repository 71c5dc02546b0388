/*
 * tree.h - running a command, and watching and killing the processes that it consists of.
 *
 * The caller has become a child subreaper (tree_init()), so that whatever a run starts stays below
 * it, whoever of its ancestors dies. One run at a time, but for one that run_stop() has stopped
 * whole.
 */
#ifndef CLUSTER_CRASH_TREE_H
#define CLUSTER_CRASH_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { TREE_MAX = 64, NAME_MAX_LEN = 16 };

struct tree_process {
    pid_t pid;
    bool stopped;
    char name[NAME_MAX_LEN]; /* as the kernel has it: cut to 15 bytes */
};

struct run {
    pid_t pid;    /* of the command, and of its process group */
    pid_t beside; /* of a run that is stopped whole, and is left alone; 0: none */
    bool ended;   /* the command itself */
    int status;   /* of waitpid(), once it has ended */
};

enum run_state { RUN_ENDED, RUN_STOPPED, RUN_HANGS };

void tree_init(void);

/*
 * Starts argv[0] in a process group of its own, stdin from /dev/null, stdout and stderr to the
 * files, $CLUSTER_FAILPOINTS as given (NULL: none). False if it cannot be started.
 */
bool run_start(struct run *run, char *const argv[], const char *failpoints, const char *out,
               const char *err);

/* Every living process below us but those of the run beside; at most TREE_MAX of them. */
size_t tree_list(struct run *run, struct tree_process list[TREE_MAX]);

/* Waits until a process has stopped (by the failpoint action `pause`), or none is left. Half a
 * minute without either is RUN_HANGS. */
enum run_state run_watch(struct run *run, struct tree_process *stopped);

/* Waits until a process of this name is there. False if the run is over before that, or half a
 * minute is. */
bool run_await_name(struct run *run, const char *name, struct tree_process *found);

/* Lets stopped ones go on until none is left. False if that does not come to an end. */
bool run_finish(struct run *run);

/* Stops every process of the run, none of which has died, until run_finish(). False if they do not
 * all stop. */
bool run_stop(struct run *run);

/* Kills all that tree_list() lists, however it is done. */
void run_kill_all(struct run *run);

#endif
