/*
 * bucket_manifest.h - the one object that moves in a graph kept in a bucket: manifest.json, which
 * names the snapshot that is the graph now.
 *
 *     {
 *       "commits": ["01K…", …],        the last commits, newest first, at most MANIFEST_COMMITS
 *       "format": 1,
 *       "manifest_version": 7,
 *       "snapshot": "<sha256>",        snapshots/<sha256>.db
 *       "write": "01K…"                another one each time that the object is written
 *     }
 *
 * A commit is a compare-and-swap of this object. What came of one whose answer was lost is found
 * out, not guessed: `commits` tells whether ours is among what the graph is made of, even when
 * somebody else's came on top of it; and where the manifest still is what it was, it is written
 * once more with nothing but another `write`, after which our lost request can never land.
 */
#ifndef CLUSTER_GRAPH_BUCKET_MANIFEST_H
#define CLUSTER_GRAPH_BUCKET_MANIFEST_H

#include "common/digest.h"
#include "common/ulid.h"
#include "graph/graph.h"
#include "store/store.h"

enum { MANIFEST_FORMAT = 1, MANIFEST_COMMITS = 32 };
#define MANIFEST_NAME "manifest.json"

struct manifest {
    int64_t version; /* 0: there is no graph yet */
    struct digest snapshot;
    struct ulid write;
    jv commits;
    struct store_token token;
};

/* The manifest of a graph that is about to be made. */
void manifest_init(struct manifest *manifest);
/* Takes the object apart. False with err set (and the manifest as it was) when it is none. */
bool manifest_parse(const char *text, size_t len, struct manifest *manifest, struct error *err);
/* As store_get(); STORE_INVALID also for what cannot be understood. The manifest must have been
 * initialized; it is only changed on STORE_OK. */
enum store_status manifest_read(struct store *store, struct manifest *manifest, struct error *err);
/*
 * Makes a snapshot, already uploaded, the graph: version and snapshot in the place of base, which
 * is what manifest_read() gave (or manifest_init(): the manifest is created). GRAPH_FAILED: nothing
 * moved (code graph_conflict: somebody else came first); GRAPH_UNKNOWN: not even that is known.
 */
enum graph_status manifest_commit(struct store *store, const struct manifest *base, int64_t version,
                                  const struct digest *snapshot, struct error *err);
/* Writes the same manifest with another `write`: no commit that started from it can land any more.
 * STORE_CONFLICT if it has changed. *manifest is used up: read it again. */
enum store_status manifest_fence(struct store *store, const struct manifest *manifest,
                                 struct error *err);
void manifest_clear(struct manifest *manifest);

#endif
