/* run.c - the command of cluster-lock, from its start to the end of its last process. */
#include "lock_stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 65536 };

struct command {
    pid_t pid;   /* of the shell, and of the process group */
    int in, out; /* our ends of its pipes, or -1 */
    const char *text;
    size_t left; /* of text, still to be written */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* pipes: nothing can be lost */
    *fd = -1;
}

/* Between fork and exec: only what is safe there. Never returns. */
static _Noreturn void become(const char *command, int in, int out, const sigset_t *mask)
{
    static const char failed[] = "cluster-lock: cannot run /bin/sh\n";
    setpgid(0, 0);
    (void)signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    (void)!write(STDERR_FILENO, failed, sizeof failed - 1);
    _exit(127);
}

static bool start(struct command *c, const char *command, const sigset_t *mask, struct error *err)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    c->pid = -1;
    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0)
        c->pid = fork();
    if (c->pid == 0)
        become(command, in[0], out[1], mask);
    int cause = errno;
    close_fd(&in[0]);
    close_fd(&out[1]);
    c->in = in[1];
    c->out = out[0];
    if (c->pid < 0) {
        close_fd(&c->in);
        close_fd(&c->out);
        return error_set(err, NULL, "cannot run the command: %s", strerror(cause));
    }
    /* Also here: a signal may have to be passed on before the child has come to it. */
    (void)setpgid(c->pid, c->pid);
    (void)fcntl(c->in, F_SETFL, O_NONBLOCK);
    (void)fcntl(c->out, F_SETFL, O_NONBLOCK);
    return true;
}

static void feed(struct command *c)
{
    ssize_t n = c->left > 0 ? write(c->in, c->text, c->left) : 0;
    if (n > 0) {
        c->text += n;
        c->left -= (size_t)n;
    }
    /* EPIPE: it does not want the rest; what it answers tells what that means. */
    if (c->left == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_fd(&c->in);
}

/* Takes all that is there now. */
static void drain(struct command *c, struct buf *out)
{
    while (c->out >= 0) {
        ssize_t n = read(c->out, buf_reserve(out, CHUNK), CHUNK);
        if (n > 0) {
            out->len += (size_t)n;
            out->data[out->len] = '\0';
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            close_fd(&c->out);
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

/* Takes note of every child that has ended. True once none of the command's group is left: orphans
 * of the group have become our children (PR_SET_CHILD_SUBREAPER). */
static bool reap(const struct command *c, struct run_result *result)
{
    int status;
    pid_t pid;
    do {
        pid = waitpid(-c->pid, &status, WNOHANG);
        if (pid == c->pid)
            result->exit_status =
                WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    } while (pid > 0 || (pid < 0 && errno == EINTR));
    if (pid == 0)
        return false;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue; /* strangers that were left to us */
    return true;
}

/* True once the command has ended. */
static bool take_signals(const struct command *c, const struct signals *signals,
                         struct run_result *result)
{
    bool ended = false;
    for (int number; (number = signals_next(signals)) != 0;) {
        if (number == SIGCHLD) {
            ended = reap(c, result);
        } else {
            result->interrupted = number;
            (void)kill(-c->pid, number); /* it may be gone already */
        }
    }
    return ended;
}

bool run_command(const char *command, const struct buf *in, const struct signals *signals,
                 struct run_result *result, struct error *err)
{
    struct command c = {.text = buf_text(in), .left = in->len};
    *result = (struct run_result){.out = BUF_INIT};
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
    if (!start(&c, command, &signals->before, err))
        return false;
    bool ended = false;
    while (!ended) {
        struct pollfd fds[3] = {{signals->fd, POLLIN, 0}, {c.in, POLLOUT, 0}, {c.out, POLLIN, 0}};
        if (poll(fds, 3, -1) < 0)
            continue; /* EINTR */
        if (fds[1].revents)
            feed(&c);
        if (fds[2].revents)
            drain(&c, &result->out);
        if (fds[0].revents)
            ended = take_signals(&c, signals, result);
    }
    drain(&c, &result->out); /* what was still in the pipe */
    close_fd(&c.in);
    close_fd(&c.out);
    return true;
}
