/*
 * resources.h - the resources, their dependencies and sources, as they are found, and the digest of
 * it all.
 *
 *     struct resources resources;
 *     resources_init(&resources);
 *     resources_add(…);
 *     …
 *     resources_into(&resources, doc);
 *     resources_clear(&resources);
 */
#ifndef CLUSTER_PARSE_RESOURCES_H
#define CLUSTER_PARSE_RESOURCES_H

#include "common/address.h"
#include "common/doc.h"
#include "sources.h"

struct resources {
    jv by_address;   /* address → resource of the run document */
    jv dependencies; /* "from\nto" → {from, to}: a set */
    jv sources;      /* digest → text */
};

void resources_init(struct resources *resources);
void resources_clear(struct resources *resources);

/* Adds a resource of a file: its digest and text are the file's, `path` is the path to show. */
void resources_add(struct resources *resources, const char *address, enum address_kind kind,
                   const struct source_file *file, const char *path);
/* Adds graph.<id>; its composite digest is computed by resources_into(). */
void resources_add_graph(struct resources *resources, const char *id);
void resources_set_applies_to(struct resources *resources, const char *address,
                              char *const *applies_to, size_t n);
void resources_depend(struct resources *resources, const char *from, const char *to);

/* Computes the composites, moves everything into the sections of the document. Returns the text of
 * the resources that config.digest covers: address\0digest\0 each, in order. */
void resources_into(struct resources *resources, struct doc *doc, struct buf *covered);

#endif
