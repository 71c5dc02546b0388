/* The store on a disk: what each operation promises. */
#include "store/store.h"

#include "scratch.h"
#include "store/store_impl.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define PUT(s, name, text) store_put((s)->store, name, text, strlen(text), NULL)

static void a_name_that_could_escape_or_confuse_is_refused(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    char long_part[300], long_name[1400];
    memset(long_part, 'x', 256);
    long_part[256] = '\0';
    for (size_t i = 0; i < 1300; i++)
        long_name[i] = i % 3 == 2 ? '/' : 'y';
    long_name[1300] = '\0';
    const char *const bad[] = {"",        "/",       "a/",      "/a",    "a//b", ".",     "..",
                               "a/../b",  "a/.",     "a\nb",    "a\x7f", "\xff", "a\x01", ".tmp.x",
                               "a/.tmp.", long_part, long_name, "../x",  "a/..", "./a",   "a\tb"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error err = ERROR_INIT;
        struct buf out = BUF_INIT;
        struct store_token token = {"x"};
        assert_int_equal(store_put(s.store, bad[i], "x", 1, &err), STORE_INVALID);
        assert_true(*error_text(&err));
        assert_int_equal(store_get(s.store, bad[i], &out, NULL, NULL), STORE_INVALID);
        assert_int_equal(store_put_if_absent(s.store, bad[i], "x", 1, NULL), STORE_INVALID);
        assert_int_equal(store_put_if_match(s.store, bad[i], &token, "x", 1, NULL), STORE_INVALID);
        assert_int_equal(store_delete(s.store, bad[i], NULL), STORE_INVALID);
        assert_int_equal(store_delete_if_match(s.store, bad[i], &token, NULL), STORE_INVALID);
        error_clear(&err);
        buf_free(&out);
    }
    assert_int_equal(PUT(&s, "a b/..c/.d/\xc3\xa4", "x"), STORE_OK);
    scratch_remove(&s);
}

static void a_folder_is_named_with_a_final_slash(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct store_names names;
    bool exists;
    const char *const bad[] = {"a", "/", "a//", "../", "a/../"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(store_list(s.store, bad[i], &names, NULL), STORE_INVALID);
        assert_int_equal(store_exists(s.store, bad[i], &exists, NULL), STORE_INVALID);
        assert_int_equal(store_delete_prefix(s.store, bad[i], NULL), STORE_INVALID);
    }
    assert_int_equal(store_delete_prefix(s.store, "", NULL), STORE_INVALID);
    scratch_remove(&s);
}

static void a_root_is_an_absolute_percent_encoded_uri(void **state)
{
    (void)state;
    const char *const good[][2] = {{"file:///srv/a%20b", "/srv/a b/x"},
                                   {"file:///srv/a%C3%a4/", "/srv/a\xc3\xa4/x"},
                                   {"file://localhost/srv", "/srv/x"},
                                   {"file:///", "/x"},
                                   {"file:///a%3Fb%23%25", "/a?b#%/x"}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct store *store;
        assert_int_equal(store_open(good[i][0], &store, NULL), STORE_OK);
        char *path = store_location(store, "x");
        assert_string_equal(path, good[i][1]);
        assert_false(store_is_remote(store));
        free(path);
        store_close(store);
    }
    const char *const bad[] = {"file://relative", "file:///a%00b", "file:///a%2", "file:///a%zz",
                               "file://host/a",   "/plain",        "ftp://x/y",   ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct store *store;
        struct error err = ERROR_INIT;
        assert_int_equal(store_open(bad[i], &store, &err), STORE_INVALID);
        assert_null(store);
        assert_true(*error_text(&err));
        error_clear(&err);
    }
    store_close(NULL);
}

static void the_location_of_the_root_has_no_trailing_slash(void **state)
{
    (void)state;
    const char *const roots[][2] = {{"file:///srv/a/", "/srv/a"}, {"file:///", "/"}};
    for (size_t i = 0; i < 2; i++) {
        struct store *store;
        assert_int_equal(store_open(roots[i][0], &store, NULL), STORE_OK);
        char *path = store_location(store, "");
        assert_string_equal(path, roots[i][1]);
        free(path);
        store_close(store);
    }
}

