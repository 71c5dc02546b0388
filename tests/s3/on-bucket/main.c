/*
 * on-bucket - runs a program of ours on a bucket for a test that was written for a disk.
 *
 * Every program has a link to this one, which comes first in PATH (tests/pipeline/helper.bash,
 * CLUSTER_TEST_STORE=s3). The link's name says which program to run. What the test changed in
 * its folder is brought to the bucket before the program runs, and what is there is brought back
 * after (mirror.h); which place in the bucket a folder has says place.h. What the program itself
 * starts runs as it is.
 *
 * Under the name mirror it is a test's own tool:
 *
 *     mirror push|pull cluster|graph PATH    as mirror.h
 *     mirror uri PATH                        where the store of a folder is
 *     mirror settle DIR                      makes the cluster.yaml there name the bucket, as
 * running a program would
 */
#include "command.h"
#include "common/xalloc.h"
#include "mirror.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Set for all that runs below a program that is mirrored: that comes from the outermost alone. */
#define ALREADY "CLUSTER_TEST_MIRRORED"

static int mirror_main(int argc, char **argv)
{
    bool push = argc == 4 && strcmp(argv[1], "push") == 0;
    if (push || (argc == 4 && strcmp(argv[1], "pull") == 0)) {
        struct place place = {argv[3], strcmp(argv[2], "graph") == 0};
        return (push ? mirror_push(&place) : mirror_pull(&place)) ? 0 : 1;
    }
    if (argc == 3 && strcmp(argv[1], "uri") == 0) {
        char *path = place_absolute(argv[2]);
        char *uri = place_uri(path ? path : argv[2]);
        printf("%s\n", uri);
        free(path);
        free(uri);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "settle") == 0) {
        struct place place = place_of_cluster(argv[2]);
        place_clear(&place);
        return 0;
    }
    fprintf(stderr, "usage: mirror push|pull cluster|graph PATH | uri PATH | settle DIR\n");
    return 64;
}

/* The signals that a test sends to what it started go on to the program. */
static const int passed_on[] = {SIGTERM, SIGINT, SIGHUP};
enum { PASSED_ON = 3 };

static void block_signals(sigset_t *were)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (int i = 0; i < PASSED_ON; i++)
        sigaddset(&set, passed_on[i]);
    sigprocmask(SIG_BLOCK, &set, were);
}

/* Waits for the program, handing on what signals come meanwhile. Its status as a shell has it. */
static int wait_for(pid_t pid)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (int i = 0; i < PASSED_ON; i++)
        sigaddset(&set, passed_on[i]);
    for (;;) {
        int status, signal = 0;
        pid_t ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (ended < 0 || sigwait(&set, &signal) != 0)
            return 1;
        if (signal != SIGCHLD)
            kill(pid, signal);
    }
}

/* Becomes the program. */
static int become(const struct command *command)
{
    if (command->document >= 0)
        dup2(command->document, STDIN_FILENO);
    execv(command->argv[0], command->argv);
    fprintf(stderr, "on-bucket: %s: %s\n", command->argv[0], strerror(errno));
    return 127;
}

static int run(const struct command *command)
{
    sigset_t were;
    block_signals(&were);
    pid_t pid = fork();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, &were, NULL);
        _exit(become(command));
    }
    return pid < 0 ? 1 : wait_for(pid);
}

/* Runs it between a push and a pull. */
static int run_mirrored(struct command *command, const char *self)
{
    bool ok = mirror_push(&command->place);
    command_wrap_shells(command, self);
    int status = run(command);
    ok = mirror_pull(&command->place) && ok;
    return status == 0 && !ok ? 1 : status;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *tool = slash ? slash + 1 : argv[0];
    if (strcmp(tool, "mirror") == 0)
        return mirror_main(argc, argv);
    const char *tools = getenv("CLUSTER_TEST_S3_TOOLS");
    if (!tools) {
        fprintf(stderr, "on-bucket: run this with tests/s3/suite\n");
        return 64;
    }
    struct command command = {.tool = tool, .argv = argv, .document = -1};
    char *self = xasprintf("%s/on-bucket/mirror", tools);
    argv[0] = xasprintf("%s/../bin/%s", tools, tool);
    bool mirrored = !getenv(ALREADY);
    setenv(ALREADY, "1", 1);
    command_find_place(&command, mirrored);
    if (strcmp(tool, "cluster-parse") == 0)
        mirrored = false;
    int status = mirrored && command.place.path ? run_mirrored(&command, self) : become(&command);
    place_clear(&command.place);
    free(argv[0]);
    free(self);
    return status;
}
