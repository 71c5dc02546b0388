/*
 * drops.h - the list of what was soft-dropped.
 *
 * A drop is named kind:Type@version or kind:Type.property@version, the version being the one whose
 * commit dropped it.
 */
#ifndef CLUSTER_GRAPH_DROPS_H
#define CLUSTER_GRAPH_DROPS_H

#include "graph/database.h"
#include "lang/schema.h"

struct drop {
    int64_t id; /* in `types` or `properties` */
    bool is_type;
    enum schema_kind kind;
    char *type;     /* the type's present name */
    char *property; /* NULL for a type */
    char *table, *column;
    char *declaration; /* pgtext.h; JSON for a type */
    bool type_hidden;  /* a property whose type was dropped too */
    int64_t version;
    char *time; /* of that commit */
    char *name;
};

struct drops {
    struct drop *list; /* by version, then name */
    size_t n, cap;
};

bool drops_read(struct database *d, struct drops *drops, struct error *err);
/* The one that a name means; kind: and @version may be left out. NULL with err set if there is none
 * or more than one. */
const struct drop *drops_find(const struct drops *drops, const char *name, struct error *err);
void drops_free(struct drops *drops);

#endif
