#include "facts.h"

#include "common/address.h"

#include <string.h>

/* What is known of one graph. */
enum {
    PENDING = 1,
    GRAPH_CREATED = 2,
    GRAPH_DELETED = 4,
    APPROVED = 8,
    SCHEMA_CREATED = 16,
    SCHEMA_UPDATED = 32,
    SCHEMA_DELETED = 64,
};

static unsigned bits_of(const struct facts *facts, const char *graph)
{
    return (unsigned)json_peek_int(&facts->graphs, graph, 0);
}

static void add_bits(struct facts *facts, const char *graph, unsigned bits)
{
    json_set_int(&facts->graphs, graph, (int64_t)(bits_of(facts, graph) | bits));
}

static enum change_operation operation_of(const jv *change)
{
    return json_string_is(change, "operation", "create")   ? CHANGE_CREATE
           : json_string_is(change, "operation", "update") ? CHANGE_UPDATE
                                                           : CHANGE_DELETE;
}

static void note_change(struct facts *facts, const jv *change)
{
    static const unsigned graph_bits[] = {GRAPH_CREATED, 0, GRAPH_DELETED};
    static const unsigned schema_bits[] = {SCHEMA_CREATED, SCHEMA_UPDATED, SCHEMA_DELETED};
    struct address address;
    if (!address_parse(json_peek_string(change, "resource"), &address))
        return;
    if (address.kind == ADDRESS_GRAPH)
        add_bits(facts, address.graph, graph_bits[operation_of(change)]);
    else if (address.kind == ADDRESS_SCHEMA)
        add_bits(facts, address.graph, schema_bits[operation_of(change)]);
    address_clear(&address);
}

static void note_policy(struct facts *facts, const jv *resource)
{
    if (json_string_is(resource, "kind", "policy") && json_has(resource, "applies_to"))
        json_set(&facts->policies, json_peek_string(resource, "address"),
                 json_get(resource, "applies_to"));
}

void facts_gather(struct facts *facts, const struct doc *doc)
{
    *facts = (struct facts){jv_object(), jv_object()};
    jv changes = doc_peek(doc, "changes");
    for (int i = 0, n = jv_array_length(jv_copy(changes)); i < n; i++) {
        jv change = jv_array_get(jv_copy(changes), i);
        note_change(facts, &change);
        jv_free(change);
    }
    jv_free(changes);
    jv sweep = doc_peek(doc, "sweep");
    jv pending = json_get(&sweep, "pending_graphs");
    jv_free(sweep);
    for (int i = 0, n = jv_is_valid(pending) ? jv_array_length(jv_copy(pending)) : 0; i < n; i++) {
        jv graph = jv_array_get(jv_copy(pending), i);
        add_bits(facts, jv_string_value(graph), PENDING);
        jv_free(graph);
    }
    jv_free(pending);
    jv resources = doc_peek(doc, "resources");
    for (int i = 0, n = jv_array_length(jv_copy(resources)); i < n; i++) {
        jv resource = jv_array_get(jv_copy(resources), i);
        note_policy(facts, &resource);
        jv_free(resource);
    }
    jv_free(resources);
}

void facts_approve(struct facts *facts, const char *graph)
{
    add_bits(facts, graph, APPROVED);
}

/* The schema's own change, if any, decided by the same table. */
static bool schema_is_pending(struct change_facts facts, unsigned bits)
{
    static const unsigned by_operation[] = {SCHEMA_CREATED, SCHEMA_UPDATED, SCHEMA_DELETED};
    facts.kind = CHANGE_SCHEMA;
    for (int operation = CHANGE_CREATE; operation <= CHANGE_DELETE; operation++) {
        if (!(bits & by_operation[operation]))
            continue;
        facts.operation = (enum change_operation)operation;
        struct decision decision = decide(&facts);
        if (!decision_applies(&decision))
            return true;
    }
    return false;
}

static bool binds_pending_graph(const struct facts *facts, const char *policy)
{
    jv bindings = json_get(&facts->policies, policy);
    bool pending = false;
    for (int i = 0, n = jv_is_valid(bindings) ? jv_array_length(jv_copy(bindings)) : 0;
         !pending && i < n; i++) {
        jv binding = jv_array_get(jv_copy(bindings), i);
        const char *text = jv_string_value(binding);
        pending = strncmp(text, "graph.", 6) == 0 && (bits_of(facts, text + 6) & PENDING);
        jv_free(binding);
    }
    jv_free(bindings);
    return pending;
}

struct change_facts facts_of(const struct facts *facts, const jv *change)
{
    static const enum change_kind kinds[] = {
        [ADDRESS_GRAPH] = CHANGE_GRAPH,
        [ADDRESS_SCHEMA] = CHANGE_SCHEMA,
        [ADDRESS_QUERY] = CHANGE_QUERY,
        [ADDRESS_POLICY] = CHANGE_POLICY,
    };
    struct change_facts out = {.kind = CHANGE_OTHER, .operation = operation_of(change)};
    const char *resource = json_peek_string(change, "resource");
    struct address address;
    if (!address_parse(resource, &address))
        return out;
    out.kind = kinds[address.kind];
    if (address.kind == ADDRESS_POLICY) {
        out.graph_pending = binds_pending_graph(facts, resource);
    } else {
        unsigned bits = bits_of(facts, address.graph);
        out.graph_pending = bits & PENDING;
        out.graph_created = bits & GRAPH_CREATED;
        out.graph_deleted = bits & GRAPH_DELETED;
        out.graph_approved = bits & APPROVED;
        out.schema_pending = schema_is_pending(out, bits);
    }
    address_clear(&address);
    return out;
}

void facts_free(struct facts *facts)
{
    jv_free(facts->graphs);
    jv_free(facts->policies);
}
