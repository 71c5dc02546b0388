/* Many objects in a store on a disk: folders, batches, leftovers. */
#include "store/store.h"

#include "scratch.h"
#include "store/store_impl.h"

#include <fcntl.h>
#include <time.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_has_the_objects_sorted_and_nothing_else),
        cmocka_unit_test(an_empty_directory_is_nothing),
        cmocka_unit_test(deleting_a_folder_takes_all_of_it_and_follows_no_link),
        cmocka_unit_test(a_folder_that_is_a_link_loses_its_content_and_the_link),
        cmocka_unit_test(a_batch_does_each_item_on_its_own),
        cmocka_unit_test(a_batch_with_a_bad_name_does_nothing),
        cmocka_unit_test(only_old_temporaries_of_the_cluster_are_removed),
    };
    return RUN(tests);
}
