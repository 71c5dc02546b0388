/*
 * actor.h - who runs a command: --as, else $CLUSTER_ACTOR, else operator.actor in
 * ~/.omnigraph/config.yaml.
 */
#ifndef CLUSTER_ACTOR_H
#define CLUSTER_ACTOR_H

#include "common/error.h"

#include <stdbool.h>

/*
 * Finds the actor. `option` is the argument of --as, NULL if it was not given; an empty or blank
 * text counts as not given. On success *actor is its name, to be freed, or NULL if nobody said
 * one. The file belongs to other tools too, so its other keys are none of our business, and no file
 * is no error. False with err set (no code) when the file is there but cannot be read or is no
 * YAML, or when the actor is not fit for a record (not UTF-8, control characters, over 200 bytes);
 * *actor is NULL then. A command that can do without an actor may go on.
 */
bool actor_find(const char *option, char **actor, struct error *err);

#endif