static void opening_touches_nothing(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    char *path = scratch_path(&s, "not/there");
    struct store *store = scratch_store(path);
    assert_int_not_equal(access(path, F_OK), 0);
    struct buf out = BUF_INIT;
    struct store_names names;
    bool exists = true;
    assert_int_equal(store_get(store, "x", &out, NULL, NULL), STORE_NOT_FOUND);
    assert_int_equal(store_list(store, "", &names, NULL), STORE_OK);
    assert_int_equal(names.n, 0);
    assert_int_equal(store_exists(store, "a/", &exists, NULL), STORE_OK);
    assert_false(exists);
    assert_int_equal(store_delete(store, "a/b", NULL), STORE_OK);
    assert_int_equal(store_delete_prefix(store, "a/", NULL), STORE_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    /* A write makes it, and all above it. */
    assert_int_equal(store_put(store, "a/b", "x", 1, NULL), STORE_OK);
    scratch_assert(&s, "not/there/a/b", "x");
    store_close(store);
    free(path);
    scratch_remove(&s);
}

static void any_bytes_come_back_as_they_went(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct buf out = BUF_INIT;
    struct store_token first, second, third;
    assert_int_equal(store_put(s.store, "a/b", "x\0y", 3, NULL), STORE_OK);
    buf_puts(&out, ">");
    assert_int_equal(store_get(s.store, "a/b", &out, &first, NULL), STORE_OK);
    assert_int_equal(out.len, 4);
    assert_memory_equal(out.data, ">x\0y", 4);
    buf_clear(&out);
    assert_int_equal(store_put(s.store, "a/b", "", 0, NULL), STORE_OK);
    assert_int_equal(store_get(s.store, "a/b", &out, &second, NULL), STORE_OK);
    assert_int_equal(out.len, 0);
    assert_int_equal(store_put(s.store, "a/b", "x\0y", 3, NULL), STORE_OK);
    assert_int_equal(store_get(s.store, "a/b", &out, &third, NULL), STORE_OK);
    assert_string_not_equal(first.text, second.text);
    assert_string_equal(first.text, third.text);
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    buf_free(&out);
    scratch_remove(&s);
}

static void what_is_no_file_cannot_be_read_or_replaced(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "dir/inside", "x");
    scratch_write(&s, "file", "x");
    char *fifo = scratch_path(&s, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    struct buf out = BUF_INIT;
    assert_int_equal(store_get(s.store, "dir", &out, NULL, NULL), STORE_INVALID);
    assert_int_equal(store_get(s.store, "fifo", &out, NULL, NULL), STORE_INVALID);
    assert_int_equal(store_get(s.store, "file/x", &out, NULL, NULL), STORE_INVALID);
    assert_int_equal(PUT(&s, "dir", "y"), STORE_INVALID);
    assert_int_equal(PUT(&s, "file/x", "y"), STORE_INVALID);
    assert_int_equal(store_put_if_absent(s.store, "dir", "y", 1, NULL), STORE_INVALID);
    assert_int_equal(store_put_if_absent(s.store, "fifo", "y", 1, NULL), STORE_INVALID);
    assert_int_equal(store_delete(s.store, "dir", NULL), STORE_INVALID);
    scratch_assert(&s, "dir/inside", "x");
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    free(fifo);
    buf_free(&out);
    scratch_remove(&s);
}

static void create_only_never_overwrites(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct error err = ERROR_INIT;
    assert_int_equal(store_put_if_absent(s.store, "a/b", "first", 5, &err), STORE_OK);
    assert_int_equal(store_put_if_absent(s.store, "a/b", "second", 6, &err), STORE_CONFLICT);
    assert_true(*error_text(&err));
    scratch_assert(&s, "a/b", "first");
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    error_clear(&err);
    scratch_remove(&s);
}

static void a_swap_needs_the_version_that_was_read(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct buf out = BUF_INIT;
    struct store_token one, two;
    assert_int_equal(PUT(&s, "a", "1"), STORE_OK);
    assert_int_equal(store_get(s.store, "a", &out, &one, NULL), STORE_OK);
    assert_int_equal(store_put_if_match(s.store, "a", &one, "2", 1, NULL), STORE_OK);
    assert_int_equal(store_put_if_match(s.store, "a", &one, "3", 1, NULL), STORE_CONFLICT);
    assert_int_equal(store_delete_if_match(s.store, "a", &one, NULL), STORE_CONFLICT);
    scratch_assert(&s, "a", "2");
    assert_int_equal(store_get(s.store, "a", &out, &two, NULL), STORE_OK);
    assert_int_equal(store_delete_if_match(s.store, "a", &two, NULL), STORE_OK);
    scratch_assert(&s, "a", NULL);
    assert_int_equal(store_put_if_match(s.store, "a", &two, "3", 1, NULL), STORE_CONFLICT);
    assert_int_equal(store_delete_if_match(s.store, "a", &two, NULL), STORE_NOT_FOUND);
    scratch_assert(&s, "a", NULL);
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    buf_free(&out);
    scratch_remove(&s);
}

static void deleting_what_is_not_there_is_fine(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    assert_int_equal(PUT(&s, "a/b", "1"), STORE_OK);
    assert_int_equal(store_delete(s.store, "a/b", NULL), STORE_OK);
    assert_int_equal(store_delete(s.store, "a/b", NULL), STORE_OK);
    scratch_assert(&s, "a/b", NULL);
    scratch_remove(&s);
}

static void a_symbolic_link_is_replaced_and_its_target_left_alone(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "target", "precious");
    char *link = scratch_path(&s, "link");
    char *dangling = scratch_path(&s, "dangling");
    assert_int_equal(symlink("target", link), 0);
    assert_int_equal(symlink("nowhere", dangling), 0);
    assert_int_equal(store_put_if_absent(s.store, "dangling", "x", 1, NULL), STORE_INVALID);
    scratch_assert(&s, "nowhere", NULL);
    assert_int_equal(PUT(&s, "link", "new"), STORE_OK);
    assert_int_equal(PUT(&s, "dangling", "new"), STORE_OK);
    scratch_assert(&s, "target", "precious");
    scratch_assert(&s, "nowhere", NULL);
    scratch_assert(&s, "link", "new");
    free(link);
    free(dangling);
    scratch_remove(&s);
}

