/* What may be named in a store: objects, folders, the root itself; and that opening one does
 * nothing. */
#include "store/store.h"

#include "scratch.h"

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
    assert_int_equal(scratch_put(&s, "a b/..c/.d/\xc3\xa4", "x"), STORE_OK);
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
        cmocka_unit_test(each_status_has_its_word),
    };
    return RUN(tests);
}
