/* disk_root.c - opening a disk store: its root URI, its paths, its table of operations. */
#include "common/xalloc.h"
#include "store/disk.h"

#include <stdlib.h>
#include <string.h>

struct disk_store *disk_of(struct store *store)
{
    return (struct disk_store *)store; /* its first member */
}

char *disk_path(const struct disk_store *disk, const char *name)
{
    return xasprintf("%s/%s", disk->root, name);
}

static char *location(const struct store *store, const char *name)
{
    const struct disk_store *disk = (const struct disk_store *)store;
    return *name || !*disk->root ? disk_path(disk, name) : xstrdup(disk->root);
}

static void disk_close(struct store *store)
{
    struct disk_store *disk = disk_of(store);
    jv_free(disk->durable);
    free(disk->root);
    free(disk);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* RFC 3986, 2.1. NULL for a bad escape or an encoded NUL. To be freed. */
static char *percent_decode(const char *text)
{
    struct buf out = BUF_INIT;
    for (; *text; text++) {
        if (*text != '%') {
            buf_putc(&out, *text);
            continue;
        }
        int high = hex_digit(text[1]), low = high < 0 ? -1 : hex_digit(text[2]);
        if (low < 0 || high + low == 0) {
            buf_free(&out);
            return NULL;
        }
        buf_putc(&out, (char)(high * 16 + low));
        text += 2;
    }
    buf_puts(&out, "");
    return buf_detach(&out);
}

enum store_status store_open_disk(const char *root, struct store **out, struct error *err)
{
    static const struct store_ops ops = {
        .close = disk_close,
        .location = location,
        .get = disk_get,
        .put = disk_put,
        .put_if_absent = disk_put_if_absent,
        .put_if_match = disk_put_if_match,
        .del = disk_delete,
        .delete_if_match = disk_delete_if_match,
        .put_file = disk_put_file,
        .get_file = disk_get_file,
        .age = disk_age,
        .list = disk_list,
        .exists = disk_exists,
        .delete_prefix = disk_delete_prefix,
        .put_many_if_absent = disk_put_many_if_absent,
        .remove_stale_temporaries = disk_remove_stale_temporaries,
    };
    const char *encoded = root + strlen("file://");
    if (strncmp(encoded, "localhost/", 10) == 0)
        encoded += strlen("localhost");
    char *path = percent_decode(encoded);
    if (!path || *path != '/') {
        free(path);
        return store_fail(STORE_INVALID, err,
                          "\"%.200s\" is no file URI with an absolute path, like file:///srv/store "
                          "(percent-encoded)",
                          root);
    }
    size_t len = strlen(path);
    while (len > 0 && path[len - 1] == '/')
        path[--len] = '\0';
    struct disk_store *disk = xcalloc(1, sizeof *disk);
    disk->store.ops = &ops;
    disk->root = path;
    disk->durable = jv_object();
    *out = &disk->store;
    return STORE_OK;
}
