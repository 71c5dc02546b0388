#include "common/xalloc.h"
#include "exec.h"

#include <stdlib.h>
#include <string.h>

static enum change_operation operation_of(const jv *json)
{
    if (json_string_is(json, "operation", "create"))
        return CHANGE_CREATE;
    return json_string_is(json, "operation", "update") ? CHANGE_UPDATE : CHANGE_DELETE;
}

static enum disposition disposition_of(const jv *json)
{
    if (json_string_is(json, "disposition", "applied"))
        return DISPOSITION_APPLIED;
    if (json_string_is(json, "disposition", "derived"))
        return DISPOSITION_DERIVED;
    return json_string_is(json, "disposition", "deferred") ? DISPOSITION_DEFERRED
                                                           : DISPOSITION_BLOCKED;
}

static void warn_blocked(struct exec *exec, const struct change *change)
{
    const char *reason = json_peek_string(&change->json, "reason");
    doc_warning(exec->doc, "apply_dependency_blocked", change->resource,
                "%s is not changed: %s; run apply again once that is settled", change->resource,
                reason ? reason : "it is blocked");
}

static void warn_not_applied(struct exec *exec, const struct change *change)
{
    if (change->disposition == DISPOSITION_BLOCKED)
        warn_blocked(exec, change);
    else if (change->disposition == DISPOSITION_DEFERRED)
        doc_warning(exec->doc, "apply_unsupported_change", change->resource,
                    "%s is not changed: apply does not do this kind of change by itself",
                    change->resource);
}

/* Only a change that is to be made needs an address of a kind that is known: the ledger may record
 * what other tools manage, and such a change is deferred. */
static bool is_to_happen(const jv *json)
{
    enum disposition disposition = disposition_of(json);
    return disposition == DISPOSITION_APPLIED || disposition == DISPOSITION_DERIVED;
}

/* Takes the change over. */
static bool load_one(struct exec *exec, jv json)
{
    struct change *change = &exec->changes[exec->n];
    const char *resource = json_peek_string(&json, "resource");
    bool ok = true;
    if (json_has(&exec->index, resource))
        ok = exec_abort(exec, "change_not_current", resource,
                        "the document holds two changes of %s; make the plan again", resource);
    else if (!json_peek_string(&json, "disposition"))
        ok =
            exec_abort(exec, "stage_input_missing", "changes",
                       "the change of %s has no disposition; run cluster-classify first", resource);
    else if (!address_parse(resource, &change->address) && is_to_happen(&json))
        ok = exec_abort(exec, "change_not_current", resource,
                        "'%.200s' is no resource address; make the plan again", resource);
    if (!ok) {
        jv_free(json);
        return false;
    }
    json_set_int(&exec->index, resource, (int64_t)exec->n);
    change->json = json;
    change->resource = json_peek_string(&change->json, "resource");
    change->operation = operation_of(&change->json);
    change->disposition = disposition_of(&change->json);
    change->before = json_peek_string(&change->json, "before_digest");
    change->after = json_peek_string(&change->json, "after_digest");
    exec->n++;
    warn_not_applied(exec, change);
    return true;
}

bool changes_load(struct exec *exec)
{
    jv list = doc_peek(exec->doc, "changes");
    int n = jv_array_length(jv_copy(list));
    exec->changes = xcalloc((size_t)n + 1, sizeof *exec->changes);
    bool ok = true;
    for (int i = 0; ok && i < n; i++)
        ok = load_one(exec, jv_array_get(jv_copy(list), i));
    jv_free(list);
    return ok;
}

void changes_free(struct exec *exec)
{
    for (size_t i = 0; i < exec->n; i++) {
        jv_free(exec->changes[i].json);
        address_clear(&exec->changes[i].address);
        free(exec->changes[i].message);
    }
    free(exec->changes);
    exec->changes = NULL;
    exec->n = 0;
    jv_free(exec->index);
    exec->index = jv_invalid();
}

