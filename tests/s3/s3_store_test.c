/*
 * The bucket behind the store interface, against a real server: what tests/s3/server started, told
 * by the environment.
 */
#include "common/xalloc.h"
#include "store/s3/s3_http.h"
#include "store/store.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct store *store;

static void expect(enum store_status expected, enum store_status is, struct error *err)
{
    if (expected != is)
        print_error("expected %s, got %s: %s\n", store_status_name(expected), store_status_name(is),
                    error_text(err));
    assert_int_equal(expected, is);
    error_clear(err);
}

static void what_is_put_is_got(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct buf got = BUF_INIT;
    struct store_token token;
    expect(STORE_NOT_FOUND, store_get(store, "a/none", &got, &token, &err), &err);
    expect(STORE_OK, store_put(store, "a/one", "hello", 5, &err), &err);
    expect(STORE_OK, store_get(store, "a/one", &got, &token, &err), &err);
    assert_string_equal(buf_text(&got), "hello");
    assert_true(strlen(token.text) > 0);
    expect(STORE_OK, store_delete(store, "a/one", &err), &err);
    expect(STORE_OK, store_delete(store, "a/one", &err), &err);
    buf_clear(&got);
    expect(STORE_NOT_FOUND, store_get(store, "a/one", &got, NULL, &err), &err);
    expect(STORE_OK, store_put(store, "a/empty", "", 0, &err), &err);
    expect(STORE_OK, store_get(store, "a/empty", &got, NULL, &err), &err);
    assert_int_equal(got.len, 0);
    buf_free(&got);
}

static void a_create_succeeds_once(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    expect(STORE_OK, store_put_if_absent(store, "b/lock", "me", 2, &err), &err);
    expect(STORE_CONFLICT, store_put_if_absent(store, "b/lock", "you", 3, &err), &err);
    /* The same bytes again are no win either: nothing was ambiguous. */
    expect(STORE_CONFLICT, store_put_if_absent(store, "b/lock", "me", 2, &err), &err);
    expect(STORE_OK, store_delete(store, "b/lock", &err), &err);
    expect(STORE_OK, store_put_if_absent(store, "b/lock", "you", 3, &err), &err);
}

static void a_swap_needs_the_version_it_read(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct buf got = BUF_INIT;
    struct store_token first, second;
    expect(STORE_OK, store_put(store, "c/state", "1", 1, &err), &err);
    expect(STORE_OK, store_get(store, "c/state", &got, &first, &err), &err);
    expect(STORE_OK, store_put_if_match(store, "c/state", &first, "2", 1, &err), &err);
    expect(STORE_CONFLICT, store_put_if_match(store, "c/state", &first, "3", 1, &err), &err);
    buf_clear(&got);
    expect(STORE_OK, store_get(store, "c/state", &got, &second, &err), &err);
    assert_string_equal(buf_text(&got), "2");
    expect(STORE_CONFLICT, store_delete_if_match(store, "c/state", &first, &err), &err);
    expect(STORE_OK, store_delete_if_match(store, "c/state", &second, &err), &err);
    expect(STORE_CONFLICT, store_put_if_match(store, "c/state", &second, "4", 1, &err), &err);
    expect(STORE_NOT_FOUND, store_delete_if_match(store, "c/state", &second, &err), &err);
    buf_free(&got);
}

static void odd_keys_survive_a_list_in_pages(void **state)
{
    (void)state;
    static const char *const names[] = {"d/a b", "d/a%20b",    "d/a&b",
                                        "d/a+b", "d/x/<y>\"'", "d/ü€😀"};
    enum { N = sizeof names / sizeof *names };
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < N; i++)
        expect(STORE_OK, store_put(store, names[i], "x", 1, &err), &err);
    for (int pages = 0; pages < 2; pages++) {
        if (pages)
            setenv("CLUSTER_TEST_S3_MAX_KEYS", "1", 1);
        struct store_names list = {NULL, 0};
        expect(STORE_OK, store_list(store, "d/", &list, &err), &err);
        unsetenv("CLUSTER_TEST_S3_MAX_KEYS");
        assert_int_equal(list.n, N);
        for (size_t i = 0; i < N; i++) {
            bool there = false;
            for (size_t j = 0; j < N; j++)
                there |= strcmp(list.names[i], names[j]) == 0;
            assert_true(there);
        }
        store_names_free(&list);
    }
    bool exists = false;
    expect(STORE_OK, store_exists(store, "d/", &exists, &err), &err);
    assert_true(exists);
    expect(STORE_OK, store_delete_prefix(store, "d/", &err), &err);
    expect(STORE_OK, store_exists(store, "d/", &exists, &err), &err);
    assert_false(exists);
}

static void a_batch_does_each_item(void **state)
{
    (void)state;
    enum { N = 100 };
    struct store_item items[N] = {{0}};
    char *names[N];
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < N; i++) {
        names[i] = xasprintf("e/%03zu", i);
        items[i] = (struct store_item){.name = names[i], .data = names[i], .len = strlen(names[i])};
    }
    assert_int_equal(store_put_many_if_absent(store, items, N), STORE_OK);
    store_items_clear(items, N);
    expect(STORE_OK, store_delete(store, "e/050", &err), &err);
    assert_int_equal(store_put_many_if_absent(store, items, N), STORE_CONFLICT);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(items[i].status, i == 50 ? STORE_OK : STORE_CONFLICT);
    store_items_clear(items, N);
    assert_int_equal(store_get_many(store, items, N), STORE_OK);
    for (size_t i = 0; i < N; i++)
        assert_string_equal(buf_text(&items[i].got), names[i]);
    store_items_clear(items, N);
    assert_int_equal(store_delete_many(store, items, N), STORE_OK);
    store_items_clear(items, N);
    assert_int_equal(store_get_many(store, items, N), STORE_NOT_FOUND);
    store_items_clear(items, N);
    for (size_t i = 0; i < N; i++)
        free(names[i]);
}

