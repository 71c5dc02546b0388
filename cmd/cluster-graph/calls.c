#include "calls.h"

#include "common/actor.h"
#include "common/io.h"
#include "common/program.h"
#include "common/suggest.h"
#include "graph/graph.h"
#include "print.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one call works with. */
struct request {
    const struct call_options *given;
    const char *root, *name;
    char *actor;
    jv answer;
    struct error err;
};

/* An option that a call takes; bits of struct call.allowed. */
enum {
    OPT_ACTOR = 1,
    OPT_MODE = 2,
    OPT_DATA = 4,
    OPT_TYPE = 8,
    OPT_OLDER = 16,
    OPT_CONFIRM = 32,
    OPT_JSON = 64,
};

/* Schema sources come on stdin. */
static bool read_schema(struct request *r, struct buf *text, struct source *src)
{
    if (!io_read_all(STDIN_FILENO, IO_MAX_SOURCE, text, &r->err))
        return error_prefix(&r->err, "the schema on standard input");
    *src = (struct source){"schema", buf_text(text), text->len, "schema"};
    return true;
}

/* A committed write whose answer cannot be delivered: the caller cannot know what happened. */
static int deliver(struct request *r, enum graph_status status, bool writes)
{
    if (jv_is_valid(r->answer) && !print_json(&r->answer, &r->err) && status == GRAPH_OK)
        return writes ? GRAPH_UNKNOWN : GRAPH_FAILED;
    return (int)status;
}

static int call_init(struct request *r)
{
    struct buf text = BUF_INIT;
    struct source src;
    enum graph_status status = GRAPH_FAILED;
    if (read_schema(r, &text, &src))
        status = graph_init(r->root, &src, r->actor, &r->answer, &r->err);
    buf_free(&text);
    return deliver(r, status, true);
}

static int call_describe(struct request *r)
{
    return deliver(r, graph_describe(r->root, &r->answer, &r->err), false);
}

static int call_plan(struct request *r)
{
    struct buf text = BUF_INIT;
    struct source src;
    enum graph_status status = GRAPH_FAILED;
    if (read_schema(r, &text, &src))
        status = graph_plan(r->root, &src, &r->answer, &r->err);
    buf_free(&text);
    return deliver(r, status, false);
}

static int call_apply(struct request *r)
{
    struct buf text = BUF_INIT;
    struct source src;
    enum graph_status status = GRAPH_FAILED;
    if (read_schema(r, &text, &src))
        status = graph_apply(r->root, &src, r->actor, &r->answer, &r->err);
    buf_free(&text);
    return deliver(r, status, true);
}

static bool parse_mode(const char *text, enum load_mode *mode)
{
    static const struct {
        const char *word;
        enum load_mode mode;
    } modes[] = {{"append", LOAD_APPEND}, {"merge", LOAD_MERGE}, {"overwrite", LOAD_OVERWRITE}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(text, modes[i].word) != 0)
            continue;
        *mode = modes[i].mode;
        return true;
    }
    return false;
}

static int call_load(struct request *r)
{
    enum load_mode mode;
    if (!r->given->mode)
        return program_usage_error("load needs --mode overwrite, append or merge");
    if (!parse_mode(r->given->mode, &mode))
        return program_usage_error("unknown mode '%s': overwrite, append or merge", r->given->mode);
    int fd = STDIN_FILENO;
    bool file = r->given->data && strcmp(r->given->data, "-") != 0;
    if (file) {
        fd = open(r->given->data, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            error_set(&r->err, NULL, "cannot open %s: %s", r->given->data, strerror(errno));
            return GRAPH_FAILED;
        }
    }
    enum graph_status status = graph_load(r->root, mode, fd, r->actor, stderr, &r->answer, &r->err);
    if (file)
        (void)close(fd); /* it was only read */
    return deliver(r, status, true);
}

static int call_export(struct request *r)
{
    return (int)graph_export(r->root, r->given->type, stdout, &r->err);
}

/* A list as a table or, with --json, as JSON lines. */
static int deliver_list(struct request *r, enum graph_status status,
                        bool (*table)(const jv *list, struct error *err))
{
    if (status != GRAPH_OK)
        return (int)status;
    bool ok = r->given->json ? print_json_lines(&r->answer, &r->err) : table(&r->answer, &r->err);
    return ok ? GRAPH_OK : GRAPH_FAILED;
}

static int call_log(struct request *r)
{
    return deliver_list(r, graph_log(r->root, &r->answer, &r->err), print_log);
}

static int call_dropped(struct request *r)
{
    return deliver_list(r, graph_dropped(r->root, &r->answer, &r->err), print_dropped);
}

static int call_restore(struct request *r)
{
    enum graph_status status = graph_restore(r->root, r->name, r->actor, &r->answer, &r->err);
    return deliver(r, status, true);
}

