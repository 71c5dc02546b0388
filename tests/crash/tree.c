#include "tree.h"

#include "common/buf.h"
#include "common/io.h"
#include "common/xalloc.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How often to look, and how long. */
enum { LOOK_NS = 400000, PATIENCE_S = 30 };

void tree_init(void)
{
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* Between fork and exec. */
static _Noreturn void become(char *const argv[], const char *failpoints, const int fds[3])
{
    (void)setpgid(0, 0);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGINT, SIG_DFL);
    if (failpoints)
        (void)setenv("CLUSTER_FAILPOINTS", failpoints, 1);
    if (dup2(fds[0], 0) == 0 && dup2(fds[1], 1) == 1 && dup2(fds[2], 2) == 2)
        (void)execvp(argv[0], argv);
    _exit(127);
}

bool run_start(struct run *run, char *const argv[], const char *failpoints, const char *out,
               const char *err)
{
    /* Emptied here: a child that is killed at once must not seem to have said what lay there. */
    int fds[3] = {open("/dev/null", O_RDONLY | O_CLOEXEC),
                  open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666),
                  open(err, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    *run = (struct run){.pid = -1};
    if (fds[0] >= 0 && fds[1] >= 0 && fds[2] >= 0)
        run->pid = fork();
    if (run->pid == 0)
        become(argv, failpoints, fds);
    if (run->pid > 0)
        (void)setpgid(run->pid, run->pid); /* also here: we may signal the group at once */
    for (int i = 0; i < 3; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    return run->pid > 0;
}

/* Collects what has ended and was left to us. */
static void reap(struct run *run)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == run->pid) {
            run->ended = true;
            run->status = status;
        }
    }
}

/* Takes the path. */
static bool read_proc(char *path, struct buf *out)
{
    buf_clear(out);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    free(path);
    if (fd < 0)
        return false;
    bool ok = io_read_all(fd, 65536, out, NULL);
    (void)close(fd);
    return ok;
}

/* False if it is gone, or as good as gone. */
static bool describe(pid_t pid, struct buf *text, struct tree_process *process)
{
    if (!read_proc(xasprintf("/proc/%d/stat", (int)pid), text))
        return false;
    const char *open = strchr(buf_text(text), '('), *end = strrchr(buf_text(text), ')');
    if (!open || !end || strlen(end) < 3)
        return false;
    char state = end[2];
    process->pid = pid;
    process->stopped = state == 'T';
    size_t len = (size_t)(end - open - 1);
    if (len >= sizeof process->name)
        len = sizeof process->name - 1;
    memcpy(process->name, open + 1, len);
    process->name[len] = '\0';
    return state != 'Z' && state != 'X';
}

size_t tree_list(struct run *run, struct tree_process list[TREE_MAX])
{
    pid_t queue[TREE_MAX * 2] = {getpid()};
    size_t n = 0, at = 0, queued = 1;
    struct buf text = BUF_INIT;
    reap(run);
    while (at < queued) {
        pid_t pid = queue[at++];
        if (!read_proc(xasprintf("/proc/%d/task/%d/children", (int)pid, (int)pid), &text))
            continue;
        char *rest = NULL;
        for (char *word = text.len ? strtok_r(text.data, " \n", &rest) : NULL;
             word && queued < sizeof queue / sizeof *queue; word = strtok_r(NULL, " \n", &rest)) {
            pid_t child = (pid_t)strtol(word, NULL, 10);
            if (child != run->beside)
                queue[queued++] = child;
        }
    }
    for (size_t i = 1; i < queued && n < TREE_MAX; i++)
        if (describe(queue[i], &text, &list[n]))
            n++;
    buf_free(&text);
    return n;
}

static bool is_over(const struct timespec *start)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - start->tv_sec > PATIENCE_S;
}

/* Waits until a process is what is looked for, or none is left. RUN_STOPPED: *found is it. */
static enum run_state await(struct run *run,
                            bool (*is_it)(const struct tree_process *, const char *),
                            const char *name, struct tree_process *found)
{
    struct timespec start;
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    while (!is_over(&start)) {
        struct tree_process list[TREE_MAX];
        size_t n = tree_list(run, list);
        if (n == 0 && run->ended)
            return RUN_ENDED;
        for (size_t i = 0; i < n; i++)
            if (is_it(&list[i], name)) {
                *found = list[i];
                return RUN_STOPPED;
            }
        (void)nanosleep(&(struct timespec){0, LOOK_NS}, NULL);
    }
    return RUN_HANGS;
}

static bool is_stopped(const struct tree_process *process, const char *name)
{
    (void)name; /* whichever it is */
    return process->stopped;
}

static bool is_named(const struct tree_process *process, const char *name)
{
    return strcmp(process->name, name) == 0;
}

enum run_state run_watch(struct run *run, struct tree_process *stopped)
{
    return await(run, is_stopped, "", stopped);
}

bool run_await_name(struct run *run, const char *name, struct tree_process *found)
{
    return await(run, is_named, name, found) == RUN_STOPPED;
}

bool run_finish(struct run *run)
{
    struct tree_process stopped;
    for (;;) {
        switch (run_watch(run, &stopped)) {
        case RUN_ENDED:
            return true;
        case RUN_STOPPED:
            (void)kill(stopped.pid, SIGCONT);
            break;
        case RUN_HANGS:
            run_kill_all(run);
            return false;
        }
    }
}

bool run_stop(struct run *run)
{
    struct timespec start;
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    while (!is_over(&start)) {
        struct tree_process list[TREE_MAX];
        size_t n = tree_list(run, list), stopped = 0;
        for (size_t i = 0; i < n; i++) {
            stopped += list[i].stopped;
            if (!list[i].stopped)
                (void)kill(list[i].pid, SIGSTOP);
        }
        if (stopped == n)
            return n > 0;
    }
    return false;
}

void run_kill_all(struct run *run)
{
    struct tree_process list[TREE_MAX];
    for (size_t n; (n = tree_list(run, list)) > 0 || !run->ended;)
        for (size_t i = 0; i < n; i++)
            (void)kill(list[i].pid, SIGKILL);
}
