#include "graph/bucket_manifest.h"

#include "common/shape.h"

#include <stdlib.h>
#include <string.h>

/* How often the question "did it land?" is put again because the manifest moved meanwhile. */
enum { MAX_ROUNDS = 4 };

void manifest_init(struct manifest *manifest)
{
    *manifest = (struct manifest){.commits = jv_array()};
}

void manifest_clear(struct manifest *manifest)
{
    jv_free(manifest->commits);
    manifest->commits = jv_invalid();
}

static const struct shape_field fields[] = {
    {"commits", true, &shape_strings},      {"format", true, &shape_int},
    {"manifest_version", true, &shape_int}, {"snapshot", true, &shape_digest},
    {"write", true, &shape_string},         {0},
};
static const struct shape manifest_shape = {.kind = SHAPE_OBJECT, .fields = fields};

static bool check(const jv *value, struct error *err)
{
    int64_t format = json_peek_int(value, "format", 0);
    if (format > MANIFEST_FORMAT)
        return error_set(err, NULL,
                         "it has format %lld, this program knows format %d; use a newer program",
                         (long long)format, MANIFEST_FORMAT);
    return shape_check(value, &manifest_shape, "", err) &&
           ((format == MANIFEST_FORMAT && json_peek_int(value, "manifest_version", 0) > 0) ||
            error_set(err, NULL, "format and manifest_version begin at 1")) &&
           (ulid_is_valid(json_peek_string(value, "write")) ||
            error_set(err, NULL, "write is no ULID"));
}

bool manifest_parse(const char *text, size_t len, struct manifest *manifest, struct error *err)
{
    jv value = json_parse(text, len, err);
    if (!jv_is_valid(value))
        return false;
    bool ok = check(&value, err);
    if (ok) {
        manifest->version = json_peek_int(&value, "manifest_version", 0);
        memcpy(manifest->snapshot.hex, json_peek_string(&value, "snapshot"), DIGEST_LEN + 1);
        memcpy(manifest->write.text, json_peek_string(&value, "write"),
               sizeof manifest->write.text);
        jv_free(manifest->commits);
        manifest->commits = json_get(&value, "commits");
    }
    jv_free(value);
    return ok;
}

enum store_status manifest_read(struct store *store, struct manifest *manifest, struct error *err)
{
    struct buf text = BUF_INIT;
    struct store_token token;
    enum store_status status = store_get(store, MANIFEST_NAME, &text, &token, err);
    if (status == STORE_OK) {
        if (manifest_parse(buf_text(&text), text.len, manifest, err)) {
            manifest->token = token;
        } else {
            char *where = store_location(store, MANIFEST_NAME);
            error_prefix(err, "%s is no manifest of a graph", where);
            free(where);
            status = STORE_INVALID;
        }
    }
    buf_free(&text);
    return status;
}

/* The object: as base, but for what is given. `commits` is consumed. */
static void compose(int64_t version, const struct digest *snapshot, jv commits, struct buf *out)
{
    struct ulid write = ulid_new();
    jv value = jv_object();
    json_set(&value, "commits", commits);
    json_set_int(&value, "format", MANIFEST_FORMAT);
    json_set_int(&value, "manifest_version", version);
    json_set_string(&value, "snapshot", snapshot->hex);
    json_set_string(&value, "write", write.text);
    json_write_pretty(&value, out);
    jv_free(value);
}

static enum store_status put(struct store *store, const struct manifest *base,
                             const struct buf *text, struct error *err)
{
    if (base->version == 0)
        return store_put_if_absent(store, MANIFEST_NAME, text->data, text->len, err);
    return store_put_if_match(store, MANIFEST_NAME, &base->token, text->data, text->len, err);
}

enum store_status manifest_fence(struct store *store, const struct manifest *manifest,
                                 struct error *err)
{
    struct buf text = BUF_INIT;
    compose(manifest->version, &manifest->snapshot, jv_copy(manifest->commits), &text);
    enum store_status status = put(store, manifest, &text, err);
    buf_free(&text);
    return status;
}

static bool has_commit(const struct manifest *manifest, const char *id)
{
    bool found = false;
    jv_array_foreach (manifest->commits, i, commit) {
        found = found || strcmp(jv_string_value(commit), id) == 0;
        jv_free(commit);
    }
    return found;
}

/* A commit whose answer was no success, and how far it is known what came of it. */
struct inquiry {
    struct store *store;
    const struct manifest *base;
    const char *id;
    enum store_status answer; /* to the swap */
};

