/*
 * command.h - the command line of a program that runs on the bucket: where its store is, and the
 * changes to it.
 */
#ifndef CLUSTER_ON_BUCKET_COMMAND_H
#define CLUSTER_ON_BUCKET_COMMAND_H

#include "place.h"

struct command {
    const char *tool; /* cluster-lock */
    char **argv;      /* of the program, NULL-terminated; argv[0] is for the caller */
    int document;     /* a copy of the run document, to be its standard input; -1: that can be read
                         again */
    struct place place;
};

/*
 * Finds the place. Stages have it from the document on standard input, which is read whole and kept
 * in `document`; others from their configuration or --store; cluster-graph from its root. A path in
 * the arguments becomes the URI. Inside of another program (not outermost) that change is all that
 * is done.
 */
void command_find_place(struct command *command, bool outermost);
/*
 * Brings the folder up to date before, and the bucket after, what the program has a shell do: the
 * command of cluster-lock and exec:COMMAND in $CLUSTER_FAILPOINTS, where they name a file. `self`
 * is the path of this program (main.c) under the name mirror.
 */
void command_wrap_shells(struct command *command, const char *self);

#endif
