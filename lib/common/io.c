#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool io_read_all(int fd, size_t max, struct buf *out, struct error *err)
{
    size_t start = out->len;
    size_t chunk = 65536;
    for (;;) {
        char *to = buf_reserve(out, chunk);
        ssize_t n = read(fd, to, chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, NULL, "cannot read: %s", strerror(errno));
        if (n == 0)
            return true;
        out->len += (size_t)n;
        out->data[out->len] = '\0';
        if (out->len - start > max) {
            errno = EFBIG;
            return error_set(err, NULL, "larger than the limit of %zu bytes", max);
        }
        if ((size_t)n == chunk && chunk < (size_t)16 << 20)
            chunk *= 2;
    }
}

bool io_write_all(int fd, const void *data, size_t len, struct error *err)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, NULL, "cannot write: %s", strerror(errno));
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool io_read_file(const char *path, size_t max, struct buf *out, struct error *err)
{
    /* O_NONBLOCK: opening a FIFO must not wait for its writer. It means nothing for a file. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_set(err, NULL, "cannot open %s: %s", path, strerror(errno));
    struct stat st;
    bool ok = false;
    int cause = 0;
    if (fstat(fd, &st) != 0) {
        cause = errno;
        error_set(err, NULL, "cannot read %s: %s", path, strerror(cause));
    } else if (!S_ISREG(st.st_mode)) {
        cause = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        error_set(err, NULL, "cannot read %s: it is %s", path,
                  S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
    } else if (st.st_size > (off_t)max) {
        cause = EFBIG; /* known without reading it */
        error_set(err, NULL, "%s: larger than the limit of %zu bytes", path, max);
    } else {
        buf_reserve(out, (size_t)st.st_size);
        ok = io_read_all(fd, max, out, err);
        cause = errno;
        if (!ok)
            error_prefix(err, "%s", path);
    }
    close(fd);
    errno = cause;
    return ok;
}
