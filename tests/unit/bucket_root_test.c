/*
 * Roots of snapshots and their cache, on a store that happens to lie on a disk: what is opened,
 * copied, published and swept, and what the cache keeps. Databases are plain texts here.
 */
#include "graph/bucket_cache.h"
#include "graph/bucket_root.h"
#include "scratch.h"

#include <fcntl.h>
#include <sys/file.h>

static struct scratch scratch; /* the bucket, and in "cache" what is kept of it */
static char *location;

static int set_up(void **state)
{
    (void)state;
    scratch = scratch_make();
    location = xasprintf("file://%s/g", scratch.dir);
    char *cache = scratch_path(&scratch, "cache");
    setenv("XDG_CACHE_HOME", cache, 1);
    unsetenv("CLUSTER_CACHE_MAX");
    free(cache);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unsetenv("CLUSTER_FAILPOINTS");
    scratch_remove(&scratch);
    free(location);
    return 0;
}

static void expect(enum graph_status expected, enum graph_status is, struct error *err)
{
    if (expected != is)
        print_error("expected %d, got %d: %s\n", expected, is, error_text(err));
    assert_int_equal(expected, is);
    assert_true((is == GRAPH_OK) == (err->message == NULL));
    error_clear(err);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void expect_file(const char *path, const char *text)
{
    char is[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    (void)!fread(is, 1, sizeof is - 1, file);
    fclose(file);
    assert_string_equal(is, text);
}

static struct root open_root(enum root_use use)
{
    struct error err = ERROR_INIT;
    struct root root = ROOT_INIT;
    expect(GRAPH_OK, bucket_root_open(location, use, &root, &err), &err);
    return root;
}

static void cannot_open(enum graph_status expected)
{
    struct error err = ERROR_INIT;
    struct root root = ROOT_INIT;
    expect(expected, bucket_root_open(location, ROOT_READ, &root, &err), &err);
    assert_null(root.bucket);
}

static void expect_graph(const char *text)
{
    struct root root = open_root(ROOT_READ);
    expect_file(root.file, text);
    root_clear(&root);
}

static void make(const char *text)
{
    struct error err = ERROR_INIT;
    struct root root = ROOT_INIT;
    expect(GRAPH_OK, bucket_root_create(location, &root, &err), &err);
    write_file(root.file, text);
    expect(GRAPH_OK, bucket_root_publish(&root, 1, &err), &err);
    expect(GRAPH_OK, bucket_root_finish(&root, &err), &err);
    root_clear(&root);
}

static enum graph_status commit(struct root *root, int64_t version, const char *text)
{
    struct error err = ERROR_INIT;
    write_file(root->file, text);
    enum graph_status status = bucket_root_publish(root, version, &err);
    error_clear(&err);
    return status;
}

/* How many snapshots the bucket has; how many entries the cache has. */
static int snapshots(void)
{
    struct store_names names = {0};
    assert_int_equal(store_list(scratch.store, "g/snapshots/", &names, NULL), STORE_OK);
    int n = (int)names.n;
    store_names_free(&names);
    return n;
}

static int files_like(const char *pattern)
{
    char *command = xasprintf("find '%s/cache' -name '%s' | wc -l", scratch.dir, pattern);
    FILE *pipe = popen(command, "r");
    char n[32] = "";
    assert_non_null(pipe);
    assert_non_null(fgets(n, sizeof n, pipe));
    pclose(pipe);
    free(command);
    return (int)strtol(n, NULL, 10);
}

static void empty_the_cache(void)
{
    setenv("CLUSTER_CACHE_MAX", "0", 1);
    struct cache cache = CACHE_INIT;
    assert_true(cache_open(&cache, NULL));
    cache_close(&cache);
    unsetenv("CLUSTER_CACHE_MAX");
    assert_int_equal(files_like("*.*"), 0);
}

static void a_graph_is_made_opened_and_changed(void **state)
{
    (void)state;
    cannot_open(GRAPH_NONE);
    make("one");
    expect_graph("one");
    struct root root = open_root(ROOT_WRITE);
    expect_file(root.file, "one");
    assert_int_equal(commit(&root, 2, "two"), GRAPH_OK);
    root_clear(&root);
    assert_int_equal(files_like("*.db"), 1);
    expect_graph("two");
    assert_int_equal(snapshots(), 2);
    empty_the_cache();
    expect_graph("two");
    assert_int_equal(files_like("work-*"), 0);
}

static void a_reader_keeps_what_it_opened(void **state)
{
    (void)state;
    make("one");
    setenv("CLUSTER_CACHE_MAX", "0", 1);
    struct root reader = open_root(ROOT_READ);
    struct root writer = open_root(ROOT_WRITE);
    assert_int_equal(commit(&writer, 2, "two"), GRAPH_OK);
    root_clear(&writer);
    expect_file(reader.file, "one");
    root_clear(&reader);
    assert_int_equal(files_like("*.db"), 0);
}

static void the_second_writer_loses_and_takes_its_snapshot_away(void **state)
{
    (void)state;
    make("one");
    struct root first = open_root(ROOT_WRITE), second = open_root(ROOT_WRITE);
    assert_int_equal(commit(&first, 2, "first"), GRAPH_OK);
    struct error err = ERROR_INIT;
    write_file(second.file, "second");
    assert_int_equal(bucket_root_publish(&second, 2, &err), GRAPH_FAILED);
    assert_string_equal(err.code, "graph_conflict");
    error_clear(&err);
    root_clear(&first);
    root_clear(&second);
    assert_int_equal(snapshots(), 2);
    expect_graph("first");
}

static void of_two_creates_one_wins(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct root root = ROOT_INIT;
    expect(GRAPH_OK, bucket_root_create(location, &root, &err), &err);
    make("first");
    write_file(root.file, "second");
    expect(GRAPH_OK, bucket_root_publish(&root, 1, &err), &err);
    expect(GRAPH_FAILED, bucket_root_finish(&root, &err), &err);
    root_clear(&root);
    expect(GRAPH_FAILED, bucket_root_create(location, &root, &err), &err);
    expect_graph("first");
}

static void garbage_alone_is_no_graph_and_anything_else_is_in_the_way(void **state)
{
    (void)state;
    scratch_write(&scratch, "g/snapshots/left", "x");
    scratch_write(&scratch, "g/__cluster/probe-01", "x");
    cannot_open(GRAPH_NONE);
    make("one");
    expect_graph("one");
    assert_int_equal(store_delete_prefix(scratch.store, "g/", NULL), STORE_OK);
    scratch_write(&scratch, "g/mine", "x");
    cannot_open(GRAPH_CANNOT_OPEN);
    struct error err = ERROR_INIT;
    struct root root = ROOT_INIT;
    expect(GRAPH_FAILED, bucket_root_create(location, &root, &err), &err);
}

static void a_sweep_leaves_the_present_snapshot_alone(void **state)
{
    (void)state;
    make("one");
    struct root root = open_root(ROOT_WRITE), writer = open_root(ROOT_WRITE);
    assert_int_equal(commit(&root, 2, "two"), GRAPH_OK);
    scratch_write(&scratch, "g/snapshots/orphan.db", "x");
    int64_t n = 0;
    struct error err = ERROR_INIT;
    expect(GRAPH_OK, bucket_root_sweep(&root, false, &n, &err), &err);
    assert_int_equal(n, 2);
    assert_int_equal(snapshots(), 3);
    expect(GRAPH_OK, bucket_root_sweep(&root, true, &n, &err), &err);
    assert_int_equal(n, 2);
    assert_int_equal(snapshots(), 1);
    expect(GRAPH_OK, bucket_root_sweep(&root, true, &n, &err), &err);
    assert_int_equal(n, 0);
    /* Who began before it cannot name what it may have removed. */
    assert_int_equal(commit(&writer, 3, "late"), GRAPH_FAILED);
    root_clear(&root);
    root_clear(&writer);
    empty_the_cache();
    expect_graph("two");
}

static void a_snapshot_that_is_not_what_it_is_called_is_refused(void **state)
{
    (void)state;
    make("one");
    struct digest digest = digest_of("one", 3);
    char *name = xasprintf("g/snapshots/%s.db", digest.hex);
    empty_the_cache();
    assert_int_equal(store_put(scratch.store, name, "ONE", 3, NULL), STORE_OK);
    cannot_open(GRAPH_CANNOT_OPEN);
    assert_int_equal(files_like("*.db"), 0);
    assert_int_equal(store_delete(scratch.store, name, NULL), STORE_OK);
    cannot_open(GRAPH_CANNOT_OPEN);
    assert_int_equal(store_put(scratch.store, name, "one", 3, NULL), STORE_OK);
    expect_graph("one");
    free(name);
}

static void a_cached_file_that_was_changed_is_fetched_again(void **state)
{
    (void)state;
    make("one");
    struct digest digest = digest_of("one", 3);
    char *name = xasprintf("cache/cluster/%s.db", digest.hex);
    char *path = scratch_path(&scratch, name);
    assert_int_equal(chmod(path, 0600), 0);
    write_file(path, "ONE");
    expect_graph("one");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    expect_graph("one");
    free(path);
    free(name);
}

static void the_least_recently_used_goes_first(void **state)
{
    (void)state;
    struct cache cache = CACHE_INIT;
    assert_true(cache_open(&cache, NULL));
    struct digest digests[3];
    for (int i = 0; i < 3; i++) {
        char text[2] = {(char)('a' + i), '\0'};
        digests[i] = digest_of(text, 1);
        char *name = xasprintf("snapshots/%s.db", digests[i].hex);
        scratch_write(&scratch, name, text);
        free(name);
    }
    static const int uses[] = {0, 1, 2, 0};
    for (size_t i = 0; i < 4; i++) {
        struct cache_entry entry = CACHE_ENTRY_INIT;
        struct error err = ERROR_INIT;
        assert_int_equal(cache_hold(&cache, scratch.store, &digests[uses[i]], &entry, &err),
                         STORE_OK);
        cache_let_go(&entry);
    }
    cache.max = 2;
    cache_trim(&cache);
    static const bool stays[] = {true, false, true};
    for (int i = 0; i < 3; i++) {
        char *path = cache_path(&cache, digests[i].hex, ".db");
        assert_int_equal(stays[i], access(path, F_OK) == 0);
        free(path);
    }
    assert_int_equal(files_like("*.lock"), 2);
    cache_close(&cache);
}

static void what_the_dead_left_goes_and_what_the_living_have_stays(void **state)
{
    (void)state;
    struct cache cache = CACHE_INIT;
    assert_true(cache_open(&cache, NULL));
    struct workspace mine = WORKSPACE_INIT;
    assert_true(workspace_open(&cache, &mine, NULL));
    scratch_write(&scratch, "cache/cluster/work-dead/graph.db", "x");
    scratch_write(&scratch, "cache/cluster/other", "x");
    struct digest dead = digest_of("dead", 4), living = digest_of("living", 6);
    char *partial = cache_path(&cache, dead.hex, ".tmp");
    write_file(partial, "de");
    char *lock_path = cache_path(&cache, living.hex, ".lock");
    int lock = cache_lock(lock_path, LOCK_EX);
    assert_true(lock >= 0);
    assert_int_equal(cache_lock(lock_path, LOCK_EX | LOCK_NB), -1);
    cache_trim(&cache);
    assert_int_equal(access(partial, F_OK), -1);
    assert_int_equal(access(lock_path, F_OK), 0);
    assert_int_equal(files_like("work-*"), 1);
    assert_int_equal(files_like("other"), 1);
    close(lock);
    workspace_close(&mine);
    cache_trim(&cache);
    assert_int_equal(files_like("work-*"), 0);
    assert_int_equal(access(lock_path, F_OK), -1);
    free(partial);
    free(lock_path);
    cache_close(&cache);
}

static void no_more_than_a_thousand_entries_are_kept(void **state)
{
    (void)state;
    struct cache cache = CACHE_INIT;
    assert_true(cache_open(&cache, NULL));
    for (int i = 0; i < CACHE_ENTRIES + 20; i++) {
        struct digest digest = digest_of(&i, sizeof i);
        char *path = cache_path(&cache, digest.hex, ".db");
        write_file(path, "x");
        free(path);
    }
    cache_trim(&cache);
    assert_int_equal(files_like("*.db"), CACHE_ENTRIES);
    cache_close(&cache);
}

static void a_limit_or_a_place_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "x", "1x", "1GG", "-1", " 1", "9999999999999999", "999999999999999T"};
    make("one");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        setenv("CLUSTER_CACHE_MAX", bad[i], 1);
        cannot_open(GRAPH_FAILED);
    }
    setenv("CLUSTER_CACHE_MAX", "1T", 1);
    expect_graph("one");
    scratch_write(&scratch, "file", "x");
    char *file = scratch_path(&scratch, "file");
    setenv("XDG_CACHE_HOME", file, 1);
    cannot_open(GRAPH_FAILED);
    setenv("XDG_CACHE_HOME", "relative", 1);
    setenv("HOME", "", 1);
    cannot_open(GRAPH_FAILED);
    setenv("HOME", scratch.dir, 1);
    expect_graph("one");
    free(file);
}