static void a_control_file_that_is_a_symbolic_link_is_refused(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "__cluster/state.json", "1");
    char *cas = scratch_path(&s, "__cluster/.cas");
    assert_int_equal(symlink("../elsewhere", cas), 0);
    struct buf out = BUF_INIT;
    struct store_token token;
    assert_int_equal(store_get(s.store, "__cluster/state.json", &out, &token, NULL), STORE_OK);
    assert_int_equal(store_put_if_match(s.store, "__cluster/state.json", &token, "2", 1, NULL),
                     STORE_INVALID);
    scratch_assert(&s, "__cluster/state.json", "1");
    scratch_assert(&s, "elsewhere", NULL);
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    free(cas);
    buf_free(&out);
    scratch_remove(&s);
}

static void a_list_has_the_objects_sorted_and_nothing_else(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "__cluster/.cas", "");
    scratch_write(&s, "__cluster/.lock", "");
    scratch_write(&s, "__cluster/.tmp.01", "");
    scratch_write(&s, "__cluster/r/b", "");
    scratch_write(&s, "__cluster/r/a/z", "");
    scratch_write(&s, "__cluster/r/a-", "");
    scratch_write(&s, "__cluster/r/a0", "");
    scratch_write(&s, "__cluster/r/.lock", "");
    scratch_write(&s, "__cluster/rx", "");
    char *path = scratch_path(&s, "__cluster/r/fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    free(path);
    path = scratch_path(&s, "__cluster/r/link");
    assert_int_equal(symlink("b", path), 0);
    free(path);
    const char *const expected[] = {"__cluster/r/.lock", "__cluster/r/a-", "__cluster/r/a/z",
                                    "__cluster/r/a0", "__cluster/r/b"};
    struct store_names names;
    assert_int_equal(store_list(s.store, "__cluster/r/", &names, NULL), STORE_OK);
    assert_int_equal(names.n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(names.names[i], expected[i]);
    store_names_free(&names);
    assert_int_equal(store_list(s.store, "", &names, NULL), STORE_OK);
    assert_int_equal(names.n, 6);
    store_names_free(&names);
    assert_int_equal(store_list(s.store, "__cluster/rx/", &names, NULL), STORE_OK);
    assert_int_equal(names.n, 0);
    scratch_remove(&s);
}

static void an_empty_directory_is_nothing(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    bool exists = true;
    scratch_write(&s, "graphs/g.omni/deep/er/.tmp.x", "");
    assert_int_equal(store_exists(s.store, "graphs/g.omni/", &exists, NULL), STORE_OK);
    assert_false(exists);
    scratch_write(&s, "graphs/g.omni/deep/er/graph.db", "");
    assert_int_equal(store_exists(s.store, "graphs/g.omni/", &exists, NULL), STORE_OK);
    assert_true(exists);
    assert_int_equal(store_exists(s.store, "graphs/g/", &exists, NULL), STORE_OK);
    assert_false(exists);
    scratch_remove(&s);
}

static void deleting_a_folder_takes_all_of_it_and_follows_no_link(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "graphs/g.omni/a/b/c", "");
    scratch_write(&s, "graphs/g.omni/graph.db", "");
    scratch_write(&s, "graphs/g.omni/.tmp.x", "");
    scratch_write(&s, "graphs/g.omni2/graph.db", "other");
    scratch_write(&s, "precious", "precious");
    char *link = scratch_path(&s, "graphs/g.omni/link");
    assert_int_equal(symlink("../..", link), 0);
    free(link);
    assert_int_equal(store_delete_prefix(s.store, "graphs/g.omni/", NULL), STORE_OK);
    char *path = scratch_path(&s, "graphs/g.omni");
    assert_int_not_equal(access(path, F_OK), 0);
    free(path);
    scratch_assert(&s, "precious", "precious");
    scratch_assert(&s, "graphs/g.omni2/graph.db", "other");
    assert_int_equal(store_delete_prefix(s.store, "graphs/g.omni/", NULL), STORE_OK);
    scratch_remove(&s);
}

