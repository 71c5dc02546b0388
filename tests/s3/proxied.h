/*
 * proxied.h - for the tests of the bucket under faults: the fault proxy of tests/s3/proxy.c in
 * front of a real server, and a store through it for each test.
 *
 *     rule("PUT t/x 1 drop-after");               what goes wrong from here on; "": nothing
 *     expect(STORE_OK, store_put(store, ...));
 *     assert_int_equal(requests_with("drop-after"), 1);
 *
 * The tests are listed with TEST(name) and run between start and stop.
 */
#ifndef CLUSTER_TEST_PROXIED_H
#define CLUSTER_TEST_PROXIED_H

#include "common/buf.h"
#include "common/xalloc.h"
#include "store/s3/s3_http.h"
#include "store/store.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    char dir[64];
    char *rules, *log, *root, *direct_endpoint, *proxied_endpoint;
    long log_start; /* where this test's part of the log starts */
    pid_t pid;
} net;

static struct store *store; /* through the proxy */
static struct error err;

static inline void expect(enum store_status expected, enum store_status is)
{
    if (expected != is)
        print_error("expected %s, got %s: %s\n", store_status_name(expected), store_status_name(is),
                    error_text(&err));
    assert_int_equal(expected, is);
    error_clear(&err);
}

static inline void rule(const char *text)
{
    FILE *file = fopen(net.rules, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", text);
    fclose(file);
}

/* How many requests of this test hold `part` in the proxy's log. */
static inline int requests_with(const char *part)
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

static inline void expect_content(const char *name, const char *text)
{
    struct buf got = BUF_INIT;
    rule("");
    expect(STORE_OK, store_get(store, name, &got, NULL, &err));
    assert_string_equal(buf_text(&got), text);
    buf_free(&got);
}

static inline int fresh_store(void **state)
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

static inline int drop_store(void **state)
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

static inline int start(void **state)
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

static inline int stop(void **state)
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

#endif
