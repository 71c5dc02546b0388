/*
 * stage_set.h - what a crash is played with: the directories, the models, where it is stored.
 */
#ifndef CLUSTER_CRASH_STAGE_SET_H
#define CLUSTER_CRASH_STAGE_SET_H

#include "model.h"
#include "place.h"
#include "tally.h"

#include <sys/types.h>

struct stage_set {
    const char *top;            /* sandbox.h */
    const char *store;          /* s3://BUCKET/PREFIX, in which each box has a place; NULL: disk */
    const struct model *models; /* of each story's world after, in the order of stories[] */
    struct tally *tally;        /* shared by all workers */
    int worker;                 /* whose box is the current directory */
    struct place place;         /* of that box */
    pid_t asleep;               /* of a run that sleeps meanwhile, or 0 */
};

#endif
