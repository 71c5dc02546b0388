/* The store on a disk when the disk fails: every call that changes it, one after the other. */
#include "faults.h"
#include "scratch.h"

static const char old[] = "old content", new[] = "the new content";

/* An operation on the object "a/b", which holds `old` (or nothing) before. */
struct operation {
    const char *name;
    bool exists; /* before */
    enum store_status (*run)(struct store *store, const struct store_token *token,
                             struct error *err);
    const char *after; /* the content then; NULL: none */
};

static enum store_status run_put(struct store *store, const struct store_token *token,
                                 struct error *err)
{
    (void)token;
    return store_put(store, "a/b", new, strlen(new), err);
}

static enum store_status run_create(struct store *store, const struct store_token *token,
                                    struct error *err)
{
    (void)token;
    return store_put_if_absent(store, "a/b", new, strlen(new), err);
}

static enum store_status run_swap(struct store *store, const struct store_token *token,
                                  struct error *err)
{
    return store_put_if_match(store, "a/b", token, new, strlen(new), err);
}

static enum store_status run_delete(struct store *store, const struct store_token *token,
                                    struct error *err)
{
    (void)token;
    return store_delete(store, "a/b", err);
}

static enum store_status run_delete_if_match(struct store *store, const struct store_token *token,
                                             struct error *err)
{
    return store_delete_if_match(store, "a/b", token, err);
}

static enum store_status run_delete_prefix(struct store *store, const struct store_token *token,
                                           struct error *err)
{
    (void)token;
    return store_delete_prefix(store, "a/", err);
}

static enum store_status run_batch(struct store *store, const struct store_token *token,
                                   struct error *err)
{
    (void)token;
    struct store_item item = {.name = "a/b", .data = new, .len = strlen(new)};
    enum store_status status = store_put_many_if_absent(store, &item, 1);
    if (status != STORE_OK)
        error_set(err, NULL, "%s", error_text(&item.err));
    store_items_clear(&item, 1);
    return status;
}

static const struct operation operations[] = {
    {"put over", true, run_put, new},
    {"put new", false, run_put, new},
    {"put if absent", false, run_create, new},
    {"put if match", true, run_swap, new},
    {"delete", true, run_delete, NULL},
    {"delete if match", true, run_delete_if_match, NULL},
    {"delete prefix", true, run_delete_prefix, NULL},
    {"batch", false, run_batch, new},
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

/* One run of one operation, with the at-th call failing. */
struct attempt {
    struct scratch s;
    struct store_token token;
    enum store_status status;
    struct error err;
};

static struct attempt attempt(const struct operation *op, int at, int errnum)
{
    struct attempt a = {.s = scratch_make(), .err = ERROR_INIT};
    struct buf out = BUF_INIT;
    if (op->exists) {
        scratch_write(&a.s, "a/b", old);
        assert_int_equal(store_get(a.s.store, "a/b", &out, &a.token, NULL), STORE_OK);
    }
    buf_free(&out);
    faults_start(at, errnum);
    a.status = op->run(a.s.store, &a.token, &a.err);
    faults_stop();
    return a;
}

static void attempt_end(struct attempt *a)
{
    error_clear(&a->err);
    scratch_remove(&a->s);
    buf_free(&faults.log);
}

/* The content is what it was or what it should become, nothing between. */
static void assert_old_or_new(const struct operation *op, const struct attempt *a)
{
    char *now = scratch_read(&a->s, "a/b");
    const char *before = op->exists ? old : NULL;
    bool is_old = before ? now && strcmp(now, before) == 0 : !now;
    bool is_new = op->after ? now && strcmp(now, op->after) == 0 : !now;
    assert_true(is_old || is_new);
    if (a->status == STORE_OK)
        assert_true(is_new);
    free(now);
}

static void check_failures(int errnum, enum store_status expected)
{
    for (size_t i = 0; i < OPERATIONS; i++) {
        for (int at = 1;; at++) {
            struct attempt a = attempt(&operations[i], at, errnum);
            bool failed = *faults.failed != '\0';
            assert_old_or_new(&operations[i], &a);
            /* An unlink that fails leaves a temporary; that is what the sweep is for. */
            bool only_cleaning = strcmp(faults.failed, "unlink") == 0;
            if (failed && !(only_cleaning && a.status == STORE_OK)) {
                assert_int_equal(a.status, expected);
                assert_non_null(strstr(error_text(&a.err), a.s.dir));
            }
            if (!only_cleaning)
                assert_int_equal(scratch_count(&a.s, ".tmp."), 0);
            attempt_end(&a);
            if (!failed) {
                assert_int_equal(a.status, STORE_OK);
                assert_true(at > 2); /* there was something to fail */
                break;
            }
        }
    }
}

static void a_full_disk_leaves_the_old_content(void **state)
{
    (void)state;
    check_failures(ENOSPC, STORE_UNAVAILABLE);
}

static void a_read_only_disk_leaves_the_old_content(void **state)
{
    (void)state;
    check_failures(EROFS, STORE_DENIED);
}

static void a_failing_disk_leaves_the_old_content(void **state)
{
    (void)state;
    check_failures(EIO, STORE_UNAVAILABLE);
}

static void what_was_not_sure_to_stay_can_be_done_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPERATIONS; i++) {
        for (int at = 1;; at++) {
            struct attempt a = attempt(&operations[i], at, EIO);
            bool failed = *faults.failed != '\0';
            if (a.status != STORE_OK) {
                /* With the disk well again: done, or found to be done already. */
                enum store_status again = operations[i].run(a.s.store, &a.token, NULL);
                assert_true(again == STORE_OK || again == STORE_CONFLICT ||
                            again == STORE_NOT_FOUND);
                scratch_assert(&a.s, "a/b", operations[i].after);
            }
            attempt_end(&a);
            if (!failed)
                break;
        }
    }
}

