/*
 * model.h - what must be true of a world's store, worked out from the world alone: digests by the
 * program sha256sum, contents from the table of rows. None of the code under test takes part.
 */
#ifndef CLUSTER_CRASH_MODEL_H
#define CLUSTER_CRASH_MODEL_H

#include "common/json.h"
#include "stories.h"

struct model {
    const struct world *world;
    jv resources; /* {address: {digest, applies_to?}}, as applied_revision.resources */
    jv graphs;    /* {id: {schema_digest, manifest_version, rows}}, rows: the lines of an export,
                     sorted, as an array */
    jv blobs;     /* {path below the store root: digest} */
};

/* Runs a program found in PATH with `in` on its stdin. Its exit status, 128 + n for a signal, 127
 * if it could not be run; stdout is appended to *out (NULL: dropped). */
int tool_run(const char *const argv[], const void *in, size_t len, struct buf *out);

/* {path: hex} of sha256sum, for every file below a folder that is not a temporary. Empty if there
 * is no such folder. */
jv tool_hash_files(const char *folder);

/* The lines of a text, sorted, as an array. */
jv sorted_lines(const char *text);

/* Ends with model_free(). */
struct model model_of(const struct world *world);
void model_free(struct model *model);

#endif
