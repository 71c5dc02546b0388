/*
 * doc_shape.h - the shape of the run document, section by section; cluster-run(5) in one table.
 */
#ifndef CLUSTER_DOC_SHAPE_H
#define CLUSTER_DOC_SHAPE_H

#include "common/shape.h"

/* The whole document. Sections that are there must fit; none but format is required. Unknown
 * sections are let through, so that somebody's own stage may add one. */
extern const struct shape doc_shape;

/* One change, and the lock as it is observed: also used by the reports. */
extern const struct shape change_shape;

/* "cluster-parse" for "config" and so on. */
const char *doc_section_owner(const char *section);

#endif