static void errors_before_the_swap_move_nothing(void **state)
{
    (void)state;
    make("one");
    struct root root = open_root(ROOT_WRITE);
    setenv("CLUSTER_FAILPOINTS", "cluster_graph.before_manifest_swap=error", 1);
    assert_int_equal(commit(&root, 2, "two"), GRAPH_FAILED);
    assert_int_equal(snapshots(), 1);
    setenv("CLUSTER_FAILPOINTS", "cluster_graph.after_manifest_swap=error", 1);
    assert_int_equal(commit(&root, 2, "three"), GRAPH_UNKNOWN);
    unsetenv("CLUSTER_FAILPOINTS");
    root_clear(&root);
    expect_graph("three");
    root = open_root(ROOT_WRITE);
    assert_int_equal(unlink(root.file), 0);
    struct error err = ERROR_INIT;
    expect(GRAPH_FAILED, bucket_root_publish(&root, 4, &err), &err);
    root_clear(&root);
    setenv("CLUSTER_FAILPOINTS", "cluster_graph.before_snapshot_fetch=error", 1);
    cannot_open(GRAPH_FAILED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_graph_is_made_opened_and_changed),
        TEST(a_reader_keeps_what_it_opened),
        TEST(the_second_writer_loses_and_takes_its_snapshot_away),
        TEST(of_two_creates_one_wins),
        TEST(garbage_alone_is_no_graph_and_anything_else_is_in_the_way),
        TEST(a_sweep_leaves_the_present_snapshot_alone),
        TEST(a_snapshot_that_is_not_what_it_is_called_is_refused),
        TEST(a_cached_file_that_was_changed_is_fetched_again),
        TEST(the_least_recently_used_goes_first),
        TEST(what_the_dead_left_goes_and_what_the_living_have_stays),
        TEST(no_more_than_a_thousand_entries_are_kept),
        TEST(a_limit_or_a_place_that_cannot_be_is_refused),
        TEST(errors_before_the_swap_move_nothing),
    };
    return RUN(tests);
}