static void interrupted_and_short_calls_are_finished(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPERATIONS; i++) {
        for (int at = 1;; at++) {
            struct attempt a = attempt(&operations[i], at, EINTR);
            bool failed = *faults.failed != '\0';
            if (strcmp(faults.failed, "write") == 0 || strcmp(faults.failed, "fsync") == 0) {
                assert_int_equal(a.status, STORE_OK);
                scratch_assert(&a.s, "a/b", operations[i].after);
            }
            attempt_end(&a);
            if (!failed)
                break;
        }
    }
    struct scratch s = scratch_make();
    faults_start(0, 0);
    faults.part = true;
    assert_int_equal(store_put(s.store, "a", new, strlen(new), NULL), STORE_OK);
    faults_stop();
    scratch_assert(&s, "a", new);
    buf_free(&faults.log);
    scratch_remove(&s);
}

/* The line of the log "CALL PATH", from `from` on; it must be there. */
static const char *logged(const char *from, const char *call, const struct scratch *s,
                          const char *name)
{
    char *line = xasprintf("%s %s%s%s\n", call, s->dir, *name ? "/" : "", name);
    const char *found = strstr(from, line);
    if (!found)
        print_message("missing: %safter:\n%s", line, from);
    assert_non_null(found);
    free(line);
    return found;
}

static const char *logged_temporary(const char *from, const char *call, const struct scratch *s,
                                    const char *folder)
{
    char *start = xasprintf("%s %s/%s/.tmp.", call, s->dir, folder);
    const char *found = strstr(from, start);
    assert_non_null(found);
    free(start);
    return found;
}

