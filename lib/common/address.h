/*
 * address.h - resource addresses: graph.<graph>, schema.<graph>, query.<graph>.<name>,
 * policy.<name>.
 */
#ifndef CLUSTER_ADDRESS_H
#define CLUSTER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum address_kind { ADDRESS_GRAPH, ADDRESS_SCHEMA, ADDRESS_QUERY, ADDRESS_POLICY };

struct address {
    enum address_kind kind;
    char *graph; /* NULL for a policy */
    char *name;  /* of a query or policy, else NULL */
};

/* Graph, query and policy names: [A-Za-z_][A-Za-z0-9_-]*, at most 200 bytes (a file name holds it).
 */
bool address_name_is_valid(const char *name);

/* Splits text; false if it is no address. On success the caller frees with address_clear(). */
bool address_parse(const char *text, struct address *out);
void address_clear(struct address *address);

/* "graph", "schema", "query" or "policy". */
const char *address_kind_name(enum address_kind kind);

/* The text of an address, to be freed. */
char *address_graph(const char *graph);
char *address_schema(const char *graph);
char *address_query(const char *graph, const char *name);
char *address_policy(const char *name);

/* The name below the store root of a catalog blob:
 * __cluster/resources/query/<graph>/<name>/<digest>.gq or …/policy/<name>/<digest>.yaml. NULL for
 * an address of another kind. To be freed. */
char *address_blob_name(const struct address *address, const char *digest);
/* graphs/<id>.omni, to be freed. */
char *address_graph_root(const char *graph);

#endif
