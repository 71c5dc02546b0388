#include "common/storage_root.h"

#include "common/buf.h"
#include "common/utf8.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool refuse(struct error *err, const char *why)
{
    return error_set(err, "invalid_storage_root", "the storage location is not usable: %s", why);
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Amazon S3 user guide, "Bucket naming rules". */
static bool is_bucket_name(const char *name, size_t len)
{
    if (len < 3 || len > 63 || !is_alnum(name[0]) || !is_alnum(name[len - 1]))
        return false;
    bool address = true; /* 192.168.5.4 is none */
    for (size_t i = 0; i < len; i++) {
        if (!is_alnum(name[i]) && name[i] != '-' && name[i] != '.')
            return false;
        if (name[i] == '.' && name[i + 1] == '.')
            return false;
        address = address && !(name[i] >= 'a' && name[i] <= 'z') && name[i] != '-';
    }
    return !(address && memchr(name, '.', len));
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

/* No empty, "." or ".." part: an object's name may hold none (store.h). */
static bool is_prefix(const char *prefix, size_t len)
{
    for (size_t at = 0; at <= len;) {
        const char *part = prefix + at;
        const char *slash = memchr(part, '/', len - at);
        size_t n = slash ? (size_t)(slash - part) : len - at;
        if (n == 0 || n > 255 || (n == 1 && part[0] == '.') ||
            (n == 2 && part[0] == '.' && part[1] == '.'))
            return false;
        at += n + 1;
    }
    return true;
}

static bool resolve_s3(const char *rest, struct storage_root *out, struct error *err)
{
    size_t len = strlen(rest);
    while (len > 0 && rest[len - 1] == '/')
        len--;
    const char *slash = memchr(rest, '/', len);
    size_t bucket = slash ? (size_t)(slash - rest) : len;
    if (memchr(rest, '@', bucket))
        return refuse(err, "it holds credentials, which never belong here; write "
                           "s3://bucket/prefix and give the credentials in the environment "
                           "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)");
    if (!is_bucket_name(rest, bucket))
        return refuse(err, "the bucket's name must be 3 to 63 of the characters a-z 0-9 . - and "
                           "begin and end with a letter or digit, as in s3://bucket/prefix");
    if (strpbrk(rest, "?#"))
        return refuse(err, "an s3:// URI may hold no '?' or '#'; write s3://bucket/prefix");
    if (has_control(rest) || !utf8_is_valid(rest, strlen(rest)))
        return refuse(err, "the prefix holds a control character");
    if (slash && !is_prefix(slash + 1, len - bucket - 1))
        return refuse(err, "the prefix holds an empty, '.', '..' or overlong part");
    if (len - bucket > 512)
        return refuse(err, "the prefix is longer than 512 bytes");
    out->root = xasprintf("s3://%.*s", (int)len, rest);
    out->display = xstrdup(out->root);
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* False on a broken escape or an escaped NUL. */
static bool percent_decode(const char *text, struct buf *out)
{
    for (; *text; text++) {
        if (*text != '%') {
            buf_putc(out, *text);
            continue;
        }
        int high = hex_value(text[1]), low = high < 0 ? -1 : hex_value(text[2]);
        if (low < 0 || high * 16 + low == 0)
            return false;
        buf_putc(out, (char)(high * 16 + low));
        text += 2;
    }
    return true;
}

/* RFC 3986: everything but the unreserved characters, and the slashes between parts. */
static char *file_uri(const char *path)
{
    struct buf out = BUF_INIT;
    buf_puts(&out, "file://");
    for (; *path; path++) {
        char c = *path;
        if (is_alnum(c) || (c >= 'A' && c <= 'Z') || strchr("-._~/", c))
            buf_putc(&out, c);
        else
            buf_printf(&out, "%%%02X", (unsigned char)c);
    }
    return buf_detach(&out);
}

/* An absolute path without ".", ".." and doubled slashes. */
static char *clean(const char *path)
{
    struct buf out = BUF_INIT;
    while (*path) {
        path += strspn(path, "/");
        size_t n = strcspn(path, "/");
        if (n == 2 && path[0] == '.' && path[1] == '.') {
            while (out.len > 0 && out.data[--out.len] != '/')
                ;
        } else if (n > 0 && !(n == 1 && path[0] == '.')) {
            buf_putc(&out, '/');
            buf_append(&out, path, n);
        }
        path += n;
    }
    if (out.len == 0)
        buf_putc(&out, '/');
    out.data[out.len] = '\0';
    return buf_detach(&out);
}

/* Documents, records and messages name the path, and all of them are UTF-8. */
static bool set_path(struct storage_root *out, const char *absolute, struct error *err)
{
    out->display = clean(absolute);
    if (!utf8_is_valid(out->display, strlen(out->display))) {
        storage_root_clear(out);
        return refuse(err, "its path is not UTF-8, so no record could name it; keep the cluster "
                           "where the names of all directories are UTF-8");
    }
    out->root = file_uri(out->display);
    return true;
}

static bool resolve_file(const char *rest, struct storage_root *out, struct error *err)
{
    if (strncasecmp(rest, "localhost/", 10) == 0)
        rest += 9;
    if (rest[0] != '/')
        return refuse(err, "a file:// URI needs an absolute path, as in file:///srv/cluster");
    if (strpbrk(rest, "?#"))
        return refuse(err, "a file:// URI may hold no '?' or '#'; write %3F or %23");
    struct buf path = BUF_INIT;
    bool ok = percent_decode(rest, &path);
    if (!ok)
        refuse(err, "a file:// URI may hold '%' only before two hexadecimal digits (%25 is the "
                    "percent sign), and no %00");
    else
        ok = set_path(out, buf_text(&path), err);
    buf_free(&path);
    return ok;
}

static bool is_scheme(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_alnum(text[i]) && !(text[i] >= 'A' && text[i] <= 'Z') && !strchr("+-.", text[i]))
            return false;
    return len > 0;
}

bool storage_root_resolve(const char *storage, const char *base, struct storage_root *out,
                          struct error *err)
{
    *out = (struct storage_root){0};
    const char *colon = strstr(storage, "://");
    if (strncasecmp(storage, "s3://", 5) == 0)
        return resolve_s3(storage + 5, out, err);
    if (strncasecmp(storage, "file://", 7) == 0)
        return resolve_file(storage + 7, out, err);
    if (colon && is_scheme(storage, (size_t)(colon - storage)))
        return refuse(err, "only s3://bucket/prefix, file:///path and plain paths are known");
    if (storage[strspn(storage, " \t")] == '\0')
        return refuse(err, "it is empty; leave it out to keep everything in the configuration's "
                           "directory");
    char *path = storage[0] == '/' ? xstrdup(storage) : xasprintf("%s/%s", base, storage);
    bool ok = set_path(out, path, err);
    free(path);
    return ok;
}

void storage_root_clear(struct storage_root *root)
{
    free(root->root);
    free(root->display);
    *root = (struct storage_root){0};
}
