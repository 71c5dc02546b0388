/* What cluster-exec makes sure of before anything moves, whatever the document says. */
#include "common/digest.h"
#include "exec.h"
#include "ledger/amend.h"

#include <stdlib.h>
#include <string.h>

/* What has been found out once and holds for all changes. */
struct checker {
    struct exec *exec;
    jv hashed;   /* {digest: true or false}: sources that were re-hashed */
    jv approved; /* {graph: true or false}: gates that were looked up */
    jv pending;  /* {graph: true}: a recovery sidecar is kept */
    bool ok;
};

static void fail(struct checker *c, struct change *change, const char *code, const char *why)
{
    exec_abort(c->exec, code, change->resource,
               "nothing was applied: %s %s; plan again and apply that", change->resource, why);
    change_block(change, code, NULL);
    c->ok = false;
}

static void not_current(struct checker *c, struct change *change, const char *why)
{
    fail(c, change, "change_not_current", why);
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool bindings_differ(const struct exec *exec, const struct change *change)
{
    jv resource = desired_of(exec, change->resource);
    jv resources = amend_peek_resources(&exec->state);
    jv entry = json_get(&resources, change->resource);
    jv wanted = json_get(&resource, "applies_to"), recorded = json_get(&entry, "applies_to");
    bool differ = !jv_is_valid(recorded) || !json_equal(&wanted, &recorded);
    jv_free(wanted);
    jv_free(recorded);
    jv_free(entry);
    jv_free(resources);
    jv_free(resource);
    return differ;
}

/* Is the change the one that leads from the ledger to this configuration? NULL if so. */
static const char *why_not_current(const struct exec *exec, const struct change *change)
{
    const char *recorded = amend_peek_digest(&exec->state, change->resource);
    jv resource = desired_of(exec, change->resource);
    const char *desired = json_peek_string(&resource, "digest");
    jv_free(resource); /* the index still holds it */
    if (change->operation == CHANGE_CREATE && recorded)
        return "is recorded already, so it cannot be created";
    if (change->operation != CHANGE_CREATE && !recorded)
        return "is not recorded in the ledger";
    if (!same(change->before, recorded))
        return "is not recorded with the digest that the change starts from";
    if (!same(change->after, change->operation == CHANGE_DELETE ? NULL : desired))
        return "does not have the digest in this document that the change leads to";
    if (change->operation == CHANGE_DELETE && desired)
        return "is still configured, so it cannot be deleted";
    if (change->operation == CHANGE_UPDATE && same(change->before, change->after) &&
        !(change->address.kind == ADDRESS_POLICY && bindings_differ(exec, change)))
        return "is recorded as it is configured";
    return NULL;
}

/* Is it a change that apply does? NULL if so. */
static const char *why_unsupported(const struct exec *exec, const struct change *change)
{
    const struct change *graph;
    if (change->address.kind == ADDRESS_GRAPH && change->operation == CHANGE_UPDATE)
        return "is a composite; it follows from its parts and is not applied by itself";
    if (change->address.kind == ADDRESS_SCHEMA && change->operation == CHANGE_CREATE) {
        graph = changes_of_graph(exec, change->address.graph);
        if (!graph || !change_publishes(graph) || graph->operation != CHANGE_CREATE)
            return "is a schema whose graph is not created in the same run";
    }
    return NULL;
}

static bool is_pending(const struct checker *c, const struct change *change)
{
    if (change->address.graph)
        return json_has(&c->pending, change->address.graph);
    if (change->operation == CHANGE_DELETE)
        return false;
    jv resource = desired_of(c->exec, change->resource);
    jv bindings = json_get(&resource, "applies_to");
    bool pending = false;
    int n = jv_get_kind(bindings) == JV_KIND_ARRAY ? jv_array_length(jv_copy(bindings)) : 0;
    for (int i = 0; !pending && i < n; i++) {
        jv binding = jv_array_get(jv_copy(bindings), i);
        const char *text = jv_string_value(binding);
        pending = strncmp(text, "graph.", 6) == 0 && json_has(&c->pending, text + 6);
        jv_free(binding);
    }
    jv_free(bindings);
    jv_free(resource);
    return pending;
}

/* The source's text must be in the document and hash to the digest; each is hashed once. */
static void check_source(struct checker *c, struct change *change, const char *digest)
{
    if (!json_has(&c->hashed, digest)) {
        jv source = json_get(&c->exec->sources, digest);
        if (jv_get_kind(source) != JV_KIND_STRING) {
            jv_free(source);
            not_current(c, change, "has no source in this document");
            return;
        }
        struct digest is =
            digest_of(jv_string_value(source), (size_t)jv_string_length_bytes(jv_copy(source)));
        json_set_bool(&c->hashed, digest, strcmp(is.hex, digest) == 0);
        jv_free(source);
    }
    if (!json_peek_bool(&c->hashed, digest, false))
        fail(c, change, "resource_content_changed",
             "has a source that does not hash to its digest");
}

static void check_sources(struct checker *c, struct change *change)
{
    if (!change_publishes(change))
        return;
    if (change->address.kind != ADDRESS_GRAPH) {
        check_source(c, change, change->after);
        return;
    }
    /* A graph is created with its schema, whether or not that change is in the document too. */
    char *address = address_schema(change->address.graph);
    jv schema = desired_of(c->exec, address);
    const char *digest = json_peek_string(&schema, "digest");
    if (digest)
        check_source(c, change, digest);
    else
        not_current(c, change, "has no schema in this document");
    jv_free(schema);
    free(address);
}

static void check_gate(struct checker *c, struct change *change)
{
    if (!gate_covers(c->exec, change))
        return;
    const char *graph = change->address.graph;
    if (!json_has(&c->approved, graph)) {
        jv artifact = gate_approval(c->exec, graph);
        json_set_bool(&c->approved, graph, jv_is_valid(artifact));
        jv_free(artifact);
    }
    /* A schema only ever goes with its graph. */
    struct change *whole = changes_of_graph(c->exec, graph);
    bool alone =
        change->address.kind == ADDRESS_SCHEMA &&
        (!whole || whole->operation != CHANGE_DELETE || whole->disposition != DISPOSITION_APPLIED);
    if (alone || !json_peek_bool(&c->approved, graph, false))
        fail(c, change, "apply_approval_invariant_violation",
             "is marked applied, but its delete is not approved");
}

static void check_change(struct checker *c, struct change *change)
{
    if (change->disposition != DISPOSITION_APPLIED)
        return;
    const char *why = why_unsupported(c->exec, change);
    if (!why)
        why = why_not_current(c->exec, change);
    if (!why && is_pending(c, change))
        why = "belongs to a graph whose recovery is pending";
    if (why)
        not_current(c, change, why);
    if (change->disposition == DISPOSITION_APPLIED)
        check_gate(c, change);
    if (change->disposition == DISPOSITION_APPLIED)
        check_sources(c, change);
}

/* A schema that is needed must stand as this document has it; of a graph only that it exists, for
 * its composite follows. */
static bool is_recorded(const struct exec *exec, const char *address)
{
    const char *recorded = amend_peek_digest(&exec->state, address);
    if (!recorded || strncmp(address, "schema.", 7) != 0)
        return recorded != NULL;
    jv resource = desired_of(exec, address);
    bool is = json_string_is(&resource, "digest", recorded);
    jv_free(resource);
    return is;
}

static void check_dependencies(struct checker *c)
{
    struct exec *exec = c->exec;
    for (int i = 0, n = jv_array_length(jv_copy(exec->dependencies)); i < n; i++) {
        jv dependency = jv_array_get(jv_copy(exec->dependencies), i);
        const char *needs = json_peek_string(&dependency, "to");
        struct change *from = changes_find(exec, json_peek_string(&dependency, "from"));
        struct change *to = changes_find(exec, needs);
        if (from && change_publishes(from) && !is_recorded(exec, needs) &&
            !(to && change_publishes(to)))
            not_current(c, from, "needs what is neither recorded nor applied in this run");
        jv_free(dependency);
    }
}

static jv pending_set(const struct exec *exec)
{
    jv set = jv_object();
    jv list = json_get(&exec->sweep, "pending_graphs");
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    for (int i = 0; i < n; i++)
        set = jv_object_set(set, jv_array_get(jv_copy(list), i), jv_true());
    jv_free(list);
    return set;
}

bool checks_pass(struct exec *exec)
{
    struct checker c = {exec, jv_object(), jv_object(), pending_set(exec), true};
    for (size_t i = 0; i < exec->n; i++)
        check_change(&c, &exec->changes[i]);
    if (c.ok)
        check_dependencies(&c);
    jv_free(c.hashed);
    jv_free(c.approved);
    jv_free(c.pending);
    return c.ok;
}
