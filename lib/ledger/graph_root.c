#include "ledger/graph_root.h"

#include "common/address.h"
#include "common/xalloc.h"

#include <stdlib.h>

char *graph_root_location(const struct store *store, const char *graph)
{
    char *root = address_graph_root(graph);
    char *location = store_location(store, root);
    free(root);
    return location;
}

/* The root as the name of a folder. To be freed. */
static char *folder_of(const char *graph)
{
    char *root = address_graph_root(graph);
    char *folder = xasprintf("%s/", root);
    free(root);
    return folder;
}

enum store_status graph_root_exists(struct store *store, const char *graph, bool *exists,
                                    struct error *err)
{
    char *folder = folder_of(graph);
    enum store_status status = store_exists(store, folder, exists, err);
    free(folder);
    return status;
}

enum store_status graph_root_delete(struct store *store, const char *graph, struct error *err)
{
    char *folder = folder_of(graph);
    enum store_status status = store_delete_prefix(store, folder, err);
    free(folder);
    return status;
}