static void a_folder_that_is_a_link_loses_its_content_and_the_link(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "big/graph.db", "x");
    scratch_write(&s, "graphs/other", "x");
    char *link = scratch_path(&s, "graphs/g.omni");
    assert_int_equal(symlink("../big", link), 0);
    bool exists = false;
    assert_int_equal(store_exists(s.store, "graphs/g.omni/", &exists, NULL), STORE_OK);
    assert_true(exists);
    assert_int_equal(store_delete_prefix(s.store, "graphs/g.omni/", NULL), STORE_OK);
    scratch_assert(&s, "big/graph.db", NULL);
    struct stat st;
    assert_int_not_equal(lstat(link, &st), 0);
    free(link);
    scratch_remove(&s);
}

static void a_batch_does_each_item_on_its_own(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "c/there", "old");
    struct store_item items[3] = {{.name = "c/q/1", .data = "one", .len = 3},
                                  {.name = "c/there", .data = "new", .len = 3},
                                  {.name = "d/2", .data = "two", .len = 3}};
    assert_int_equal(store_put_many_if_absent(s.store, items, 3), STORE_CONFLICT);
    assert_int_equal(items[0].status, STORE_OK);
    assert_int_equal(items[1].status, STORE_CONFLICT);
    assert_true(*error_text(&items[1].err));
    assert_int_equal(items[2].status, STORE_OK);
    store_items_clear(items, 3);
    struct store_item got[3] = {{.name = "c/q/1"}, {.name = "none"}, {.name = "c/there"}};
    assert_int_equal(store_get_many(s.store, got, 3), STORE_NOT_FOUND);
    assert_string_equal(buf_text(&got[0].got), "one");
    assert_int_equal(got[1].status, STORE_NOT_FOUND);
    assert_string_equal(buf_text(&got[2].got), "old");
    store_items_clear(got, 3);
    struct store_item gone[2] = {{.name = "c/q/1"}, {.name = "none"}};
    assert_int_equal(store_delete_many(s.store, gone, 2), STORE_OK);
    scratch_assert(&s, "c/q/1", NULL);
    store_items_clear(gone, 2);
    assert_int_equal(store_get_many(s.store, NULL, 0), STORE_OK);
    assert_int_equal(store_put_many_if_absent(s.store, NULL, 0), STORE_OK);
    scratch_remove(&s);
}

static void a_batch_with_a_bad_name_does_nothing(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct store_item items[2] = {{.name = "a", .data = "x", .len = 1}, {.name = "../b"}};
    assert_int_equal(store_put_many_if_absent(s.store, items, 2), STORE_INVALID);
    assert_int_equal(items[0].status, STORE_INVALID);
    scratch_assert(&s, "a", NULL);
    store_items_clear(items, 2);
    assert_int_equal(store_get_many(s.store, items, 2), STORE_INVALID);
    store_items_clear(items, 2);
    assert_int_equal(store_delete_many(s.store, items, 2), STORE_INVALID);
    store_items_clear(items, 2);
    scratch_remove(&s);
}