/* "7d", "12h", "30m" as milliseconds. */
static bool parse_age(const char *text, int64_t *ms)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 6 || strlen(text) != n + 1)
        return false;
    int64_t unit = text[n] == 'd' ? 86400 : text[n] == 'h' ? 3600 : text[n] == 'm' ? 60 : 0;
    *ms = strtol(text, NULL, 10) * unit * 1000;
    return unit != 0;
}

static int call_cleanup(struct request *r)
{
    int64_t ms;
    if (!r->given->older_than)
        return program_usage_error("cleanup needs --older-than, as in --older-than 7d");
    if (!parse_age(r->given->older_than, &ms))
        return program_usage_error("'%s' is no age: give a number and d, h or m, as in 7d, 12h, "
                                   "30m",
                                   r->given->older_than);
    enum graph_status status =
        graph_cleanup(r->root, ms, r->given->confirm, r->actor, &r->answer, &r->err);
    jv would = json_get(&r->answer, "would_remove");
    bool pending =
        jv_get_kind(would) == JV_KIND_ARRAY &&
        (jv_array_length(jv_copy(would)) > 0 || json_peek_int(&r->answer, "snapshots", 0) > 0);
    jv_free(would);
    if (pending)
        program_message("nothing was removed; add --confirm to remove it");
    return deliver(r, status, r->given->confirm);
}

struct call {
    const char *name;
    int (*run)(struct request *r);
    int operands; /* with ROOT */
    unsigned allowed;
};

static const struct call calls[] = {
    {"init", call_init, 1, OPT_ACTOR},
    {"describe", call_describe, 1, 0},
    {"plan", call_plan, 1, 0},
    {"apply", call_apply, 1, OPT_ACTOR},
    {"load", call_load, 1, OPT_ACTOR | OPT_MODE | OPT_DATA},
    {"export", call_export, 1, OPT_TYPE},
    {"log", call_log, 1, OPT_JSON},
    {"dropped", call_dropped, 1, OPT_JSON},
    {"restore", call_restore, 2, OPT_ACTOR},
    {"cleanup", call_cleanup, 1, OPT_ACTOR | OPT_OLDER | OPT_CONFIRM},
};
enum { CALLS = sizeof calls / sizeof *calls };

static const struct call *find_call(const char *name)
{
    for (size_t i = 0; i < CALLS; i++)
        if (strcmp(calls[i].name, name) == 0)
            return &calls[i];
    return NULL;
}

static int unknown_call(const char *name)
{
    struct suggestion near;
    suggest_begin(&near, name);
    for (size_t i = 0; i < CALLS; i++)
        suggest_offer(&near, calls[i].name);
    const char *best = suggest_best(&near);
    return program_usage_error("unknown call '%s'%s%s", name, best ? "; did you mean " : "",
                               best ? best : "");
}

/* The first option given that this call does not take, or NULL. */
static const char *stray_option(const struct call_options *given, unsigned allowed)
{
    const struct {
        const char *name;
        bool there;
        unsigned bit;
    } all[] = {{"actor", given->actor, OPT_ACTOR},
               {"mode", given->mode, OPT_MODE},
               {"data", given->data, OPT_DATA},
               {"type", given->type, OPT_TYPE},
               {"older-than", given->older_than, OPT_OLDER},
               {"confirm", given->confirm, OPT_CONFIRM},
               {"json", given->json, OPT_JSON}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].there && !(allowed & all[i].bit))
            return all[i].name;
    return NULL;
}

/* One line, whatever the message quotes. */
static void print_error(const struct error *err)
{
    char *line = strdup(error_text(err));
    for (char *at = line; at && *at; at++)
        if ((unsigned char)*at < 0x20)
            *at = ' ';
    program_message("%s%s%s%s", line ? line : "", err->code ? " (" : "", err->code ? err->code : "",
                    err->code ? ")" : "");
    free(line);
}

int run_call(const struct call_options *given, int count, char **operands)
{
    if (count < 1)
        return program_usage_error("name a call: init, describe, plan, apply, load, export, log, "
                                   "dropped, restore or cleanup");
    const struct call *call = find_call(operands[0]);
    if (!call)
        return unknown_call(operands[0]);
    const char *stray = stray_option(given, call->allowed);
    if (stray)
        return program_usage_error("%s takes no option --%s", call->name, stray);
    if (count - 1 != call->operands || !*operands[1])
        return program_usage_error("%s takes ROOT%s", call->name,
                                   call->operands == 2 ? " and NAME, as `dropped` lists it" : "");
    struct request r = {given, operands[1],  count > 2 ? operands[2] : NULL,
                        NULL,  jv_invalid(), ERROR_INIT};
    int status;
    if (given->actor && !actor_find(given->actor, &r.actor, &r.err))
        status = program_usage_error("%s", error_text(&r.err));
    else
        status = call->run(&r);
    if (status != EXIT_USAGE_ERROR && status != GRAPH_OK && r.err.message)
        print_error(&r.err);
    free(r.actor);
    jv_free(r.answer);
    error_clear(&r.err);
    return status;
}