static void a_write_is_on_the_disk_before_it_is_told(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    faults_start(0, 0);
    assert_int_equal(store_put(s.store, "a/b/c", new, strlen(new), NULL), STORE_OK);
    faults_stop();
    const char *at = logged(buf_text(&faults.log), "mkdir", &s, "a");
    at = logged(at, "fsync", &s, "");
    at = logged(at, "mkdir", &s, "a/b");
    at = logged(at, "fsync", &s, "a");
    at = logged_temporary(at, "write", &s, "a/b");
    at = logged_temporary(at, "fsync", &s, "a/b");
    at = logged(at, "rename", &s, "a/b/c");
    (void)logged(at, "fsync", &s, "a/b");

    faults_start(0, 0);
    assert_int_equal(store_put_if_absent(s.store, "a/b/d", new, strlen(new), NULL), STORE_OK);
    faults_stop();
    at = logged_temporary(buf_text(&faults.log), "fsync", &s, "a/b");
    at = logged(at, "link", &s, "a/b/d");
    (void)logged(at, "fsync", &s, "a/b");

    faults_start(0, 0);
    assert_int_equal(store_delete(s.store, "a/b/d", NULL), STORE_OK);
    faults_stop();
    at = logged(buf_text(&faults.log), "unlink", &s, "a/b/d");
    (void)logged(at, "fsync", &s, "a/b");

    faults_start(0, 0);
    assert_int_equal(store_delete_prefix(s.store, "a/b/", NULL), STORE_OK);
    faults_stop();
    at = logged(buf_text(&faults.log), "rmdir", &s, "a/b");
    (void)logged(at, "fsync", &s, "a");
    buf_free(&faults.log);
    scratch_remove(&s);
}

static void a_folder_that_a_dead_run_made_is_synced_again(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "a/b/.keep", "");
    faults_start(0, 0);
    assert_int_equal(store_put(s.store, "a/b/c", new, strlen(new), NULL), STORE_OK);
    faults_stop();
    const char *at = logged(buf_text(&faults.log), "fsync", &s, "");
    at = logged(at, "fsync", &s, "a");
    (void)logged(at, "rename", &s, "a/b/c");
    buf_free(&faults.log);
    scratch_remove(&s);
}

/* Without its -wal a graph.db would open as an older version of itself. */
static void a_delete_takes_a_file_before_what_completes_it(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "graphs/g.omni/graph.db-wal", "");
    scratch_write(&s, "graphs/g.omni/graph.db-shm", "");
    scratch_write(&s, "graphs/g.omni/graph.db", "");
    faults_start(0, 0);
    assert_int_equal(store_delete_prefix(s.store, "graphs/g.omni/", NULL), STORE_OK);
    faults_stop();
    const char *at = logged(buf_text(&faults.log), "unlink", &s, "graphs/g.omni/graph.db");
    at = logged(at, "unlink", &s, "graphs/g.omni/graph.db-shm");
    at = logged(at, "unlink", &s, "graphs/g.omni/graph.db-wal");
    at = logged(at, "rmdir", &s, "graphs/g.omni");
    (void)logged(at, "fsync", &s, "graphs");
    buf_free(&faults.log);
    scratch_remove(&s);
}

static void a_new_root_is_on_the_disk_too(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    char *path = scratch_path(&s, "new/root");
    struct store *store = scratch_store(path);
    faults_start(0, 0);
    assert_int_equal(store_put(store, "c", new, strlen(new), NULL), STORE_OK);
    faults_stop();
    const char *at = logged(buf_text(&faults.log), "mkdir", &s, "new");
    at = logged(at, "fsync", &s, "");
    at = logged(at, "mkdir", &s, "new/root");
    at = logged(at, "fsync", &s, "new");
    (void)logged(at, "fsync", &s, "new/root");
    buf_free(&faults.log);
    store_close(store);
    free(path);
    scratch_remove(&s);
}