static enum graph_status lost(const struct inquiry *q, struct error *err)
{
    char *where = store_location(q->store, "");
    if (q->base->version == 0)
        error_set(err, "graph_conflict", "there is a graph at %s already", where);
    else
        error_set(err, "graph_conflict",
                  "somebody else changed the graph at %s meanwhile, so nothing of this was kept; "
                  "try again",
                  where);
    free(where);
    return GRAPH_FAILED;
}

static enum graph_status unclear(const struct inquiry *q, const struct error *why,
                                 struct error *err)
{
    char *where = store_location(q->store, "");
    error_set(err, NULL,
              "it is not known whether %s was changed: %s; see its log before trying again", where,
              error_text(why));
    free(where);
    return GRAPH_UNKNOWN;
}

/* The manifest is not there. */
static enum graph_status judge_missing(const struct inquiry *q, const struct error *why,
                                       struct error *err)
{
    /* Without a manifest no If-Match can ever hold; a create may still arrive. */
    if (q->base->version != 0)
        return lost(q, err);
    if (q->answer == STORE_UNAVAILABLE)
        return unclear(q, why, err);
    error_set(err, why->code, "%s", error_text(why));
    return GRAPH_FAILED;
}

/* Somebody wrote the manifest after base. */
static enum graph_status judge_moved(const struct inquiry *q, const struct manifest *now,
                                     const struct error *why, struct error *err)
{
    if (has_commit(now, q->id))
        return GRAPH_OK;
    /* Ours might have been there and dropped out of the list. */
    if (now->version - q->base->version >= MANIFEST_COMMITS)
        return unclear(q, why, err);
    return lost(q, err);
}

/* The manifest is what it was. Keeps a request that is still under way from landing. False: it
 * moved after all, look again. */
static bool shut_out(const struct inquiry *q, const struct manifest *now, const struct error *why,
                     enum graph_status *status, struct error *err)
{
    struct error failed = ERROR_INIT;
    enum store_status fence =
        q->answer == STORE_UNAVAILABLE ? manifest_fence(q->store, now, &failed) : STORE_OK;
    if (fence == STORE_OK) {
        error_set(err, why->code, "%s; nothing was changed", error_text(why));
        *status = GRAPH_FAILED;
    } else if (fence != STORE_CONFLICT) {
        *status = unclear(q, &failed, err);
    }
    error_clear(&failed);
    return fence != STORE_CONFLICT;
}

static enum graph_status inquire(const struct inquiry *q, const struct error *why,
                                 struct error *err)
{
    struct manifest now;
    manifest_init(&now);
    enum graph_status status = GRAPH_UNKNOWN;
    bool settled = false;
    for (int round = 0; !settled && round < MAX_ROUNDS; round++) {
        struct error cannot = ERROR_INIT;
        enum store_status read = manifest_read(q->store, &now, &cannot);
        settled = true;
        if (read == STORE_NOT_FOUND)
            status = judge_missing(q, why, err);
        else if (read != STORE_OK && q->answer != STORE_DENIED)
            status = unclear(q, &cannot, err);
        else if (read != STORE_OK) {
            error_set(err, why->code, "%s", error_text(why));
            status = GRAPH_FAILED;
        } else if (q->base->version == 0 || strcmp(now.write.text, q->base->write.text) != 0)
            status = judge_moved(q, &now, why, err);
        else
            settled = shut_out(q, &now, why, &status, err);
        error_clear(&cannot);
    }
    if (!settled)
        status = unclear(q, why, err);
    manifest_clear(&now);
    return status;
}

enum graph_status manifest_commit(struct store *store, const struct manifest *base, int64_t version,
                                  const struct digest *snapshot, struct error *err)
{
    struct ulid id = ulid_new();
    jv commits = jv_array_append(jv_array(), jv_string(id.text));
    commits = jv_array_concat(commits, jv_copy(base->commits));
    commits = jv_array_slice(commits, 0, MANIFEST_COMMITS);
    struct buf text = BUF_INIT;
    compose(version, snapshot, commits, &text);
    struct error why = ERROR_INIT;
    struct inquiry q = {store, base, id.text, put(store, base, &text, &why)};
    enum graph_status status = q.answer == STORE_OK ? GRAPH_OK : inquire(&q, &why, err);
    error_clear(&why);
    buf_free(&text);
    return status;
}
