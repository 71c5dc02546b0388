/*
 * place.h - which folder of a test stands for which place in the bucket: what has the path /a/b on
 * a disk is s3://$CLUSTER_TEST_S3_BUCKET/mirror/a/b.
 */
#ifndef CLUSTER_ON_BUCKET_PLACE_H
#define CLUSTER_ON_BUCKET_PLACE_H

#include "common/buf.h"

#include <stdbool.h>

struct place {
    char *path;    /* absolute; NULL: there is none */
    bool is_graph; /* the root of a graph: all of it is stored; else __cluster/ and graphs/ are */
};

/* The URI of a path. To be freed. */
char *place_uri(const char *path);
/* The path of a URI of ours, NULL for anything else. To be freed. */
char *place_path(const char *uri);
/* An absolute path for one from the command line; NULL for what is none. To be freed. */
char *place_absolute(const char *path);

/*
 * The store of the cluster that is configured in a directory of a test. Its cluster.yaml is made to
 * name the bucket: a storage that it names stands for its place there; where it names none, the
 * line that is added says that it goes with the directory, so that a copy of the directory gets its
 * own place.
 */
struct place place_of_cluster(const char *dir);
/* The store that a run document names. */
struct place place_of_document(const struct buf *document);
void place_clear(struct place *place);

#endif
