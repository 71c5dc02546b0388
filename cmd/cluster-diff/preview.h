/*
 * preview.h - cluster-diff --preview: what each schema update would do to its live graph.
 */
#ifndef CLUSTER_PREVIEW_H
#define CLUSTER_PREVIEW_H

#include "common/doc.h"

/*
 * Asks the graph driver to plan every schema update of `changes` against the live graph and puts
 * {supported, steps} into it as `migration`. Needs `config` (the driver), `store` (the roots) and
 * `sources` (the schemas). A graph that cannot be asked, for whatever reason, is the warning
 * schema_preview_unavailable: a plan never fails for want of a preview.
 */
void preview_migrations(struct doc *doc);

#endif