static void a_batch_syncs_each_file_and_each_directory_once(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct store_item items[50];
    char *names[50];
    for (int i = 0; i < 50; i++) {
        names[i] = xasprintf("q/%d/blob", i);
        items[i] = (struct store_item){.name = names[i], .data = new, .len = strlen(new)};
    }
    faults_start(0, 0);
    assert_int_equal(store_put_many_if_absent(s.store, items, 50), STORE_OK);
    faults_stop();
    for (int i = 0; i < 50; i++) {
        const char *at = logged(buf_text(&faults.log), "link", &s, names[i]);
        names[i][strlen(names[i]) - strlen("/blob")] = '\0';
        (void)logged(at, "fsync", &s, names[i]);
        free(names[i]);
    }
    (void)logged(buf_text(&faults.log), "fsync", &s, "q");
    int syncs = 0;
    for (const char *at = buf_text(&faults.log); (at = strstr(at, "fsync ")); at++)
        syncs++;
    assert_int_equal(syncs, 50 + 50 + 2); /* files, their folders, q, the root */
    const char *first_link = strstr(buf_text(&faults.log), "link ");
    assert_non_null(first_link);
    int before = 0;
    for (const char *at = buf_text(&faults.log); (at = strstr(at, "fsync ")) && at < first_link;
         at++)
        before++;
    assert_int_equal(before, 50); /* nothing has a name before its content is on the disk */
    buf_free(&faults.log);
    store_items_clear(items, 50);
    scratch_remove(&s);
}

/* Each item tells what became of it: there and whole, or not there. */
static void a_failing_call_fails_only_its_items_of_a_batch(void **state)
{
    (void)state;
    static const char *const names[] = {"q/1/blob", "q/2/blob", "q/3/blob"};
    for (int at = 1, failed = 1; failed; at++) {
        struct scratch s = scratch_make();
        struct store_item items[3];
        for (int i = 0; i < 3; i++)
            items[i] = (struct store_item){.name = names[i], .data = new, .len = strlen(new)};
        faults_start(at, EIO);
        enum store_status status = store_put_many_if_absent(s.store, items, 3);
        faults_stop();
        failed = *faults.failed != '\0';
        bool only_cleaning = strcmp(faults.failed, "unlink") == 0;
        assert_int_equal(status, failed && !only_cleaning ? STORE_UNAVAILABLE : STORE_OK);
        bool of_one = strcmp(faults.failed, "write") == 0 || strcmp(faults.failed, "link") == 0;
        int good = 0;
        for (int i = 0; i < 3; i++) {
            char *now = scratch_read(&s, names[i]);
            if (now)
                assert_string_equal(now, new);
            if (items[i].status == STORE_OK)
                assert_non_null(now);
            good += items[i].status == STORE_OK;
            free(now);
        }
        if (of_one)
            assert_int_equal(good, 2);
        if (!only_cleaning)
            assert_int_equal(scratch_count(&s, ".tmp."), 0);
        store_items_clear(items, 3);
        scratch_remove(&s);
        buf_free(&faults.log);
        assert_true(failed || at > 12); /* there was something to fail */
    }
}

static void a_batch_may_be_larger_than_what_is_open_at_once(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    struct scratch s = scratch_make();
    struct store_item *items = xcalloc(MANY, sizeof *items);
    for (int i = 0; i < MANY; i++)
        items[i] =
            (struct store_item){.name = xasprintf("q/%d/blob", i), .data = new, .len = strlen(new)};
    assert_int_equal(store_put_many_if_absent(s.store, items, MANY), STORE_OK);
    assert_int_equal(scratch_count(&s, "blob"), MANY);
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    store_items_clear(items, MANY);
    for (int i = 0; i < MANY; i++)
        free((void *)(uintptr_t)items[i].name);
    free(items);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_leaves_the_old_content),
        cmocka_unit_test(a_read_only_disk_leaves_the_old_content),
        cmocka_unit_test(a_failing_disk_leaves_the_old_content),
        cmocka_unit_test(what_was_not_sure_to_stay_can_be_done_again),
        cmocka_unit_test(interrupted_and_short_calls_are_finished),
        cmocka_unit_test(a_write_is_on_the_disk_before_it_is_told),
        cmocka_unit_test(a_folder_that_a_dead_run_made_is_synced_again),
        cmocka_unit_test(a_delete_takes_a_file_before_what_completes_it),
        cmocka_unit_test(a_new_root_is_on_the_disk_too),
        cmocka_unit_test(a_batch_syncs_each_file_and_each_directory_once),
        cmocka_unit_test(a_failing_call_fails_only_its_items_of_a_batch),
        cmocka_unit_test(a_batch_may_be_larger_than_what_is_open_at_once),
    };
    return RUN(tests);
}
