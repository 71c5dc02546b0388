#include "promises.h"

#include "bucket_graphs.h"
#include "common/io.h"
#include "common/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEDGER "__cluster/state.json"

void fault(struct buf *faults, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    buf_vprintf(faults, format, ap);
    va_end(ap);
    buf_putc(faults, '\n');
}

jv promise_json(const char *path, struct buf *faults)
{
    struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    jv value = jv_invalid();
    if (io_read_file(path, IO_MAX_SOURCE, &text, &err)) {
        value = json_parse(buf_text(&text), text.len, &err);
        if (jv_get_kind(value) != JV_KIND_OBJECT) {
            fault(faults, "%s is torn or no JSON object: %s", path, buf_text(&text));
            jv_free(value);
            value = jv_invalid();
        }
    } else if (errno != ENOENT) {
        fault(faults, "%s cannot be read: %s", path, error_text(&err));
    }
    error_clear(&err);
    buf_free(&text);
    return value;
}

jv at_path(const jv *value, const char *path)
{
    jv at = jv_copy(*value);
    char *words = xstrdup(path), *rest = NULL;
    for (char *word = strtok_r(words, "/", &rest); word; word = strtok_r(NULL, "/", &rest)) {
        jv inner = json_get(&at, word);
        jv_free(at);
        at = inner;
    }
    free(words);
    return at;
}

jv names_in(const char *folder)
{
    struct buf text = BUF_INIT;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            buf_printf(&text, "%s\n", entry->d_name);
    if (dir)
        (void)closedir(dir);
    jv names = sorted_lines(buf_text(&text));
    buf_free(&text);
    return names;
}

static void expect(const char *what, const jv *is, const jv *wanted, struct buf *faults)
{
    if (jv_is_valid(*is) && json_equal(is, wanted))
        return;
    struct buf a = BUF_INIT, b = BUF_INIT;
    if (jv_is_valid(*is))
        json_write_canonical(is, &a);
    json_write_canonical(wanted, &b);
    fault(faults, "%s is %.300s, not %.300s", what, a.len ? buf_text(&a) : "absent", buf_text(&b));
    buf_free(&a);
    buf_free(&b);
}

/* Every JSON object in a folder, as an array. */
static jv objects_in(const char *folder, struct buf *faults)
{
    jv names = names_in(folder), objects = jv_array();
    for (int i = 0, n = jv_array_length(jv_copy(names)); i < n; i++) {
        jv name = jv_array_get(jv_copy(names), i);
        char *path = xasprintf("%s/%s", folder, jv_string_value(name));
        jv object = promise_json(path, faults);
        if (jv_is_valid(object))
            objects = jv_array_append(objects, object);
        free(path);
        jv_free(name);
    }
    jv_free(names);
    return objects;
}

/* The artifact is rewritten only after the ledger has it, and both tell the same. Returns how many
 * are consumed. */
static int check_approvals(const jv *ledger, struct buf *faults)
{
    jv artifacts = objects_in("__cluster/approvals", faults);
    int consumed = 0;
    for (int i = 0, n = jv_array_length(jv_copy(artifacts)); i < n; i++) {
        jv artifact = jv_array_get(jv_copy(artifacts), i);
        if (json_peek_string(&artifact, "consumed_at")) {
            char *path = xasprintf("approval_records/%s/consumed_by_operation",
                                   json_peek_string(&artifact, "approval_id"));
            jv recorded = at_path(ledger, path);
            jv by = json_get(&artifact, "consumed_by_operation");
            expect(path, &recorded, &by, faults);
            jv_free(by);
            jv_free(recorded);
            free(path);
            consumed++;
        }
        jv_free(artifact);
    }
    jv_free(artifacts);
    return consumed;
}

/* A blob is what its name says, whether or not the ledger names it. */
static jv check_blobs(struct buf *faults)
{
    jv hashes = tool_hash_files("__cluster/resources");
    for (int i = jv_object_iter(hashes); jv_object_iter_valid(hashes, i);
         i = jv_object_iter_next(hashes, i)) {
        jv path = jv_object_iter_key(hashes, i), hex = jv_object_iter_value(hashes, i);
        const char *name = strrchr(jv_string_value(path), '/') + 1;
        if (strncmp(name, jv_string_value(hex), strlen(jv_string_value(hex))) != 0)
            fault(faults, "%s hashes to %s", jv_string_value(path), jv_string_value(hex));
        jv_free(path);
        jv_free(hex);
    }
    return hashes;
}

