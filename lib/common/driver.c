#include "common/driver.h"

#include "common/process.h"
#include "common/shape.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

static const struct shape shape_steps = {.kind = SHAPE_ARRAY, .of = &shape_any};

static const struct shape init_answer = {
    .kind = SHAPE_OBJECT,
    .open = true,
    .fields = (const struct shape_field[]){
        {"manifest_version", true, &shape_int}, {"schema_digest", true, &shape_digest}, {0}}};
static const struct shape describe_answer = {
    .kind = SHAPE_OBJECT,
    .open = true,
    .fields = (const struct shape_field[]){{"manifest_version", true, &shape_int},
                                           {"schema_digest", true, &shape_digest},
                                           {"schema", true, &shape_string},
                                           {0}}};
static const struct shape plan_answer = {
    .kind = SHAPE_OBJECT,
    .open = true,
    .fields = (const struct shape_field[]){
        {"supported", true, &shape_bool}, {"steps", true, &shape_steps}, {0}}};
static const struct shape apply_answer = {
    .kind = SHAPE_OBJECT,
    .open = true,
    .fields = (const struct shape_field[]){{"supported", true, &shape_bool},
                                           {"applied", true, &shape_bool},
                                           {"manifest_version", true, &shape_int},
                                           {"steps", true, &shape_steps},
                                           {0}}};

bool driver_name_is_valid(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len <= 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == len;
}

char *driver_find(const char *name)
{
    if (!driver_name_is_valid(name))
        return NULL;
    bool embedded = strcmp(name, "sqlite") == 0;
    char *program = xasprintf("cluster-graph%s%s", embedded ? "" : "-", embedded ? "" : name);
    char *path = process_find_program(program);
    free(program);
    return path;
}

/* What the driver said on stderr, as one message: without the final newline and its own name. */
static char *stderr_message(const struct process_result *result, const char *verb)
{
    const char *text = buf_text(&result->err);
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    const char *colon = strstr(text, ": ");
    if (strncmp(text, "cluster-graph", 13) == 0 && colon && colon < text + len) {
        len -= (size_t)(colon + 2 - text);
        text = colon + 2;
    }
    if (result->signal)
        return xasprintf("the driver died by signal %d during %s%s%.*s", result->signal, verb,
                         len ? ": " : "", (int)len, text);
    if (len == 0)
        return xasprintf("the driver's %s failed with exit status %d and no message", verb,
                         result->exit_status);
    return xstrndup(text, len);
}

static enum driver_status status_of(const struct process_result *result)
{
    switch (result->exit_status) {
    case DRIVER_OK:
    case DRIVER_FAILED:
    case DRIVER_NO_GRAPH:
    case DRIVER_CANNOT_OPEN:
        return (enum driver_status)result->exit_status;
    case 64: /* it refused our words: nothing moved */
        return DRIVER_FAILED;
    default:
        return DRIVER_UNKNOWN;
    }
}

static struct driver_answer call(const char *driver, const char *verb, const char *root,
                                 const char *schema, size_t schema_len, const char *actor,
                                 const struct shape *shape)
{
    struct driver_answer answer = {DRIVER_FAILED, jv_invalid(), NULL};
    char *path = driver_find(driver);
    if (!path) {
        answer.message = xasprintf("no executable for the graph driver '%s' was found", driver);
        return answer;
    }
    char *argv[] = {path, (char *)verb, (char *)root, NULL, NULL, NULL};
    if (actor) {
        argv[3] = (char *)"--actor";
        argv[4] = (char *)actor;
    }
    struct process_result result;
    struct error err = ERROR_INIT;
    if (!process_run(argv, schema, schema_len, &result, &err)) {
        answer.message = xstrdup(error_text(&err));
    } else if (result.signal || result.exit_status != 0) {
        answer.status = status_of(&result);
        answer.message = stderr_message(&result, verb);
    } else {
        answer.value = json_parse(buf_text(&result.out), result.out.len, &err);
        if (jv_is_valid(answer.value) && shape_check(&answer.value, shape, "", &err)) {
            answer.status = DRIVER_OK;
        } else {
            answer.status = DRIVER_UNKNOWN;
            answer.message =
                xasprintf("the driver's answer to %s is unusable: %s", verb, error_text(&err));
            jv_free(answer.value);
            answer.value = jv_invalid();
        }
    }
    error_clear(&err);
    process_result_clear(&result);
    free(path);
    return answer;
}

struct driver_answer driver_init(const char *driver, const char *root, const char *schema,
                                 size_t schema_len, const char *actor)
{
    return call(driver, "init", root, schema, schema_len, actor, &init_answer);
}

struct driver_answer driver_describe(const char *driver, const char *root)
{
    return call(driver, "describe", root, "", 0, NULL, &describe_answer);
}

struct driver_answer driver_plan(const char *driver, const char *root, const char *schema,
                                 size_t schema_len)
{
    return call(driver, "plan", root, schema, schema_len, NULL, &plan_answer);
}

struct driver_answer driver_apply(const char *driver, const char *root, const char *schema,
                                  size_t schema_len, const char *actor)
{
    return call(driver, "apply", root, schema, schema_len, actor, &apply_answer);
}

void driver_answer_clear(struct driver_answer *answer)
{
    jv_free(answer->value);
    free(answer->message);
    answer->value = jv_invalid();
    answer->message = NULL;
}
