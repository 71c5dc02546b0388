/*
 * view.h - what a report looks at: the sections of a document, and the ledger as it is on disk.
 *
 * Every section may be missing (a halted run has only the first ones); what is missing is an
 * invalid jv, in which the json_peek_* functions find nothing.
 */
#ifndef CLUSTER_REPORT_VIEW_H
#define CLUSTER_REPORT_VIEW_H

#include "common/doc.h"

struct view {
    const struct doc *doc;
    jv config, store, lock, ledger, outcome;
    jv on_disk;      /* the ledger as it now is, as far as is known; else invalid */
    jv recorded;     /* its applied_revision.resources, always an object */
    const char *cas; /* of on_disk, NULL if unknown */
};

void view_open(struct view *view, const struct doc *doc);
void view_close(struct view *view);

/* A member of the ledger on disk that is a map (resource_statuses, observations); {} if there is
 * none. Owned by the caller. */
jv view_map(const struct view *view, const char *key);

/* `text` of the configuration section, "" if it is not there. */
const char *view_config(const struct view *view, const char *key);

/* The store's location followed by /name, as people write it. To be freed. */
char *view_location(const struct view *view, const char *name);

/* The lock that was found held by somebody else, owned by the caller; invalid if there is none. */
jv view_held_lock(const struct view *view);

#endif
