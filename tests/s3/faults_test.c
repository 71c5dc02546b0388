/* Every guarantee of the bucket under the fault that it is for. */
#include "proxied.h"

#include <time.h>

/* The lock: its create landed, the answer was lost. */
static void our_own_lock_is_recognized(void **state)
{
    (void)state;
    rule("PUT lock.json 1 drop-after");
    expect(STORE_OK, store_put_if_absent(store, "__cluster/lock.json", "{me}", 4, &err));
    assert_int_equal(requests_with("drop-after"), 1);
    expect_content("__cluster/lock.json", "{me}");
    expect(STORE_CONFLICT, store_put_if_absent(store, "__cluster/lock.json", "{me}", 4, &err));
}

static void a_create_that_lost_to_another_is_not_mistaken_for_ours(void **state)
{
    (void)state;
    expect(STORE_OK, store_put_if_absent(store, "t/lock", "{other}", 7, &err));
    rule("PUT t/lock 1 drop-after");
    expect(STORE_CONFLICT, store_put_if_absent(store, "t/lock", "{me}", 4, &err));
    expect_content("t/lock", "{other}");
}

/* A conflict is said only of what was read. */
static void a_create_that_cannot_be_read_back_is_neither_won_nor_lost(void **state)
{
    (void)state;
    rule("PUT t/unread 1 drop-after\nGET t/unread * deny");
    assert_int_equal(store_put_if_absent(store, "t/unread", "{me}", 4, &err), STORE_UNAVAILABLE);
    assert_non_null(strstr(error_text(&err), "t/unread"));
    error_clear(&err);
    expect_content("t/unread", "{me}");
}

static void our_own_ledger_swap_is_recognized(void **state)
{
    (void)state;
    struct buf got = BUF_INIT;
    struct store_token token;
    expect(STORE_OK, store_put(store, "__cluster/state.json", "1", 1, &err));
    expect(STORE_OK, store_get(store, "__cluster/state.json", &got, &token, &err));
    /* Ceph's first answer may be the 412 that the bare ETag is for: lose every answer that took
     * effect once. */
    rule("PUT state.json 2 drop-after");
    expect(STORE_OK, store_put_if_match(store, "__cluster/state.json", &token, "2", 1, &err));
    rule("PUT state.json 1 pass-then-500");
    buf_clear(&got);
    rule("");
    expect(STORE_OK, store_get(store, "__cluster/state.json", &got, &token, &err));
    rule("PUT state.json 1 pass-then-500");
    expect(STORE_OK, store_put_if_match(store, "__cluster/state.json", &token, "3", 1, &err));
    assert_int_equal(requests_with("pass-then-500"), 1);
    expect_content("__cluster/state.json", "3");
    buf_free(&got);
}

static void an_upload_cut_in_the_middle_is_sent_again_whole(void **state)
{
    (void)state;
    size_t n = 1 << 20;
    char *big = xmalloc(n + 1);
    memset(big, 'x', n);
    big[n] = '\0';
    rule("PUT t/big 1 cut 1000");
    expect(STORE_OK, store_put_if_absent(store, "t/big", big, n, &err));
    assert_int_equal(requests_with("cut"), 1);
    expect_content("t/big", big);
    free(big);
}

static void a_busy_server_is_asked_again(void **state)
{
    (void)state;
    rule("PUT t/busy 1 status 503\nPUT t/busy 2 status 500\nPUT t/busy 3 status 429");
    expect(STORE_OK, store_put(store, "t/busy", "x", 1, &err));
    expect_content("t/busy", "x");
}

static void a_server_that_stays_busy_is_given_up_on(void **state)
{
    (void)state;
    rule("PUT t/busy * status 503");
    assert_int_equal(store_put(store, "t/busy", "x", 1, &err), STORE_UNAVAILABLE);
    assert_non_null(strstr(error_text(&err), "503"));
    assert_int_equal(requests_with("t/busy 503"), 5);
    error_clear(&err);
}