void promises_always(const struct place *place, bool must_exist, struct buf *faults)
{
    jv ledger = promise_json(LEDGER, faults);
    if (jv_is_valid(ledger)) {
        jv resources = at_path(&ledger, "applied_revision/resources");
        if (json_peek_int(&ledger, "version", 0) != 1 || jv_get_kind(resources) != JV_KIND_OBJECT ||
            json_peek_int(&ledger, "state_revision", 0) < 1)
            fault(faults, "%s is no ledger", LEDGER);
        jv_free(resources);
    } else if (must_exist) {
        fault(faults, "the ledger is gone");
    }
    (void)check_approvals(&ledger, faults);
    jv_free(check_blobs(faults));
    jv_free(objects_in("__cluster/recoveries", faults));
    if (place->root)
        check_bucket_graphs(faults);
    jv_free(ledger);
}

static void check_catalog(const struct model *model, struct buf *faults)
{
    jv hashes = check_blobs(faults);
    for (int i = jv_object_iter(model->blobs); jv_object_iter_valid(model->blobs, i);
         i = jv_object_iter_next(model->blobs, i)) {
        jv path = jv_object_iter_key(model->blobs, i), hex = jv_object_iter_value(model->blobs, i);
        jv is = json_get(&hashes, jv_string_value(path));
        expect(jv_string_value(path), &is, &hex, faults);
        jv_free(is);
        jv_free(hex);
        jv_free(path);
    }
    jv_free(hashes);
}

/* What the graph itself says, through its own command line. */
static void check_graph(const char *root, const jv *wanted, struct buf *faults)
{
    const char *const describe[] = {"cluster-graph", "describe", root, NULL};
    const char *const export[] = {"cluster-graph", "export", root, NULL};
    struct buf out = BUF_INIT;
    if (tool_run(describe, "", 0, &out) == 0) {
        jv is = json_parse(buf_text(&out), out.len, NULL);
        static const char *const fields[] = {"schema_digest", "manifest_version"};
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            jv a = json_get(&is, fields[i]), b = json_get(wanted, fields[i]);
            char *what = xasprintf("%s of %s", fields[i], root);
            expect(what, &a, &b, faults);
            free(what);
            jv_free(a);
            jv_free(b);
        }
        jv_free(is);
    } else {
        fault(faults, "%s cannot be described", root);
    }
    buf_clear(&out);
    if (tool_run(export, "", 0, &out) == 0) {
        jv is = sorted_lines(buf_text(&out)), rows = json_get(wanted, "rows");
        if (!json_equal(&is, &rows))
            fault(faults, "%s holds other rows than it should: %d, not %d", root,
                  jv_array_length(jv_copy(is)), jv_array_length(jv_copy(rows)));
        jv_free(is);
        jv_free(rows);
    } else {
        fault(faults, "%s cannot be exported", root);
    }
    buf_free(&out);
}

static void check_graphs(const struct place *place, const struct model *model, struct buf *faults)
{
    struct buf roots = BUF_INIT;
    char *graphs = place_graphs(place);
    for (int i = jv_object_iter(model->graphs); jv_object_iter_valid(model->graphs, i);
         i = jv_object_iter_next(model->graphs, i)) {
        jv id = jv_object_iter_key(model->graphs, i),
           wanted = jv_object_iter_value(model->graphs, i);
        char *root = xasprintf("%s/%s.omni", graphs, jv_string_value(id));
        check_graph(root, &wanted, faults);
        free(root);
        buf_printf(&roots, "%s.omni\n", jv_string_value(id));
        jv_free(wanted);
        jv_free(id);
    }
    jv is = names_in("graphs"), should = sorted_lines(buf_text(&roots));
    expect("the list of graph roots", &is, &should, faults);
    jv_free(is);
    jv_free(should);
    free(graphs);
    buf_free(&roots);
}

static void check_statuses(const struct model *model, const jv *ledger, struct buf *faults)
{
    jv statuses = json_get(ledger, "resource_statuses"), wanted = jv_object();
    for (int i = jv_object_iter(model->resources); jv_object_iter_valid(model->resources, i);
         i = jv_object_iter_next(model->resources, i)) {
        jv address = jv_object_iter_key(model->resources, i), status = jv_object();
        json_set_string(&status, "status", "applied");
        json_set(&status, "conditions", jv_array());
        json_set(&wanted, jv_string_value(address), status);
        jv_free(address);
    }
    expect("resource_statuses", &statuses, &wanted, faults);
    jv_free(wanted);
    jv_free(statuses);
}

