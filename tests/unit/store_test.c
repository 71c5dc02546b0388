/* One object in a store on a disk: what each operation promises. */
#include "store/store.h"

#include "scratch.h"

#include <fcntl.h>
#include <time.h>

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
    assert_int_equal(scratch_put(&s, "dir", "y"), STORE_INVALID);
    assert_int_equal(scratch_put(&s, "file/x", "y"), STORE_INVALID);
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
    assert_int_equal(scratch_put(&s, "a", "1"), STORE_OK);
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
    assert_int_equal(scratch_put(&s, "a/b", "1"), STORE_OK);
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
    assert_int_equal(scratch_put(&s, "link", "new"), STORE_OK);
    assert_int_equal(scratch_put(&s, "dangling", "new"), STORE_OK);
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

static void modes_are_the_umasks(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    mode_t before = umask(027);
    assert_int_equal(scratch_put(&s, "a/b", "x"), STORE_OK);
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

static void a_folder_removed_under_a_running_process_is_made_again(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    assert_int_equal(scratch_put(&s, "a/b/c", "1"), STORE_OK);
    assert_int_equal(store_delete_prefix(s.store, "a/", NULL), STORE_OK);
    assert_int_equal(scratch_put(&s, "a/b/c", "2"), STORE_OK);
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
    assert_int_equal(scratch_put(&s, "a", "x"), STORE_OK);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_come_back_as_they_went),
        cmocka_unit_test(what_is_no_file_cannot_be_read_or_replaced),
        cmocka_unit_test(create_only_never_overwrites),
        cmocka_unit_test(a_swap_needs_the_version_that_was_read),
        cmocka_unit_test(deleting_what_is_not_there_is_fine),
        cmocka_unit_test(a_symbolic_link_is_replaced_and_its_target_left_alone),
        cmocka_unit_test(a_control_file_that_is_a_symbolic_link_is_refused),
        cmocka_unit_test(modes_are_the_umasks),
        cmocka_unit_test(a_folder_removed_under_a_running_process_is_made_again),
        cmocka_unit_test(a_failpoint_stops_a_write_before_or_tells_after),
        cmocka_unit_test(a_file_becomes_an_object_and_an_object_a_file),
        cmocka_unit_test(an_object_is_as_old_as_its_last_write),
    };
    return RUN(tests);
}