static void retry_after_is_honored(void **state)
{
    (void)state;
    rule("PUT t/later 1 retry-after 1");
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    expect(STORE_OK, store_put(store, "t/later", "x", 1, &err));
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(
        (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 990);
    /* A wait that exceeds what we are ready to wait ends at once. */
    rule("PUT t/never 1 retry-after 3600");
    assert_int_equal(store_put(store, "t/never", "x", 1, &err), STORE_UNAVAILABLE);
    error_clear(&err);
}

static void a_stalled_transfer_is_cut_and_tried_again(void **state)
{
    (void)state;
    setenv("CLUSTER_TEST_S3_STALL_SECONDS", "1", 1);
    rule("PUT t/stall 1 stall");
    expect(STORE_OK, store_put_if_absent(store, "t/stall", "mine", 4, &err));
    assert_int_equal(requests_with("stall"), 3); /* the stalled one, the 412 it left, the reading */
    expect_content("t/stall", "mine");
}

static void a_wrong_clock_is_set_by_the_servers(void **state)
{
    (void)state;
    rule("* * * skew 7200");
    struct buf got = BUF_INIT;
    /* The proxy takes only the other clock; the real server behind it then refuses that one: what
     * counts is that we asked again with it. */
    (void)store_get(store, "t/clock", &got, NULL, &err);
    assert_int_equal(requests_with("skew"), 1);
    assert_int_equal(requests_with("t/clock"), 2);
    error_clear(&err);
    buf_free(&got);
}

static void a_server_without_conditional_writes_is_refused_before_anything_is_written(void **state)
{
    (void)state;
    rule("PUT * * ignore-conditions");
    assert_int_equal(store_put_if_absent(store, "t/x", "x", 1, &err), STORE_INVALID);
    assert_string_equal(err.code, "storage_conditional_writes_unsupported");
    error_clear(&err);
    struct store_token token = {"\"abc\""};
    assert_int_equal(store_put_if_match(store, "t/x", &token, "x", 1, &err), STORE_INVALID);
    assert_string_equal(err.code, "storage_conditional_writes_unsupported");
    error_clear(&err);
    rule("");
    bool exists = true;
    expect(STORE_OK, store_exists(store, "t/", &exists, &err));
    assert_false(exists);
    struct store_names left = {NULL, 0};
    expect(STORE_OK, store_list(store, "__cluster/", &left, &err));
    assert_int_equal(left.n, 0);
    store_names_free(&left);
}

static void a_race_of_two_creates_is_decided_by_asking_again(void **state)
{
    (void)state;
    rule("PUT t/race 1 status 409\nPUT t/race 2 status 409");
    expect(STORE_OK, store_put_if_absent(store, "t/race", "x", 1, &err));
    rule("");
    struct buf got = BUF_INIT;
    struct store_token token;
    expect(STORE_OK, store_get(store, "t/race", &got, &token, &err));
    rule("PUT t/race 1 status 409");
    expect(STORE_OK, store_put_if_match(store, "t/race", &token, "y", 1, &err));
    expect_content("t/race", "y");
    buf_free(&got);
}

/* A lock, that is: refused because somebody had it, and gone when it is looked at. */
static void a_create_refused_for_what_is_then_deleted_is_asked_again(void **state)
{
    (void)state;
    rule("PUT t/vanished 1 status 412\nPUT t/vanished 2 status 412");
    expect(STORE_OK, store_put_if_absent(store, "t/vanished", "x", 1, &err));
    expect_content("t/vanished", "x");
}

static void a_create_refused_for_what_never_is_there_ends(void **state)
{
    (void)state;
    rule("PUT t/marked * status 412");
    assert_int_equal(store_put_if_absent(store, "t/marked", "x", 1, &err), STORE_INVALID);
    assert_non_null(strstr(error_text(&err), "delete marker"));
    assert_in_range(requests_with("PUT"), 2, 40);
    error_clear(&err);
}

static void expired_credentials_are_said(void **state)
{
    (void)state;
    rule("GET t/x * expired");
    struct buf got = BUF_INIT;
    assert_int_equal(store_get(store, "t/x", &got, NULL, &err), STORE_DENIED);
    assert_non_null(strstr(error_text(&err), "ExpiredToken"));
    assert_int_equal(requests_with("t/x"), 1);
    error_clear(&err);
    buf_free(&got);
}

static void access_denied_on_one_prefix_is_said_and_not_retried(void **state)
{
    (void)state;
    rule("GET t/secret * deny");
    struct buf got = BUF_INIT;
    assert_int_equal(store_get(store, "t/secret", &got, NULL, &err), STORE_DENIED);
    assert_non_null(strstr(error_text(&err), "AccessDenied"));
    const char *secret = getenv("AWS_SECRET_ACCESS_KEY");
    assert_true(secret && !strstr(error_text(&err), secret));
    assert_int_equal(requests_with("t/secret"), 1);
    error_clear(&err);
    buf_free(&got);
}

static void a_dead_server_is_unavailable(void **state)
{
    (void)state;
    setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1", 1);
    struct store *dead = NULL;
    expect(STORE_OK, store_open(net.root, &dead, &err));
    struct buf got = BUF_INIT;
    assert_int_equal(store_get(dead, "t/x", &got, NULL, &err), STORE_UNAVAILABLE);
    error_clear(&err);
    store_close(dead);
    buf_free(&got);
}

static void a_batch_survives_faults_in_the_middle(void **state)
{
    (void)state;
    enum { N = 40 };
    struct store_item items[N] = {{0}};
    char *names[N];
    for (size_t i = 0; i < N; i++) {
        names[i] = xasprintf("t/batch/%02zu", i);
        items[i] = (struct store_item){.name = names[i], .data = names[i], .len = strlen(names[i])};
    }
    rule("PUT batch/05 1 drop-after\nPUT batch/11 1 drop-before\nPUT batch/20 1 status 503\n"
         "PUT batch/33 1 pass-then-502");
    assert_int_equal(store_put_many_if_absent(store, items, N), STORE_OK);
    store_items_clear(items, N);
    rule("POST delete 1 status 501");
    assert_int_equal(store_delete_many(store, items, N), STORE_OK);
    store_items_clear(items, N);
    rule("");
    bool exists = true;
    expect(STORE_OK, store_exists(store, "t/batch/", &exists, &err));
    assert_false(exists);
    for (size_t i = 0; i < N; i++)
        free(names[i]);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        TEST(our_own_lock_is_recognized),
        TEST(a_create_that_lost_to_another_is_not_mistaken_for_ours),
        TEST(a_create_that_cannot_be_read_back_is_neither_won_nor_lost),
        TEST(our_own_ledger_swap_is_recognized),
        TEST(an_upload_cut_in_the_middle_is_sent_again_whole),
        TEST(a_busy_server_is_asked_again),
        TEST(a_server_that_stays_busy_is_given_up_on),
        TEST(retry_after_is_honored),
        TEST(a_stalled_transfer_is_cut_and_tried_again),
        TEST(a_wrong_clock_is_set_by_the_servers),
        TEST(a_server_without_conditional_writes_is_refused_before_anything_is_written),
        TEST(a_race_of_two_creates_is_decided_by_asking_again),
        TEST(a_create_refused_for_what_is_then_deleted_is_asked_again),
        TEST(a_create_refused_for_what_never_is_there_ends),
        TEST(expired_credentials_are_said),
        TEST(access_denied_on_one_prefix_is_said_and_not_retried),
        TEST(a_dead_server_is_unavailable),
        TEST(a_batch_survives_faults_in_the_middle),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