/* A file of len bytes that differ, and its descriptor; already unlinked. */
static int file_of(size_t len)
{
    char path[] = "/tmp/cluster-s3-test.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    uint32_t block[4096];
    for (size_t at = 0; at < len; at += sizeof block) {
        for (size_t i = 0; i < 4096; i++)
            block[i] = (uint32_t)(at + i) * 2654435761u;
        size_t n = len - at < sizeof block ? len - at : sizeof block;
        assert_int_equal(write(fd, block, n), n);
    }
    return fd;
}

static void assert_same_files(int a, int b)
{
    char x[65536], y[65536];
    off_t at = 0;
    for (ssize_t n; (n = pread(a, x, sizeof x, at)) > 0; at += n) {
        assert_int_equal(pread(b, y, sizeof y, at), n);
        assert_memory_equal(x, y, (size_t)n);
    }
    assert_int_equal(lseek(b, 0, SEEK_END), at);
}

static void files_of_any_size_come_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 100000, (size_t)69 << 20};
    struct error err = ERROR_INIT;
    int to = file_of(1000);
    for (size_t i = 0; i < 4; i++) {
        int from = file_of(sizes[i]);
        expect(STORE_OK, store_put_file(store, "a/file", from, &err), &err);
        expect(STORE_OK, store_get_file(store, "a/file", to, &err), &err);
        assert_same_files(from, to);
        close(from);
    }
    expect(STORE_NOT_FOUND, store_get_file(store, "a/none", to, &err), &err);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    expect(STORE_INVALID, store_put_file(store, "a/file", ends[0], &err), &err);
    close(ends[0]);
    close(ends[1]);
    close(to);
}

static void the_age_of_an_object_is_by_the_servers_clock(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    int64_t age = -1;
    expect(STORE_NOT_FOUND, store_age(store, "a/age", &age, &err), &err);
    expect(STORE_OK, store_put(store, "a/age", "x", 1, &err), &err);
    expect(STORE_OK, store_age(store, "a/age", &age, &err), &err);
    assert_in_range(age, 0, 30);
    int64_t later = age;
    for (int tries = 0; later == age && tries < 300; tries++) {
        struct timespec nap = {0, 20000000};
        nanosleep(&nap, NULL);
        expect(STORE_OK, store_age(store, "a/age", &later, &err), &err);
    }
    assert_true(later > age);
}

static void what_is_wrong_with_the_account_is_said_without_secrets(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct store *other = NULL;
    struct buf got = BUF_INIT;
    expect(STORE_OK, store_open("s3://no-such-bucket-here/x", &other, &err), &err);
    assert_int_equal(store_get(other, "a", &got, NULL, &err), STORE_INVALID);
    assert_non_null(strstr(error_text(&err), "NoSuchBucket"));
    error_clear(&err);
    store_close(other);

    char *secret = xstrdup(getenv("AWS_SECRET_ACCESS_KEY"));
    setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret-value", 1);
    char *root = xasprintf("s3://%s/x", getenv("CLUSTER_TEST_S3_BUCKET"));
    expect(STORE_OK, store_open(root, &other, &err), &err);
    assert_int_equal(store_get(other, "a", &got, NULL, &err), STORE_DENIED);
    assert_null(strstr(error_text(&err), "wrong-secret-value"));
    error_clear(&err);
    store_close(other);
    unsetenv("AWS_SECRET_ACCESS_KEY");
    assert_int_not_equal(store_open(root, &other, &err), STORE_OK);
    assert_non_null(strstr(error_text(&err), "AWS_SECRET_ACCESS_KEY"));
    error_clear(&err);
    setenv("AWS_SECRET_ACCESS_KEY", secret, 1);
    free(secret);
    free(root);
    buf_free(&got);
}

static int open_store(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    const char *bucket = getenv("CLUSTER_TEST_S3_BUCKET");
    if (!bucket)
        return -1;
    /* The bucket itself: made here, as no program of ours makes one. */
    char *root = xasprintf("s3://%s", bucket);
    struct s3_client *client = s3_client_open(root, &err);
    assert_non_null(client);
    struct s3_request request = {.method = "PUT"};
    s3_perform(client, &request, 1);
    s3_request_clear(&request);
    s3_client_close(client);
    free(root);
    root = xasprintf("s3://%s/unit test/%ld", bucket, (long)getpid());
    enum store_status status = store_open(root, &store, &err);
    if (status != STORE_OK)
        print_error("%s\n", error_text(&err));
    free(root);
    return status == STORE_OK ? 0 : -1;
}

static int close_store(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    static const char *const folders[] = {"a/", "b/", "c/", "d/", "e/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        expect(STORE_OK, store_delete_prefix(store, folders[i], &err), &err);
    store_close(store);
    return 0;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_got),
        cmocka_unit_test(a_create_succeeds_once),
        cmocka_unit_test(a_swap_needs_the_version_it_read),
        cmocka_unit_test(odd_keys_survive_a_list_in_pages),
        cmocka_unit_test(a_batch_does_each_item),
        cmocka_unit_test(files_of_any_size_come_back),
        cmocka_unit_test(the_age_of_an_object_is_by_the_servers_clock),
        cmocka_unit_test(what_is_wrong_with_the_account_is_said_without_secrets),
    };
    return cmocka_run_group_tests(tests, open_store, close_store);
}
