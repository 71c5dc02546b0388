#include "common/address.h"

#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(const char *name, size_t len)
{
    if (len == 0 || len > 200 || !is_letter(name[0]))
        return false;
    for (size_t i = 1; i < len; i++)
        if (!is_letter(name[i]) && !(name[i] >= '0' && name[i] <= '9') && name[i] != '-')
            return false;
    return true;
}

bool address_name_is_valid(const char *name)
{
    return is_name(name, strlen(name));
}

const char *address_kind_name(enum address_kind kind)
{
    static const char *const names[] = {"graph", "schema", "query", "policy"};
    return names[kind];
}

bool address_parse(const char *text, struct address *out)
{
    for (int kind = ADDRESS_GRAPH; kind <= ADDRESS_POLICY; kind++) {
        const char *word = address_kind_name((enum address_kind)kind);
        size_t len = strlen(word);
        if (strncmp(text, word, len) != 0 || text[len] != '.')
            continue;
        const char *first = text + len + 1;
        size_t first_len = strcspn(first, ".");
        const char *second = first[first_len] ? first + first_len + 1 : NULL;
        if (!is_name(first, first_len) || (kind == ADDRESS_QUERY) != (second != NULL))
            return false;
        if (second && !address_name_is_valid(second))
            return false;
        out->kind = (enum address_kind)kind;
        out->graph = kind == ADDRESS_POLICY ? NULL : xstrndup(first, first_len);
        out->name = kind == ADDRESS_POLICY ? xstrndup(first, first_len)
                    : second               ? xstrdup(second)
                                           : NULL;
        return true;
    }
    return false;
}

void address_clear(struct address *address)
{
    free(address->graph);
    free(address->name);
    address->graph = address->name = NULL;
}

char *address_graph(const char *graph)
{
    return xasprintf("graph.%s", graph);
}

char *address_schema(const char *graph)
{
    return xasprintf("schema.%s", graph);
}

char *address_query(const char *graph, const char *name)
{
    return xasprintf("query.%s.%s", graph, name);
}

char *address_policy(const char *name)
{
    return xasprintf("policy.%s", name);
}

char *address_blob_name(const struct address *address, const char *digest)
{
    if (address->kind == ADDRESS_QUERY)
        return xasprintf("__cluster/resources/query/%s/%s/%s.gq", address->graph, address->name,
                         digest);
    if (address->kind == ADDRESS_POLICY)
        return xasprintf("__cluster/resources/policy/%s/%s.yaml", address->name, digest);
    return NULL;
}

char *address_graph_root(const char *graph)
{
    return xasprintf("graphs/%s.omni", graph);
}
