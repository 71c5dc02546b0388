#include "common/process.h"

#include "common/io.h"
#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STDERR_KEPT = 65536 };

struct pipes {
    int in; /* a file that holds all of the input */
    int out[2], err[2];
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void pipes_close(struct pipes *p)
{
    close_fd(&p->in);
    for (int i = 0; i < 2; i++) {
        close_fd(&p->out[i]);
        close_fd(&p->err[i]);
    }
}

/* A file in memory that holds the bytes, to be read from its start; -1 with errno set. */
static int file_of(const char *bytes, size_t len)
{
    int fd = memfd_create("stdin", MFD_CLOEXEC);
    if (fd >= 0 && (!io_write_all(fd, bytes, len, NULL) || lseek(fd, 0, SEEK_SET) != 0))
        close_fd(&fd);
    return fd;
}

static bool pipes_open(struct pipes *p, const char *in, size_t in_len)
{
    *p = (struct pipes){-1, {-1, -1}, {-1, -1}};
    p->in = file_of(in, in_len);
    return p->in >= 0 && pipe2(p->out, O_CLOEXEC) == 0 && pipe2(p->err, O_CLOEXEC) == 0;
}

static int spawn(char *const argv[], struct pipes *p, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&actions);
    /* Each allocates. Without one of them the program would have a stream of ours: as its stdin a
     * document that we have read, in the place of a schema. */
    int failed = posix_spawn_file_actions_adddup2(&actions, p->in, STDIN_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, p->out[1], STDOUT_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, p->err[1], STDERR_FILENO);
    posix_spawnattr_init(&attr);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
    if (!failed)
        failed = posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    return failed;
}

/* Takes what is there to read; false at the end of the stream. */
static bool drain(int fd, struct buf *out, size_t keep)
{
    char chunk[65536];
    ssize_t n = read(fd, chunk, sizeof chunk);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n == 0)
        return false;
    size_t room = keep > out->len ? keep - out->len : 0;
    buf_append(out, chunk, (size_t)n < room ? (size_t)n : room);
    return true;
}

/* Drains stdout and stderr together, so that the program waits for neither. */
static void pump(struct pipes *p, struct process_result *result)
{
    while (p->out[0] >= 0 || p->err[0] >= 0) {
        struct pollfd fds[2] = {{p->out[0], POLLIN, 0}, {p->err[0], POLLIN, 0}};
        if (poll(fds, 2, -1) < 0)
            continue; /* EINTR */
        if (fds[0].revents && !drain(p->out[0], &result->out, IO_MAX_DOCUMENT))
            close_fd(&p->out[0]);
        if (fds[1].revents && !drain(p->err[0], &result->err, STDERR_KEPT))
            close_fd(&p->err[0]);
    }
}

bool process_run(char *const argv[], const char *in, size_t in_len, struct process_result *result,
                 struct error *err)
{
    struct pipes p;
    *result = (struct process_result)PROCESS_RESULT_INIT;
    if (!pipes_open(&p, in, in_len)) {
        pipes_close(&p);
        return error_set(err, NULL, "cannot run %s: %s", argv[0], strerror(errno));
    }
    pid_t pid;
    int failed = spawn(argv, &p, &pid);
    close_fd(&p.in);
    close_fd(&p.out[1]);
    close_fd(&p.err[1]);
    if (failed) {
        pipes_close(&p);
        return error_set(err, NULL, "cannot run %s: %s", argv[0], strerror(failed));
    }
    pump(&p, result);
    pipes_close(&p);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status))
        result->exit_status = WEXITSTATUS(status);
    else if (WIFSIGNALED(status))
        result->signal = WTERMSIG(status);
    return true;
}

void process_result_clear(struct process_result *result)
{
    buf_free(&result->out);
    buf_free(&result->err);
}

char *process_own_directory(void)
{
    size_t size = 256;
    for (;;) {
        char *path = xmalloc(size);
        ssize_t n = readlink("/proc/self/exe", path, size);
        if (n > 0 && (size_t)n < size) {
            path[n] = '\0';
            char *slash = strrchr(path, '/');
            if (slash && slash != path)
                *slash = '\0';
            return path;
        }
        free(path);
        if (n < 0)
            return xstrdup(".");
        size *= 2;
    }
}

static bool is_executable_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *process_find_program(const char *name)
{
    char *own = process_own_directory();
    char *path = xasprintf("%s/%s", own, name);
    free(own);
    if (is_executable_file(path))
        return path;
    free(path);
    const char *dirs = getenv("PATH");
    while (dirs && *dirs) {
        size_t len = strcspn(dirs, ":");
        path = xasprintf("%.*s/%s", len ? (int)len : 1, len ? dirs : ".", name);
        if (is_executable_file(path))
            return path;
        free(path);
        dirs += len + (dirs[len] == ':');
    }
    return NULL;
}
