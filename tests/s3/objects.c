/*
 * objects - what a test does to a bucket behind the programs' back.
 *
 *     objects bucket NAME            makes a bucket; it is no error if it is there
 *     objects list ROOT [PREFIX]     the names below ROOT (s3://bucket/prefix), one a line
 *     objects get ROOT NAME          the object to standard output
 *     objects put ROOT NAME          standard input to the object
 *     objects delete ROOT NAME
 *
 * Exit status: 0 done, 1 failed, 3 there is no such object.
 */
#include "common/io.h"
#include "common/xalloc.h"
#include "store/s3/s3_http.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int done(enum store_status status, struct error *err)
{
    if (status != STORE_OK)
        fprintf(stderr, "objects: %s\n", error_text(err));
    error_clear(err);
    return status == STORE_OK ? 0 : status == STORE_NOT_FOUND ? 3 : 1;
}

/* No program of ours makes a bucket, so the store has no call for it. */
static int make_bucket(const char *name)
{
    struct error err = ERROR_INIT;
    char *root = xasprintf("s3://%s", name);
    struct s3_client *client = s3_client_open(root, &err);
    free(root);
    if (!client)
        return done(STORE_INVALID, &err);
    struct s3_request request = {.method = "PUT"};
    s3_perform(client, &request, 1);
    bool ok = request.result == S3_ANSWERED && (request.status / 100 == 2 || request.status == 409);
    if (!ok)
        error_set(&err, NULL, "the server answers %ld", request.status);
    s3_request_clear(&request);
    s3_client_close(client);
    return done(ok ? STORE_OK : STORE_INVALID, &err);
}

static int list(struct store *store, const char *prefix)
{
    struct error err = ERROR_INIT;
    struct store_names names = {0};
    enum store_status status = store_list(store, prefix, &names, &err);
    for (size_t i = 0; i < names.n; i++)
        printf("%s\n", names.names[i]);
    store_names_free(&names);
    return done(status, &err);
}

static int transfer(struct store *store, const char *call, const char *name)
{
    struct error err = ERROR_INIT;
    struct buf data = BUF_INIT;
    enum store_status status = STORE_INVALID;
    if (strcmp(call, "delete") == 0) {
        status = store_delete(store, name, &err);
    } else if (strcmp(call, "put") == 0) {
        if (io_read_all(STDIN_FILENO, IO_MAX_DOCUMENT, &data, &err))
            status = store_put(store, name, buf_text(&data), data.len, &err);
    } else {
        status = store_get(store, name, &data, NULL, &err);
        if (status == STORE_OK && !io_write_all(STDOUT_FILENO, buf_text(&data), data.len, &err))
            status = STORE_UNAVAILABLE;
    }
    buf_free(&data);
    return done(status, &err);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "bucket") == 0)
        return make_bucket(argv[2]);
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: objects bucket NAME | list ROOT [PREFIX] | "
                        "get|put|delete ROOT NAME\n");
        return 64;
    }
    struct error err = ERROR_INIT;
    struct store *store;
    if (store_open(argv[2], &store, &err) != STORE_OK)
        return done(STORE_INVALID, &err);
    const char *name = argc > 3 ? argv[3] : "";
    int status = strcmp(argv[1], "list") == 0 ? list(store, name) : transfer(store, argv[1], name);
    store_close(store);
    return status;
}
