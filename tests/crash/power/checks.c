#include "checks.h"

#include "common/io.h"
#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

static void describe(struct buf *out, const struct pending *p)
{
    static const char *const names[] = {
        [POWER_CREATE] = "create",     [POWER_MKDIR] = "mkdir",  [POWER_WRITE] = "write",
        [POWER_TRUNCATE] = "truncate", [POWER_LINK] = "link",    [POWER_UNLINK] = "unlink",
        [POWER_RMDIR] = "rmdir",       [POWER_RENAME] = "rename"};
    const struct power_record *head = &p->record->head;
    buf_printf(out, "%5zu  %s %s %s", p->record->number, names[head->op], p->record->name,
               p->record->to);
    if (head->op == POWER_WRITE || head->op == POWER_TRUNCATE)
        buf_printf(out, "file %llu at %llu, %llu bytes", (unsigned long long)head->inode,
                   (unsigned long long)head->offset, (unsigned long long)head->len);
    if (p->outcome == OUTCOME_LOST)
        buf_puts(out, ": lost\n");
    else if (p->outcome == OUTCOME_THERE)
        buf_puts(out, ": there\n");
    else if (p->outcome == OUTCOME_SIZE)
        buf_puts(out, ": only its size\n");
    else
        buf_printf(out, ": torn, %llx\n", (unsigned long long)(p->outcome - OUTCOME_TORN));
}

static bool write_what(const char *directory, const struct pending_list *pending, size_t records)
{
    struct buf text = BUF_INIT;
    char *path = xasprintf("%s/what", directory);
    buf_printf(&text, "the crash came after record %zu; of what was not durable:\n", records);
    for (size_t i = 0; i < pending->n; i++)
        describe(&text, pending->items[i]);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && io_write_all(fd, text.data, text.len, NULL);
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    if (!ok)
        fprintf(stderr, "power: cannot write %s: %s\n", path, strerror(errno));
    free(path);
    buf_free(&text);
    return ok;
}

static bool write_state(const struct disk *disk, const char *directory)
{
    char *crashed = xasprintf("%s/crashed", directory), *checked = xasprintf("%s/disk", directory);
    bool ok = mkdir(directory, 0777) == 0;
    if (!ok)
        fprintf(stderr, "power: cannot make %s: %s\n", directory, strerror(errno));
    ok = ok && disk_write(disk, crashed) && disk_write(disk, checked);
    free(crashed);
    free(checked);
    return ok;
}

static _Noreturn void become_check(const struct run *run, const char *directory, size_t done)
{
    char count[32];
    (void)snprintf(count, sizeof count, "%zu", done);
    int null = open("/dev/null", O_RDWR);
    if (chdir(directory) == 0 && null >= 0 && dup2(null, STDIN_FILENO) >= 0) {
        int out = open("output", O_WRONLY | O_CREAT | O_TRUNC, 0666);
        if (out >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0)
            execl(run->scenario, run->scenario, "check", run->name, "disk", count, run->out,
                  (char *)NULL);
    }
    _exit(126);
}

/* Waits for one check. */
static void reap(struct checks *checks)
{
    int status;
    pid_t pid = wait(&status);
    for (size_t i = 0; i < checks->n; i++) {
        struct check *check = &checks->under_way[i];
        if (check->pid != pid && pid != -1)
            continue;
        if (pid != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
            (void)nftw(check->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        } else {
            checks->broken++;
            printf("power: %s: broken promise, see %s\n", checks->run->name, check->directory);
        }
        free(check->directory);
        *check = checks->under_way[--checks->n];
        return;
    }
}

bool checks_start(struct checks *checks, const struct disk *disk,
                  const struct pending_list *pending, size_t number, size_t records)
{
    while (checks->n >= checks->jobs)
        reap(checks);
    struct check *check = &checks->under_way[checks->n];
    check->directory = xasprintf("%s/state-%zu", checks->run->work, number);
    bool ok = write_state(disk, check->directory) && write_what(check->directory, pending, records);
    fflush(stdout);
    check->pid = ok ? fork() : -1;
    if (check->pid == 0)
        become_check(checks->run, check->directory, run_steps_done(checks->run, records));
    if (check->pid == -1) {
        fprintf(stderr, "power: cannot check %s\n", check->directory);
        free(check->directory);
        return false;
    }
    checks->n++;
    return true;
}

void checks_finish(struct checks *checks)
{
    while (checks->n > 0)
        reap(checks);
}
