#include "graph/bucket_file.h"

#include "common/io.h"
#include "common/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 18 };

bool bucket_file_digest(int fd, struct digest *digest, struct error *err)
{
    char *chunk = xmalloc(CHUNK);
    struct digest_state *state = digest_begin();
    off_t at = 0;
    ssize_t n;
    while ((n = pread(fd, chunk, CHUNK, at)) > 0 || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        digest_add(state, chunk, (size_t)n);
        at += n;
    }
    int cause = errno;
    *digest = digest_end(state);
    free(chunk);
    return n == 0 || error_set(err, NULL, "cannot read: %s", strerror(cause));
}

static bool copy_bytes(int from, int to, struct error *err)
{
    char *chunk = xmalloc(CHUNK);
    bool ok = true;
    for (;;) {
        ssize_t n = read(from, chunk, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            ok = error_set(err, NULL, "cannot read: %s", strerror(errno));
        if (n <= 0)
            break;
        ok = io_write_all(to, chunk, (size_t)n, err);
        if (!ok)
            break;
    }
    free(chunk);
    return ok;
}

bool bucket_file_copy(const char *from, const char *to, struct error *err)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0)
        return error_set(err, NULL, "cannot open %s: %s", from, strerror(errno));
    bool ok = false;
    int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (target < 0) {
        error_set(err, NULL, "cannot create %s: %s", to, strerror(errno));
        goto out;
    }
    ok = ioctl(target, FICLONE, source) == 0 || copy_bytes(source, target, err) ||
         error_prefix(err, "copying %s to %s", from, to);
    if (close(target) != 0 && ok)
        ok = error_set(err, NULL, "cannot write %s: %s", to, strerror(errno));
out:
    (void)close(source); /* it was only read */
    return ok;
}

void bucket_file_remove_directory(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return;
    struct dirent *entry;
    while ((entry = readdir(dir)))
        (void)unlinkat(dirfd(dir), entry->d_name, 0); /* . and .. are refused; what stays, stays */
    closedir(dir);
    (void)rmdir(path); /* likewise */
}

bool bucket_file_is_at(int fd, const char *path)
{
    struct stat open_one, named;
    return fstat(fd, &open_one) == 0 && stat(path, &named) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}