static void make_old(const struct scratch *s, const char *name)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - 3700}, {.tv_sec = time(NULL) - 3700}};
    char *path = scratch_path(s, name);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    free(path);
}

static void only_old_temporaries_of_the_cluster_are_removed(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    const char *const names[] = {"__cluster/.tmp.old", "__cluster/a/b/.tmp.old",
                                 "__cluster/state.json", "graphs/.tmp.old"};
    for (size_t i = 0; i < 4; i++) {
        scratch_write(&s, names[i], "x");
        make_old(&s, names[i]);
    }
    scratch_write(&s, "__cluster/.tmp.new", "x");
    store_remove_stale_temporaries(s.store);
    scratch_assert(&s, "__cluster/.tmp.old", NULL);
    scratch_assert(&s, "__cluster/a/b/.tmp.old", NULL);
    scratch_assert(&s, "__cluster/state.json", "x");
    scratch_assert(&s, "graphs/.tmp.old", "x");
    scratch_assert(&s, "__cluster/.tmp.new", "x");
    scratch_remove(&s);
}

static void modes_are_the_umasks(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    mode_t before = umask(027);
    assert_int_equal(PUT(&s, "a/b", "x"), STORE_OK);
    umask(before);
    struct stat st;
    char *path = scratch_path(&s, "a/b");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    free(path);
    path = scratch_path(&s, "a");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0750);
    free(path);
    scratch_remove(&s);
}

enum { RACERS = 8, ROUNDS = 25 };

/* Adds one to the number in "n" until that has worked ROUNDS times. */
static int racer(const char *dir)
{
    struct store *store = scratch_store(dir);
    int won = 0;
    while (won < ROUNDS) {
        struct buf out = BUF_INIT;
        struct store_token token;
        if (store_get(store, "n", &out, &token, NULL) != STORE_OK)
            return 1;
        char *next = xasprintf("%ld", strtol(buf_text(&out), NULL, 10) + 1);
        enum store_status status = store_put_if_match(store, "n", &token, next, strlen(next), NULL);
        free(next);
        buf_free(&out);
        if (status == STORE_OK)
            won++;
        else if (status != STORE_CONFLICT)
            return 1;
    }
    store_close(store);
    return 0;
}

static int creator(const char *dir)
{
    struct store *store = scratch_store(dir);
    int won = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char *name = xasprintf("once/%d", i);
        won += store_put_if_absent(store, name, "x", 1, NULL) == STORE_OK;
        free(name);
    }
    store_close(store);
    return won;
}

/* In a child: tells the parent and is gone at once, for what the parent had allocated is no leak of
 * the child's. */
static _Noreturn void tell(int fd, int result)
{
    (void)!write(fd, &result, sizeof result);
    (void)kill(getpid(), SIGKILL);
    abort();
}

/* The sum of what n children tell. */
static int told(int fd, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        int result;
        assert_int_equal(read(fd, &result, sizeof result), sizeof result);
        sum += result;
    }
    while (wait(NULL) > 0)
        continue;
    close(fd);
    return sum;
}

/* Runs work in RACERS processes at once; the sum of what they return. */
static int race(int (*work)(const char *dir), const char *dir)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    for (int i = 0; i < RACERS; i++)
        if (fork() == 0)
            tell(fds[1], work(dir));
    close(fds[1]);
    return told(fds[0], RACERS);
}

static void racing_swaps_have_one_winner_for_each_version(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    assert_int_equal(PUT(&s, "n", "0"), STORE_OK);
    assert_int_equal(race(racer, s.dir), 0);
    char *expected = xasprintf("%d", RACERS * ROUNDS);
    scratch_assert(&s, "n", expected);
    free(expected);
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    scratch_remove(&s);
}

static void racing_creates_have_one_winner_each(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    assert_int_equal(race(creator, s.dir), ROUNDS);
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    scratch_remove(&s);
}

/* Runs as somebody whom modes bind; root is not. */
static void unprivileged(struct scratch *s, int (*work)(const char *dir))
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    if (fork() == 0) {
        bool root = getuid() == 0;
        tell(fds[1], root && (setgid(65534) != 0 || setuid(65534) != 0) ? 99 : work(s->dir));
    }
    close(fds[1]);
    assert_int_equal(told(fds[0], 1), 0);
}

