/* Large objects of a bucket under faults: uploads in parts, downloads cut short. */
#include "proxied.h"

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

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        TEST(a_large_upload_survives_lost_answers),
        TEST(a_large_upload_that_fails_is_aborted),
        TEST(a_download_that_is_cut_is_fetched_again_whole),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
