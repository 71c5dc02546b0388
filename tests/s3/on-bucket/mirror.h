/*
 * mirror.h - keeps a folder of a test and its place in the bucket alike.
 *
 *     mirror_push(&place)    what the test changed in the folder since the last time goes to the
 * bucket mirror_pull(&place)    the folder becomes what the bucket holds
 *
 * Below $BATS_RUN_TMPDIR/shadow is a copy of what both were last: what differs from it in the
 * folder is the test's doing, what differs from it in the bucket the programs'. A push of what was
 * not touched makes no request; a pull makes one, and one more for each object that has changed.
 * Hidden files (control files of a disk store) and what is no regular file are left alone.
 *
 * Both hold a lock of the test file's, so that commands which run at the same time see whole
 * states. False if something went wrong, which was said on the standard error.
 */
#ifndef CLUSTER_ON_BUCKET_MIRROR_H
#define CLUSTER_ON_BUCKET_MIRROR_H

#include "place.h"

bool mirror_push(const struct place *place);
bool mirror_pull(const struct place *place);

#endif
