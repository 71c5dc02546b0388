#include "sandbox.h"

#include "common/io.h"
#include "common/xalloc.h"
#include "model.h"
#include "promises.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *sandbox_top(void)
{
    const char *temporary = getenv("TMPDIR");
    const char *places[] = {"/dev/shm", temporary ? temporary : "/tmp", "/tmp"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *top = xasprintf("%s/cluster-crash.XXXXXX", places[i]);
        if (access(places[i], W_OK | X_OK) == 0 && mkdtemp(top))
            return top;
        free(top);
    }
    return NULL;
}

static bool shell(const char *script, const char *a, const char *b)
{
    const char *const argv[] = {"sh", "-euc", script, "sh", a, b, NULL};
    return tool_run(argv, "", 0, NULL) == 0;
}

static void write_file(const char *name, const char *text, struct buf *faults)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || !io_write_all(fd, text, strlen(text), NULL))
        fault(faults, "%s cannot be written", name);
    if (fd >= 0)
        (void)close(fd);
}

static void write_world(const struct world *world, struct buf *faults)
{
    struct buf yaml = BUF_INIT;
    world_write_yaml(world, &yaml);
    write_file("cluster.yaml", buf_text(&yaml), faults);
    buf_free(&yaml);
}

static void cluster(const char *command, const char *operand, struct buf *faults)
{
    const char *const argv[] = {"cluster", command, "--json", "--as", "bob", operand, NULL};
    if (tool_run(argv, "", 0, NULL) != 0)
        fault(faults, "cluster %s fails", command);
}

static void load(const struct graph_want *graph, struct buf *faults)
{
    char *root = xasprintf("graphs/%s.omni", graph->id);
    const char *const argv[] = {"cluster-graph", "load",   root, "--mode",
                                "append",        "--data", "-",  NULL};
    struct buf rows = BUF_INIT;
    rows_write(graph->rows, &rows);
    if (rows.len > 0 && tool_run(argv, rows.data, rows.len, NULL) != 0)
        fault(faults, "%s cannot be loaded", root);
    buf_free(&rows);
    free(root);
}

void sandbox_prepare(const char *top, const struct story *story, struct buf *faults)
{
    if (!shell("mkdir -p \"$1/story/$2\"", top, story->name) || chdir(top) != 0 ||
        chdir("story") != 0 || chdir(story->name) != 0) {
        fault(faults, "no directory for %s can be made in %s", story->name, top);
        return;
    }
    for (const char *const *file = story_files; *file; file += 2)
        write_file(file[0], file[1], faults);
    if (story->before) {
        write_world(story->before, faults);
        cluster("import", NULL, faults);
        cluster("apply", NULL, faults);
        for (const struct graph_want *g = story->before->graphs; g->id; g++)
            load(g, faults);
        struct model model = model_of(story->before);
        promises_settled(&model, NULL, faults);
        model_free(&model);
    }
    write_world(story->after, faults);
    if (story->approve)
        cluster("approve", story->approve, faults);
    if (story->damage && !shell("rm -r $1", story->damage, NULL))
        fault(faults, "%s cannot be removed", story->damage);
}

bool sandbox_enter(const char *top, int worker)
{
    char *box = xasprintf("%s/worker/%d/box", top, worker);
    bool ok = shell("mkdir -p \"$1\"", box, NULL) && chdir(box) == 0;
    free(box);
    return ok;
}

bool sandbox_reset(const char *top, const struct story *story)
{
    char *from = xasprintf("%s/story/%s/.", top, story->name);
    bool ok = shell("find . -mindepth 1 -delete; cp -a \"$1\" .", from, NULL);
    free(from);
    return ok;
}

char *sandbox_keep(const char *top, int number)
{
    char *to = xasprintf("%s/broken/%d", top, number);
    if (!shell("mkdir -p \"$1\" && cp -a ../. \"$1\"", to, NULL)) {
        free(to);
        return xstrdup("nowhere, for it cannot be copied");
    }
    return to;
}

void sandbox_remove(const char *top)
{
    (void)shell("cd / && rm -rf \"$1\"", top, NULL); /* what stays is only in the way */
}
