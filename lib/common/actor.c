#include "common/actor.h"

#include "common/io.h"
#include "common/utf8.h"
#include "common/xalloc.h"
#include "common/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ACTOR_MAX = 200 };

/* True if the text names nobody. */
static bool is_blank(const char *text)
{
    return !text || text[strspn(text, " \t\r\n")] == '\0';
}

/* An actor is written into records and shown on terminals. */
static bool is_fit(const char *actor)
{
    size_t len = strlen(actor);
    if (len > ACTOR_MAX)
        return false;
    for (size_t i = 0; i < len;) {
        uint32_t codepoint;
        size_t size = utf8_decode(actor + i, len - i, &codepoint);
        if (size == 0 || codepoint < 0x20 || (codepoint >= 0x7f && codepoint < 0xa0))
            return false;
        i += size;
    }
    return true;
}

static bool take(const char *text, const char *origin, char **actor, struct error *err)
{
    if (!is_fit(text))
        return error_set(err, NULL,
                         "the actor that %s gives is not fit for a record; an actor is at most %d "
                         "bytes of UTF-8 without control characters",
                         origin, ACTOR_MAX);
    *actor = xstrdup(text);
    return true;
}

/* operator.actor of the file's text. */
static bool take_from_yaml(const char *path, const struct buf *text, char **actor,
                           struct error *err)
{
    struct yaml *yaml = yaml_parse(buf_text(text), text->len);
    bool ok = true;
    if (!yaml->root) {
        const struct yaml_problem *problem = yaml->problems;
        ok = error_set(err, NULL, "cannot read %s:%zu:%zu: %s", path, problem->line,
                       problem->column, problem->message);
    } else {
        const struct yaml_node *node = yaml_get(yaml_get(yaml->root, "operator"), "actor");
        if (node && node->kind == YAML_STRING && !is_blank(node->text))
            ok = take(node->text, path, actor, err);
        else if (node && node->kind != YAML_STRING && node->kind != YAML_NULL)
            ok = error_set(err, NULL, "%s:%zu:%zu: operator.actor must be a string, it is %s", path,
                           node->line, node->column, yaml_kind_name(node->kind));
    }
    yaml_drop(yaml);
    return ok;
}

static bool take_from_file(const char *path, char **actor, struct error *err)
{
    struct buf text = BUF_INIT;
    struct error own = ERROR_INIT;
    bool ok;
    if (io_read_file(path, IO_MAX_SOURCE, &text, &own))
        ok = take_from_yaml(path, &text, actor, err);
    else if (errno == ENOENT || errno == ENOTDIR)
        ok = true;
    else
        ok = error_set(err, NULL, "cannot read %s: %s", path, error_text(&own));
    error_clear(&own);
    buf_free(&text);
    return ok;
}

bool actor_find(const char *option, char **actor, struct error *err)
{
    *actor = NULL;
    if (!is_blank(option))
        return take(option, "the command line", actor, err);
    const char *variable = getenv("CLUSTER_ACTOR");
    if (!is_blank(variable))
        return take(variable, "$CLUSTER_ACTOR", actor, err);
    const char *home = getenv("HOME");
    if (!home || !*home)
        return true;
    char *path = xasprintf("%s/.omnigraph/config.yaml", home);
    bool ok = take_from_file(path, actor, err);
    free(path);
    return ok;
}