static int expect_denied(const char *dir)
{
    struct store *store = scratch_store(dir);
    struct buf out = BUF_INIT;
    struct store_names names;
    struct store_token token = {"x"};
    struct error err = ERROR_INIT;
    bool exists;
    int wrong = 0;
    wrong += store_get(store, "secret/a", &out, NULL, NULL) != STORE_DENIED;
    wrong += store_list(store, "secret/", &names, NULL) != STORE_DENIED;
    wrong += store_exists(store, "secret/", &exists, NULL) != STORE_DENIED;
    wrong += store_put(store, "fixed/a", "x", 1, &err) != STORE_DENIED || !*error_text(&err);
    wrong += store_put_if_absent(store, "fixed/b", "x", 1, NULL) != STORE_DENIED;
    wrong += store_put(store, "fixed/c/d", "x", 1, NULL) != STORE_DENIED;
    wrong += store_delete(store, "fixed/a", NULL) != STORE_DENIED;
    wrong += store_delete_prefix(store, "fixed/", NULL) != STORE_DENIED;
    wrong += store_put_if_match(store, "fixed/a", &token, "x", 1, NULL) != STORE_DENIED;
    error_clear(&err);
    buf_free(&out);
    store_close(store);
    return wrong;
}

static void what_is_not_permitted_is_denied_and_changes_nothing(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "secret/a", "x");
    scratch_write(&s, "fixed/a", "old");
    char *secret = scratch_path(&s, "secret"), *fixed = scratch_path(&s, "fixed");
    assert_int_equal(chmod(s.dir, 0755), 0);
    assert_int_equal(chmod(secret, 0), 0);
    assert_int_equal(chmod(fixed, 0555), 0);
    unprivileged(&s, expect_denied);
    assert_int_equal(chmod(secret, 0700), 0);
    assert_int_equal(chmod(fixed, 0700), 0);
    scratch_assert(&s, "fixed/a", "old");
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    free(secret);
    free(fixed);
    scratch_remove(&s);
}

static void a_folder_removed_under_a_running_process_is_made_again(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    assert_int_equal(PUT(&s, "a/b/c", "1"), STORE_OK);
    assert_int_equal(store_delete_prefix(s.store, "a/", NULL), STORE_OK);
    assert_int_equal(PUT(&s, "a/b/c", "2"), STORE_OK);
    scratch_assert(&s, "a/b/c", "2");
    scratch_remove(&s);
}

static void a_failpoint_stops_a_write_before_or_tells_after(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct error err = ERROR_INIT;
    struct store_item item = {.name = "c", .data = "x", .len = 1};
    setenv("CLUSTER_FAILPOINTS", "store.before_put=error", 1);
    assert_int_equal(store_put(s.store, "a", "x", 1, &err), STORE_UNAVAILABLE);
    assert_string_equal(err.code, "injected_failpoint");
    assert_int_equal(store_put_many_if_absent(s.store, &item, 1), STORE_UNAVAILABLE);
    scratch_assert(&s, "a", NULL);
    scratch_assert(&s, "c", NULL);
    store_items_clear(&item, 1);
    setenv("CLUSTER_FAILPOINTS", "store.after_put=error", 1);
    assert_int_equal(store_put_if_absent(s.store, "b", "x", 1, &err), STORE_UNAVAILABLE);
    assert_int_equal(store_put_many_if_absent(s.store, &item, 1), STORE_UNAVAILABLE);
    scratch_assert(&s, "b", "x");
    scratch_assert(&s, "c", "x");
    unsetenv("CLUSTER_FAILPOINTS");
    store_items_clear(&item, 1);
    error_clear(&err);
    scratch_remove(&s);
}

static void a_file_becomes_an_object_and_an_object_a_file(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct error err = ERROR_INIT;
    enum { LEN = 200000 };
    char *text = xmalloc(LEN + 1);
    for (size_t i = 0; i < LEN; i++)
        text[i] = (char)('a' + i % 23);
    text[LEN] = '\0';
    scratch_write(&s, "from", text);
    scratch_write(&s, "to", "something longer was here before");
    char *from = scratch_path(&s, "from"), *to = scratch_path(&s, "to");
    int in = open(from, O_RDONLY), out = open(to, O_RDWR);
    assert_int_equal(store_get_file(s.store, "a/object", out, &err), STORE_NOT_FOUND);
    error_clear(&err);
    assert_int_equal(store_put_file(s.store, "a/object", in, &err), STORE_OK);
    assert_int_equal(store_put_file(s.store, "a/object", in, &err), STORE_OK);
    scratch_assert(&s, "a/object", text);
    assert_int_equal(store_get_file(s.store, "a/object", out, &err), STORE_OK);
    scratch_assert(&s, "to", text);
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    assert_int_equal(store_get_file(s.store, "a", out, &err), STORE_INVALID);
    error_clear(&err);
    assert_int_equal(store_put_file(s.store, "../x", in, &err), STORE_INVALID);
    error_clear(&err);
    assert_int_equal(store_put_file(s.store, "b", -1, &err), STORE_UNAVAILABLE);
    error_clear(&err);
    scratch_assert(&s, "b", NULL);
    close(in);
    close(out);
    free(from);
    free(to);
    free(text);
    scratch_remove(&s);
}

