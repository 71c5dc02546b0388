/*
 * pgtext.h - parts of a compiled schema, written as .pg source again.
 *
 * What a soft drop takes out of the schema is kept in this form, so that a restore can put it back
 * into the source. A property is one or more lines,
 *
 *     age: I32? @description("in years")
 *     @range(age, 0..150)
 *
 * with the constraints that name it alone (@key apart: a key cannot be dropped). A type is
 * {"head", "body", "flat_head", "flat_body"}: what follows its name (of an edge: its ends), with
 * the interfaces it implements and its own properties, and once more without interfaces and with
 * all properties, for when the interfaces have changed meanwhile. @rename_from is left out: it
 * means nothing once the name is accepted.
 */
#ifndef CLUSTER_GRAPH_PGTEXT_H
#define CLUSTER_GRAPH_PGTEXT_H

#include "common/buf.h"
#include "common/json.h"
#include "lang/schema.h"

/* Lines, each indented by four spaces and ended by a newline. */
void pgtext_property(const struct schema_type *type, const struct schema_property *property,
                     struct buf *out);
jv pgtext_type(const struct schema_type *type);

#endif