static void check_deleted(const jv *ledger, const char *graph, struct buf *faults)
{
    int consumed = check_approvals(ledger, faults);
    jv records = json_get(ledger, "approval_records");
    bool any = jv_get_kind(records) == JV_KIND_OBJECT;
    int recorded = any ? jv_object_length(jv_copy(records)) : 0;
    int due = graph ? 1 : 0;
    if (consumed != due || recorded != due)
        fault(faults, "%d approvals are consumed and %d recorded as such, not %d", consumed,
              recorded, due);
    if (graph) {
        char *path = xasprintf("observations/graph.%s", graph);
        jv tombstone = at_path(ledger, path);
        if (!json_string_is(&tombstone, "kind", "tombstone") ||
            !json_peek_string(&tombstone, "approval_id") ||
            !json_has(&records, json_peek_string(&tombstone, "approval_id")))
            fault(faults, "%s has no tombstone with its approval", graph);
        jv_free(tombstone);
        free(path);
    }
    jv_free(records);
}

void promises_settled(const struct place *place, const struct model *model, const char *deleted,
                      struct buf *faults)
{
    jv ledger = promise_json(LEDGER, faults);
    jv resources = at_path(&ledger, "applied_revision/resources");
    expect("what the ledger records", &resources, &model->resources, faults);
    jv_free(resources);
    check_statuses(model, &ledger, faults);
    check_deleted(&ledger, deleted, faults);
    check_catalog(model, faults);
    check_graphs(place, model, faults);
    jv sidecars = names_in("__cluster/recoveries"), none = jv_array();
    expect("the list of sidecars", &sidecars, &none, faults);
    if (access("__cluster/lock.json", F_OK) == 0)
        fault(faults, "the lock is not released");
    if (access("__cluster/lock.heartbeat.json", F_OK) == 0)
        fault(faults, "the lock's heartbeat stays");
    jv_free(none);
    jv_free(sidecars);
    jv_free(ledger);
}

/* Each change that is reported as applied is on record. */
static void check_reported_changes(const jv *report, struct buf *faults)
{
    jv ledger = promise_json(LEDGER, faults), changes = json_get(report, "changes");
    int n = jv_get_kind(changes) == JV_KIND_ARRAY ? jv_array_length(jv_copy(changes)) : 0;
    for (int i = 0; i < n; i++) {
        jv change = jv_array_get(jv_copy(changes), i);
        const char *address = json_peek_string(&change, "resource");
        jv resources = at_path(&ledger, "applied_revision/resources");
        jv entry = json_get(&resources, address);
        jv is = json_get(&entry, "digest"), wanted = json_get(&change, "after_digest");
        bool same = jv_is_valid(wanted) == jv_is_valid(is);
        /* A graph may have been made without all of its queries: its composite follows them. */
        if (same && jv_is_valid(is) && strncmp(address, "graph.", 6) != 0)
            same = json_equal(&is, &wanted);
        if (json_string_is(&change, "disposition", "applied") && !same)
            fault(faults, "%s is reported as applied and is not recorded so", address);
        jv_free(is);
        jv_free(wanted);
        jv_free(entry);
        jv_free(resources);
        jv_free(change);
    }
    jv_free(changes);
    jv_free(ledger);
}

static void check_reported_cas(const jv *report, struct buf *faults)
{
    jv cas = at_path(report, "state_observations/state_cas"), hashes = tool_hash_files(LEDGER);
    const char *hex = json_peek_string(&hashes, LEDGER);
    const char *said = jv_get_kind(cas) == JV_KIND_STRING ? jv_string_value(cas) : "";
    if (!hex || strncmp(said, "sha256:", 7) != 0 || strcmp(said + 7, hex) != 0)
        fault(faults, "the report says that it wrote %s, but the ledger is %s", said,
              hex ? hex : "gone");
    jv_free(hashes);
    jv_free(cas);
}

bool promises_report(const struct place *place, const struct model *model, const char *deleted,
                     const char *out, int status, struct buf *faults)
{
    struct buf not_json = BUF_INIT; /* torn by the crash: then it says nothing */
    jv report = promise_json(out, &not_json);
    bool reported = jv_is_valid(report), ok = json_peek_bool(&report, "ok", false);
    bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (done && !ok)
        fault(faults, "exit status 0 without a report that says ok");
    if (reported && ok && WIFEXITED(status) && WEXITSTATUS(status) != 0)
        fault(faults, "the report says ok, the exit status is %d", WEXITSTATUS(status));
    if (json_peek_bool(&report, "state_written", false)) {
        check_reported_cas(&report, faults);
        check_reported_changes(&report, faults);
    } else if (json_peek_int(&report, "applied_count", 0) != 0) {
        fault(faults, "changes are reported as applied without a ledger write");
    }
    if (json_peek_bool(&report, "converged", false))
        promises_settled(place, model, deleted, faults);
    jv_free(report);
    buf_free(&not_json);
    return reported;
}
