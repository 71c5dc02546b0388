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

/* The world that stories begin with, kept while they are prepared. */
#define BEFORE ".before"

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

static void write_files(struct buf *faults)
{
    for (const char *const *file = story_files; *file; file += 2)
        write_file(file[0], file[1], faults);
}

static void write_world(const struct stage_set *set, const struct world *world, struct buf *faults)
{
    struct buf yaml = BUF_INIT;
    world_write_yaml(world, &yaml);
    if (set->place.root)
        buf_printf(&yaml, "storage: %s\n", set->place.root);
    write_file("cluster.yaml", buf_text(&yaml), faults);
    buf_free(&yaml);
}

static void cluster(const char *command, const char *operand, struct buf *faults)
{
    const char *const argv[] = {"cluster", command, "--json", "--as", "bob", operand, NULL};
    struct buf out = BUF_INIT;
    if (tool_run(argv, "", 0, &out) != 0)
        fault(faults, "cluster %s fails: %.400s", command, buf_text(&out));
    buf_free(&out);
}

static void load(const struct stage_set *set, const struct graph_want *graph, struct buf *faults)
{
    char *graphs = place_graphs(&set->place), *root = xasprintf("%s/%s.omni", graphs, graph->id);
    const char *const argv[] = {"cluster-graph", "load",   root, "--mode",
                                "append",        "--data", "-",  NULL};
    struct buf rows = BUF_INIT;
    rows_write(graph->rows, &rows);
    if (rows.len > 0 && tool_run(argv, rows.data, rows.len, NULL) != 0)
        fault(faults, "%s cannot be loaded", root);
    buf_free(&rows);
    free(root);
    free(graphs);
}

/* Without the bucket. NULL: nothing. */
static bool fill_box(const struct stage_set *set, const char *name)
{
    char *from = xasprintf("%s/story/%d/%s/.", set->top, set->worker, name ? name : "");
    bool ok =
        shell(name ? "find . -mindepth 1 -delete; cp -a \"$1\" ." : "find . -mindepth 1 -delete",
              from, NULL);
    free(from);
    return ok;
}

bool sandbox_keep_as(const struct stage_set *set, const char *name)
{
    char *to = xasprintf("%s/story/%d/%s", set->top, set->worker, name);
    bool ok = shell("rm -rf \"$1\"; mkdir -p \"$1\"; cp -a . \"$1\"", to, NULL);
    free(to);
    return ok;
}

bool sandbox_reset(const struct stage_set *set, const char *name)
{
    struct buf faults = BUF_INIT;
    place_look(&set->place, &faults);
    bool ok = faults.len == 0 && fill_box(set, name) && place_send(&set->place);
    buf_free(&faults);
    return ok;
}

/* In the box. */
static void make_world(const struct stage_set *set, const struct world *world, struct buf *faults)
{
    write_files(faults);
    write_world(set, world, faults);
    cluster("import", NULL, faults);
    cluster("apply", NULL, faults);
    for (const struct graph_want *g = world->graphs; g->id; g++)
        load(set, g, faults);
    struct model model = model_of(world);
    place_look(&set->place, faults);
    promises_settled(&set->place, &model, NULL, faults);
    model_free(&model);
}

static void prepare(const struct stage_set *set, const struct story *story, struct buf *faults)
{
    if (!fill_box(set, story->before ? BEFORE : NULL))
        fault(faults, "the box for %s cannot be filled", story->name);
    write_files(faults);
    write_world(set, story->after, faults);
    if (story->approve) {
        if (!place_send(&set->place))
            fault(faults, "%s cannot be sent to the bucket", story->name);
        cluster("approve", story->approve, faults);
        place_look(&set->place, faults);
    }
    if (story->damage && !shell("rm -r $1", story->damage, NULL))
        fault(faults, "%s cannot be removed", story->damage);
    if (!sandbox_keep_as(set, story->name))
        fault(faults, "%s cannot be kept", story->name);
}

void sandbox_prepare(const struct stage_set *set, struct buf *faults)
{
    const struct world *made = NULL;
    for (const struct story *s = stories; s->name && !faults->len; s++) {
        if (s->before && s->before != made) {
            if (!sandbox_reset(set, NULL))
                fault(faults, "the box cannot be emptied");
            make_world(set, s->before, faults);
            if (!sandbox_keep_as(set, BEFORE))
                fault(faults, "the world before %s cannot be kept", s->name);
            made = s->before;
        }
        prepare(set, s, faults);
    }
}

bool sandbox_enter(struct stage_set *set, int worker)
{
    char *box = xasprintf("%s/worker/%d/box", set->top, worker);
    char *cache = xasprintf("%s/worker/%d/cache", set->top, worker);
    /* Also the shadow of the place in the bucket, which mirror wants to be there. */
    bool ok = shell("mkdir -p \"$1\" \"$1/../shadow\"", box, NULL) && chdir(box) == 0 &&
              setenv("XDG_CACHE_HOME", cache, 1) == 0;
    set->worker = worker;
    if (set->store)
        set->place.root = xasprintf("%s/%s/%d", set->store, strrchr(set->top, '/') + 1, worker);
    free(cache);
    free(box);
    return ok;
}

void sandbox_leave(const struct stage_set *set)
{
    if (set->place.root)
        (void)sandbox_reset(set, NULL); /* what stays is only in the way */
}

char *sandbox_keep(const struct stage_set *set, int number)
{
    char *to = xasprintf("%s/broken/%d", set->top, number);
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
