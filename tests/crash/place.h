/*
 * place.h - where the cluster of a box is stored: on the disk, in the box itself, or in a bucket.
 *
 * In a bucket the box has a copy of what is stored there, at the same names, so that the same
 * checks look at both. A command changes the bucket and leaves the copy behind; whoever looks calls
 * place_look() first. What is changed in the copy by hand goes to the bucket by place_send(). The
 * program mirror (tests/crash/bucket/mirror.c, found in PATH) does both, so that nothing of the
 * store's code is in the harness.
 */
#ifndef CLUSTER_CRASH_PLACE_H
#define CLUSTER_CRASH_PLACE_H

#include "common/buf.h"

#include <stdbool.h>

struct place {
    char *root; /* s3://BUCKET/PREFIX of this box; NULL: on the disk */
};

#define PLACE_INIT \
    {              \
        NULL       \
    }

/*
 * Makes the copy in the current directory what the bucket holds, once the server has carried out
 * all that dead processes had still sent. What cannot be looked at is a fault. On a disk: nothing.
 */
void place_look(const struct place *place, struct buf *faults);

/* Makes the bucket what the copy is. False if that fails. On a disk: nothing, true. */
bool place_send(const struct place *place);

/* The folder of the graph roots, as cluster-graph is given it. To be freed. */
char *place_graphs(const struct place *place);

#endif
