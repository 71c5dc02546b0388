/*
 * Every guarantee of the bucket under the fault that it is for: through the proxy of
 * tests/s3/proxy.c, in front of a real server.
 */
#include "common/xalloc.h"
#include "store/s3/s3_http.h"
#include "store/store.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct {
    char dir[64];
    char *rules, *log, *root, *direct_endpoint, *proxied_endpoint;
    long log_start; /* where this test's part of the log starts */
    pid_t pid;
} net;

static struct store *store; /* through the proxy */
static struct error err;

static void expect(enum store_status expected, enum store_status is)
{
    if (expected != is)
        print_error("expected %s, got %s: %s\n", store_status_name(expected), store_status_name(is),
                    error_text(&err));
    assert_int_equal(expected, is);
    error_clear(&err);
}

static void rule(const char *text)
{
    FILE *file = fopen(net.rules, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", text);
    fclose(file);
}

/* How many requests of this test hold `part` in the proxy's log. */
static int requests_with(const char *part)
{
    FILE *file = fopen(net.log, "r");
    char line[4096];
    int n = 0;
    fseek(file, net.log_start, SEEK_SET);
    while (fgets(line, sizeof line, file))
        n += strstr(line, part) != NULL;
    fclose(file);
    return n;
}

static void expect_content(const char *name, const char *text)
{
    struct buf got = BUF_INIT;
    rule("");
    expect(STORE_OK, store_get(store, name, &got, NULL, &err));
    assert_string_equal(buf_text(&got), text);
    buf_free(&got);
}

static int fresh_store(void **state)
{
    (void)state;
    rule("");
    FILE *log = fopen(net.log, "r");
    net.log_start = log && fseek(log, 0, SEEK_END) == 0 ? ftell(log) : 0;
    if (log)
        fclose(log);
    unsetenv("CLUSTER_S3_PROVEN");
    setenv("AWS_ENDPOINT_URL_S3", net.proxied_endpoint, 1);
    return store_open(net.root, &store, &err) == STORE_OK ? 0 : -1;
}

static int drop_store(void **state)
{
    (void)state;
    rule("");
    static const char *const folders[] = {"__cluster/", "t/"};
    for (size_t i = 0; i < 2; i++)
        expect(STORE_OK, store_delete_prefix(store, folders[i], &err));
    store_close(store);
    unsetenv("CLUSTER_TEST_S3_STALL_SECONDS");
    return 0;
}

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

/* How many multipart uploads are under way below the test's root: asked of the server itself. */
static int uploads_under_way(void)
{
    int n = 0;
    struct s3_client *client = s3_client_open(net.root, &err);
    assert_non_null(client);
    struct s3_request request = {.method = "GET", .n_query = 1};
    request.query[0] = (struct sigv4_pair){(char *)"uploads", (char *)""};
    s3_perform(client, &request, 1);
    assert_int_equal(request.status, 200);
    for (const char *at = buf_text(&request.body); (at = strstr(at, "<Upload>")); at++)
        n++;
    s3_request_clear(&request);
    s3_client_close(client);
    return n;
}

static int large_file(void)
{
    char path[] = "/tmp/cluster-faults-file.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(ftruncate(fd, (off_t)65 << 20), 0);
    assert_int_equal(pwrite(fd, "end", 3, ((off_t)65 << 20) - 3), 3);
    return fd;
}

static void a_large_upload_survives_lost_answers(void **state)
{
    (void)state;
    int fd = large_file();
    rule("PUT partNumber=2 1 drop-after\nPUT partNumber=3 1 cut 70000\n"
         "PUT partNumber=5 1 status 503\n"
         "POST uploadId= 1 drop-after\nPOST uploadId= 2 status 404");
    expect(STORE_OK, store_put_file(store, "t/large", fd, &err));
    assert_int_equal(requests_with("POST"), 3); /* begin, complete, complete again */
    assert_int_equal(requests_with("HEAD"), 1); /* the upload is gone: did it become the object? */
    rule("");
    assert_int_equal(uploads_under_way(), 0);
    assert_int_equal(ftruncate(fd, 0), 0);
    expect(STORE_OK, store_get_file(store, "t/large", fd, &err));
    char end[3] = "";
    assert_int_equal(lseek(fd, 0, SEEK_END), (off_t)65 << 20);
    assert_int_equal(pread(fd, end, 3, ((off_t)65 << 20) - 3), 3);
    assert_memory_equal(end, "end", 3);
    close(fd);
}

static void a_large_upload_that_fails_is_aborted(void **state)
{
    (void)state;
    int fd = large_file();
    rule("PUT partNumber=4 * deny");
    assert_int_equal(store_put_file(store, "t/large", fd, &err), STORE_DENIED);
    error_clear(&err);
    rule("");
    assert_int_equal(uploads_under_way(), 0);
    struct buf got = BUF_INIT;
    assert_int_equal(store_get(store, "t/large", &got, NULL, &err), STORE_NOT_FOUND);
    error_clear(&err);
    rule("POST uploadId * status 500");
    assert_int_equal(store_put_file(store, "t/large", fd, &err), STORE_UNAVAILABLE);
    error_clear(&err);
    rule("");
    assert_int_equal(uploads_under_way(), 0);
    close(fd);
}

static void a_download_that_is_cut_is_fetched_again_whole(void **state)
{
    (void)state;
    size_t n = 1 << 20;
    char *big = xmalloc(n);
    memset(big, 'x', n);
    expect(STORE_OK, store_put(store, "t/big", big, n, &err));
    rule("GET t/big 1 cut-answer 100000");
    int fd = large_file();
    expect(STORE_OK, store_get_file(store, "t/big", fd, &err));
    assert_int_equal(requests_with("cut-answer"), 1);
    assert_int_equal(lseek(fd, 0, SEEK_END), n);
    close(fd);
    free(big);
}

static int start(void **state)
{
    (void)state;
    const char *proxy = getenv("CLUSTER_TEST_PROXY");
    const char *endpoint = getenv("AWS_ENDPOINT_URL_S3");
    const char *bucket = getenv("CLUSTER_TEST_S3_BUCKET");
    const char *port = endpoint ? strrchr(endpoint, ':') : NULL;
    if (!proxy || !port || !bucket)
        return -1;
    snprintf(net.dir, sizeof net.dir, "/tmp/cluster-faults.XXXXXX");
    if (!mkdtemp(net.dir))
        return -1;
    net.rules = xasprintf("%s/rules", net.dir);
    net.log = xasprintf("%s/log", net.dir);
    net.root = xasprintf("s3://%s/faults/%ld", bucket, (long)getpid());
    rule("");
    int out[2];
    if (pipe(out) != 0)
        return -1;
    net.pid = fork();
    if (net.pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        execl(proxy, "proxy", port + 1, net.rules, net.log, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    char answer[32] = "";
    ssize_t n = read(out[0], answer, sizeof answer - 1);
    close(out[0]);
    if (n <= 0)
        return -1;
    net.direct_endpoint = xstrdup(endpoint);
    net.proxied_endpoint = xasprintf("http://127.0.0.1:%ld", strtol(answer, NULL, 10));
    /* The bucket may not be there yet. */
    char *bucket_root = xasprintf("s3://%s", bucket);
    struct s3_client *client = s3_client_open(bucket_root, &err);
    struct s3_request request = {.method = "PUT"};
    s3_perform(client, &request, 1);
    s3_request_clear(&request);
    s3_client_close(client);
    free(bucket_root);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    kill(net.pid, SIGTERM);
    waitpid(net.pid, NULL, 0);
    unlink(net.rules);
    unlink(net.log);
    rmdir(net.dir);
    free(net.rules);
    free(net.log);
    free(net.root);
    free(net.direct_endpoint);
    free(net.proxied_endpoint);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh_store, drop_store)

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        TEST(our_own_lock_is_recognized),
        TEST(a_create_that_lost_to_another_is_not_mistaken_for_ours),
        TEST(our_own_ledger_swap_is_recognized),
        TEST(an_upload_cut_in_the_middle_is_sent_again_whole),
        TEST(a_busy_server_is_asked_again),
        TEST(a_server_that_stays_busy_is_given_up_on),
        TEST(retry_after_is_honored),
        TEST(a_stalled_transfer_is_cut_and_tried_again),
        TEST(a_wrong_clock_is_set_by_the_servers),
        TEST(a_server_without_conditional_writes_is_refused_before_anything_is_written),
        TEST(a_race_of_two_creates_is_decided_by_asking_again),
        TEST(expired_credentials_are_said),
        TEST(access_denied_on_one_prefix_is_said_and_not_retried),
        TEST(a_dead_server_is_unavailable),
        TEST(a_batch_survives_faults_in_the_middle),
        TEST(a_large_upload_survives_lost_answers),
        TEST(a_large_upload_that_fails_is_aborted),
        TEST(a_download_that_is_cut_is_fetched_again_whole),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
