/* run.c - recording a scenario, and reading what the recorder wrote. */
#include "run.h"

#include "common/io.h"
#include "common/process.h"
#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool cannot(const char *what, const char *path)
{
    fprintf(stderr, "power: cannot %s %s: %s\n", what, path, strerror(errno));
    return false;
}

static bool put_file(const char *path, const void *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && io_write_all(fd, data, len, NULL);
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    return ok || cannot("write", path);
}

/* Runs the scenario; its stdout is appended to out. */
static bool call(const struct run *run, const char *verb, const char *directory, struct buf *out)
{
    char *argv[] = {(char *)(uintptr_t)run->scenario, (char *)(uintptr_t)verb,
                    (char *)(uintptr_t)run->name, (char *)(uintptr_t)directory, NULL};
    struct process_result result = PROCESS_RESULT_INIT;
    struct error err = ERROR_INIT;
    bool ok = process_run(argv, "", 0, &result, &err);
    if (!ok)
        fprintf(stderr, "power: cannot run %s: %s\n", run->scenario, error_text(&err));
    else if (result.exit_status != 0)
        ok = fprintf(stderr, "power: %s %s %s failed: %s", run->scenario, verb, run->name,
                     buf_text(&result.err)) < 0;
    if (out)
        buf_append(out, buf_text(&result.out), result.out.len);
    process_result_clear(&result);
    error_clear(&err);
    return ok;
}

static bool read_steps(struct run *run)
{
    struct buf text = BUF_INIT;
    bool ok = call(run, "steps", NULL, &text);
    for (char *line = text.data; ok && line && *line;) {
        size_t len = strcspn(line, "\n");
        if (run->n_steps == MOST_STEPS) {
            fprintf(stderr, "power: %s has more than %d steps\n", run->name, MOST_STEPS);
            ok = false;
        } else {
            run->steps[run->n_steps++] = xstrndup(line, len);
        }
        line += len + (line[len] ? 1 : 0);
    }
    buf_free(&text);
    return ok;
}