static void an_object_is_as_old_as_its_last_write(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    struct error err = ERROR_INIT;
    int64_t age = -1;
    assert_int_equal(store_age(s.store, "a", &age, &err), STORE_NOT_FOUND);
    error_clear(&err);
    assert_int_equal(PUT(&s, "a", "x"), STORE_OK);
    assert_int_equal(store_age(s.store, "a", &age, &err), STORE_OK);
    assert_in_range(age, 0, 5);
    char *path = scratch_path(&s, "a");
    struct timespec then[2] = {{time(NULL) - 100, 0}, {time(NULL) - 100, 0}};
    assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
    assert_int_equal(store_age(s.store, "a", &age, &err), STORE_OK);
    assert_in_range(age, 100, 105);
    then[1].tv_sec = time(NULL) + 100; /* a clock that was set back */
    assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
    assert_int_equal(store_age(s.store, "a", &age, &err), STORE_OK);
    assert_int_equal(age, 0);
    free(path);
    scratch_remove(&s);
}

static void each_status_has_its_word(void **state)
{
    (void)state;
    assert_string_equal(store_status_name(STORE_OK), "ok");
    assert_string_equal(store_status_name(STORE_NOT_FOUND), "not found");
    assert_string_equal(store_status_name(STORE_CONFLICT), "conflict");
    assert_string_equal(store_status_name(STORE_DENIED), "denied");
    assert_string_equal(store_status_name(STORE_UNAVAILABLE), "unavailable");
    assert_string_equal(store_status_name(STORE_INVALID), "invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_could_escape_or_confuse_is_refused),
        cmocka_unit_test(a_folder_is_named_with_a_final_slash),
        cmocka_unit_test(a_root_is_an_absolute_percent_encoded_uri),
        cmocka_unit_test(the_location_of_the_root_has_no_trailing_slash),
        cmocka_unit_test(opening_touches_nothing),
        cmocka_unit_test(any_bytes_come_back_as_they_went),
        cmocka_unit_test(what_is_no_file_cannot_be_read_or_replaced),
        cmocka_unit_test(create_only_never_overwrites),
        cmocka_unit_test(a_swap_needs_the_version_that_was_read),
        cmocka_unit_test(deleting_what_is_not_there_is_fine),
        cmocka_unit_test(a_symbolic_link_is_replaced_and_its_target_left_alone),
        cmocka_unit_test(a_control_file_that_is_a_symbolic_link_is_refused),
        cmocka_unit_test(a_list_has_the_objects_sorted_and_nothing_else),
        cmocka_unit_test(an_empty_directory_is_nothing),
        cmocka_unit_test(deleting_a_folder_takes_all_of_it_and_follows_no_link),
        cmocka_unit_test(a_folder_that_is_a_link_loses_its_content_and_the_link),
        cmocka_unit_test(a_batch_does_each_item_on_its_own),
        cmocka_unit_test(a_batch_with_a_bad_name_does_nothing),
        cmocka_unit_test(only_old_temporaries_of_the_cluster_are_removed),
        cmocka_unit_test(modes_are_the_umasks),
        cmocka_unit_test(racing_swaps_have_one_winner_for_each_version),
        cmocka_unit_test(racing_creates_have_one_winner_each),
        cmocka_unit_test(what_is_not_permitted_is_denied_and_changes_nothing),
        cmocka_unit_test(a_folder_removed_under_a_running_process_is_made_again),
        cmocka_unit_test(a_failpoint_stops_a_write_before_or_tells_after),
        cmocka_unit_test(a_file_becomes_an_object_and_an_object_a_file),
        cmocka_unit_test(an_object_is_as_old_as_its_last_write),
        cmocka_unit_test(each_status_has_its_word),
    };
    return RUN(tests);
}