struct change *changes_find(const struct exec *exec, const char *address)
{
    int64_t at = json_peek_int(&exec->index, address, -1);
    return at < 0 ? NULL : &exec->changes[at];
}

struct change *changes_of_graph(const struct exec *exec, const char *graph)
{
    char *address = address_graph(graph);
    struct change *change = changes_find(exec, address);
    free(address);
    return change;
}

struct change *changes_of_schema(const struct exec *exec, const char *graph)
{
    char *address = address_schema(graph);
    struct change *change = changes_find(exec, address);
    free(address);
    return change;
}

bool change_publishes(const struct change *change)
{
    return change->disposition == DISPOSITION_APPLIED && change->operation != CHANGE_DELETE;
}

void change_block(struct change *change, const char *reason, const char *message)
{
    change->disposition = DISPOSITION_BLOCKED;
    json_set_string(&change->json, "disposition", "blocked");
    json_set_string(&change->json, "reason", reason);
    free(change->message);
    change->message = message ? xstrdup(message) : NULL;
}

jv desired_of(const struct exec *exec, const char *address)
{
    return json_get(&exec->resources, address);
}

static bool is_blocked(const struct change *change)
{
    return change && change->disposition == DISPOSITION_BLOCKED;
}

static void block_dependent(struct exec *exec, struct change *change)
{
    change_block(change, "dependency_not_applied", NULL);
    warn_blocked(exec, change);
}

/* What a change of the configuration's needs: a graph that is not created, a schema that is
 * neither created nor updated. Returns whether anything was blocked. */
static bool block_by_dependencies(struct exec *exec)
{
    bool any = false;
    for (int i = 0, n = jv_array_length(jv_copy(exec->dependencies)); i < n; i++) {
        jv dependency = jv_array_get(jv_copy(exec->dependencies), i);
        struct change *from = changes_find(exec, json_peek_string(&dependency, "from"));
        struct change *to = changes_find(exec, json_peek_string(&dependency, "to"));
        jv_free(dependency);
        if (!from || !change_publishes(from) || !is_blocked(to))
            continue;
        if (to->operation == CHANGE_CREATE || to->address.kind == ADDRESS_SCHEMA) {
            block_dependent(exec, from);
            any = true;
        }
    }
    return any;
}

/* What follows from the delete of a graph, and the composite that follows from a schema. */
static void block_by_graph(struct exec *exec, struct change *change)
{
    if (change->address.kind == ADDRESS_GRAPH) {
        if (change->disposition == DISPOSITION_DERIVED &&
            is_blocked(changes_of_schema(exec, change->address.graph)))
            block_dependent(exec, change);
    } else if (change->address.graph && change->operation == CHANGE_DELETE &&
               change->disposition == DISPOSITION_APPLIED) {
        struct change *graph = changes_of_graph(exec, change->address.graph);
        if (is_blocked(graph) && graph->operation == CHANGE_DELETE)
            block_dependent(exec, change);
    }
}

void changes_block_dependents(struct exec *exec)
{
    while (block_by_dependencies(exec)) {
        /* each pass goes one step down; the longest way is policy or query, schema, graph */
    }
    for (size_t i = 0; i < exec->n; i++)
        block_by_graph(exec, &exec->changes[i]);
}

static int by_graph(const void *a, const void *b)
{
    const struct change *const *x = a, *const *y = b;
    return strcmp((*x)->address.graph, (*y)->address.graph);
}

struct change **changes_select(struct exec *exec, enum address_kind kind,
                               enum change_operation operation, size_t *n)
{
    struct change **list = xcalloc(exec->n + 1, sizeof(struct change *));
    *n = 0;
    for (size_t i = 0; i < exec->n; i++) {
        struct change *change = &exec->changes[i];
        if (change->address.kind == kind && change->operation == operation &&
            change->disposition == DISPOSITION_APPLIED)
            list[(*n)++] = change;
    }
    qsort(list, *n, sizeof(struct change *), by_graph);
    return list;
}