static bool read_head(const struct run *run, struct power_head *head)
{
    int fd = open(run->log, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && pread(fd, head, sizeof *head, 0) == sizeof *head;
    if (fd >= 0)
        (void)close(fd); /* only read */
    return ok || cannot("read", run->log);
}

static bool write_kill_at(const struct run *run, uint64_t kill_at)
{
    struct power_head head;
    if (!read_head(run, &head))
        return false;
    head.kill_at = kill_at;
    int fd = open(run->log, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && pwrite(fd, &head, sizeof head, 0) == sizeof head;
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    return ok || cannot("write", run->log);
}

/* In the child: a process group of its own, for the recorder kills the group. */
static _Noreturn void become_step(const struct run *run, const char *command, const char *out)
{
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int null = open("/dev/null", O_RDWR);
    (void)setpgid(0, 0);
    if (fd >= 0 && null >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
        dup2(null, STDERR_FILENO) >= 0 && chdir(run->directory) == 0 &&
        setenv("CLUSTER_POWER_ROOT", run->directory, 1) == 0 &&
        setenv("CLUSTER_POWER_LOG", run->log, 1) == 0 &&
        setenv("LD_PRELOAD", run->recorder, 1) == 0)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(126);
}

static bool run_step(struct run *run, size_t step)
{
    struct power_head head;
    bool killed = step + 1 == run->kill_step;
    if (!read_head(run, &head) || !write_kill_at(run, killed ? head.count + run->kill_after : 0))
        return false;
    char *out = xasprintf("%s/%zu.out", run->out, step + 1);
    char *status_file = xasprintf("%s/%zu.status", run->out, step + 1);
    pid_t pid = fork();
    if (pid == 0)
        become_step(run, run->steps[step], out);
    int status = 0, other;
    /* The step is over when all of its processes are: they come to us when their parents die. */
    bool ok = pid > 0;
    for (pid_t ended; ok && (ended = wait(&other)) != -1;)
        if (ended == pid)
            status = other;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    char *text = xasprintf("%d\n", code);
    ok = ok && put_file(status_file, text, strlen(text)) && read_head(run, &head);
    run->was_killed = run->was_killed || (killed && code != 0);
    if (ok && !killed && code != 0) {
        fprintf(stderr, "power: step %zu of %s, %s, ended with %d; see %s\n", step + 1, run->name,
                run->steps[step], code, out);
        ok = false;
    }
    run->ends[step] = head.count;
    free(text);
    free(status_file);
    free(out);
    return ok;
}

static char *take_text(const char **at, size_t len)
{
    char *text = xstrndup(*at, len);
    *at += len;
    return text;
}

static bool read_log(struct run *run)
{
    struct buf log = BUF_INIT;
    struct power_head head;
    if (!io_read_file(run->log, IO_MAX_DOCUMENT, &log, NULL))
        return cannot("read", run->log);
    const char *at = buf_text(&log), *end = at + log.len;
    memcpy(&head, at, sizeof head);
    at += sizeof head;
    while ((size_t)(end - at) >= sizeof(struct power_record)) {
        struct record r = {.number = run->n + 1};
        memcpy(&r.head, at, sizeof r.head);
        at += sizeof r.head;
        if ((size_t)(end - at) < r.head.name_len + r.head.to_len + r.head.len)
            break;
        r.name = take_text(&at, r.head.name_len);
        r.to = take_text(&at, r.head.to_len);
        r.data = xmalloc(r.head.len + 1);
        memcpy(r.data, at, r.head.len);
        at += r.head.len;
        run->records = xgrow(run->records, run->n, &run->cap, sizeof *run->records);
        run->records[run->n++] = r;
    }
    bool whole = at == end && run->n == head.count;
    if (!whole)
        fprintf(stderr, "power: the log %s is cut off\n", run->log);
    buf_free(&log);
    return whole;
}

/* The directory as the log says it must be now, against what it is: no call went unseen. */
static bool log_explains(const struct run *run, struct disk *model)
{
    struct disk now = {0};
    bool ok = disk_scan(&now, run->directory);
    for (size_t i = 0; ok && i < run->n; i++) {
        if (run->records[i].head.op == POWER_SYNC)
            run->records[i].label = disk_sync_label(model, &run->records[i]);
        ok = disk_apply(model, &run->records[i]);
    }
    if (ok && disk_fingerprint(model) != disk_fingerprint(&now)) {
        fprintf(stderr, "power: the log of %s does not explain what is in %s\n", run->name,
                run->directory);
        ok = false;
    }
    disk_free(&now);
    return ok;
}

bool run_record(struct run *run)
{
    static const struct power_head empty;
    struct disk model = {0};
    run->directory = xasprintf("%s/run", run->work);
    run->log = xasprintf("%s/log", run->work);
    run->out = xasprintf("%s/out", run->work);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L); /* cannot fail on a kernel that has it */
    bool ok = (mkdir(run->directory, 0777) == 0 && mkdir(run->out, 0777) == 0) ||
              cannot("make", run->directory);
    ok = ok && call(run, "prepare", run->directory, NULL) && read_steps(run) &&
         disk_scan(&run->before, run->directory) && disk_scan(&run->rehearsal, run->directory) &&
         disk_scan(&model, run->directory) && put_file(run->log, &empty, sizeof empty);
    for (size_t i = 0; ok && i < run->n_steps; i++)
        ok = run_step(run, i);
    ok = ok && read_log(run) && log_explains(run, &model);
    disk_free(&model);
    return ok;
}

size_t run_steps_done(const struct run *run, size_t records)
{
    size_t done = 0;
    while (done < run->n_steps && run->ends[done] <= records)
        done++;
    return done;
}

size_t run_take_out_syncs(struct run *run, const char *pattern)
{
    size_t n = 0;
    for (size_t i = 0; i < run->n; i++) {
        struct record *record = &run->records[i];
        if (!record->label)
            continue;
        if (!pattern)
            printf("%5zu  %s\n", record->number, record->label);
        else if (fnmatch(pattern, record->label, 0) == 0) {
            record->taken_out = true;
            n++;
        }
    }
    return n;
}

void run_free(struct run *run)
{
    for (size_t i = 0; i < run->n_steps; i++)
        free(run->steps[i]);
    for (size_t i = 0; i < run->n; i++) {
        free(run->records[i].name);
        free(run->records[i].to);
        free(run->records[i].data);
        free(run->records[i].label);
    }
    disk_free(&run->before);
    disk_free(&run->rehearsal);
    free(run->records);
    free(run->directory);
    free(run->log);
    free(run->out);
}
