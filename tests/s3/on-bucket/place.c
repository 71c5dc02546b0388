#include "place.h"

#include "common/io.h"
#include "common/storage_root.h"
#include "common/xalloc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the line of cluster.yaml ends with where the storage was not named by the test. */
#define GOES_WITH_DIR " # goes with the directory"

static char *prefix_of_all(void)
{
    const char *bucket = getenv("CLUSTER_TEST_S3_BUCKET");
    return xasprintf("s3://%s/mirror", bucket ? bucket : "");
}

char *place_uri(const char *path)
{
    char *prefix = prefix_of_all();
    char *uri = xasprintf("%s%s", prefix, path);
    free(prefix);
    return uri;
}

char *place_path(const char *uri)
{
    char *prefix = prefix_of_all(), *path = NULL;
    size_t len = strlen(prefix);
    if (strncmp(uri, prefix, len) == 0 && uri[len] == '/')
        path = xstrdup(uri + len);
    free(prefix);
    return path;
}

/* A storage location as a path; NULL for a bucket and for what is no location. */
static char *resolved(const char *storage, const char *base)
{
    struct storage_root root;
    struct error err = ERROR_INIT;
    char *path = NULL;
    if (storage_root_resolve(storage, base, &root, &err) && root.display[0] == '/')
        path = xstrdup(root.display);
    storage_root_clear(&root);
    error_clear(&err);
    return path;
}

char *place_absolute(const char *path)
{
    char *cwd = getcwd(NULL, 0);
    char *absolute = cwd && path[0] ? resolved(path, cwd) : NULL;
    free(cwd);
    return absolute;
}

/* The line that begins with a word, or NULL. */
static const char *line_with(const char *text, const char *word)
{
    for (const char *at = text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, word, strlen(word)) == 0)
            return at;
    }
    return NULL;
}

/* The value of a line "storage: value", without quotes and comment. */
static char *value_of(const char *line)
{
    line += strlen("storage:");
    line += strspn(line, " ");
    char quote = *line == '"' || *line == '\'' ? *line : '\0';
    if (quote)
        return xstrndup(line + 1, strcspn(line + 1, quote == '"' ? "\"\n" : "'\n"));
    size_t len = strcspn(line, "\n");
    for (size_t i = 1; i < len; i++)
        if (line[i] == '#' && line[i - 1] == ' ')
            len = i;
    while (len > 0 && line[len - 1] == ' ')
        len--;
    return xstrndup(line, len);
}

/* In one moment, since others may be reading it. A directory that may not be written stays. */
static void replace(const char *file, const struct buf *text)
{
    struct stat was;
    char *temporary = xasprintf("%s.mirror%ld", file, (long)getpid());
    int fd = stat(file, &was) == 0 ? open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0600) : -1;
    if (fd >= 0) {
        bool ok = io_write_all(fd, text->data, text->len, NULL) && fchmod(fd, was.st_mode) == 0;
        if (close(fd) != 0 || !ok || rename(temporary, file) != 0)
            (void)unlink(temporary); /* the configuration is as it was, and the test will say so */
    }
    free(temporary);
}

/* Sets the storage in the text of a cluster.yaml and gives the path that stands for it; NULL if it
 * is a place of the test's own, or none. */
static char *settle(struct buf *text, const char *dir, bool *changed)
{
    const char *line = line_with(buf_text(text), "storage:");
    size_t start = line ? (size_t)(line - text->data) : text->len;
    size_t len = line ? strcspn(line, "\n") : 0;
    bool own = !line ||
               (len > strlen(GOES_WITH_DIR) && strncmp(line + len - strlen(GOES_WITH_DIR),
                                                       GOES_WITH_DIR, strlen(GOES_WITH_DIR)) == 0);
    char *value = own ? xstrdup(dir) : value_of(line);
    char *path = own ? xstrdup(dir) : place_path(value);
    bool is_set = path && !own;
    if (!path)
        path = resolved(value, dir);
    free(value);
    if (!path || is_set)
        return path;
    char *uri = place_uri(path);
    struct buf to = BUF_INIT;
    buf_append(&to, text->data, start);
    if (!line && start > 0 && text->data[start - 1] != '\n')
        buf_putc(&to, '\n');
    buf_printf(&to, "storage: %s%s", uri, own ? GOES_WITH_DIR : "");
    if (line)
        buf_append(&to, text->data + start + len, text->len - start - len);
    else
        buf_putc(&to, '\n');
    *changed = to.len != text->len || memcmp(to.data, text->data, to.len) != 0;
    buf_free(text);
    *text = to;
    free(uri);
    return path;
}

/* Below the folder that bats has for this run: nothing else is ever written to. */
static bool is_of_a_test(const char *path)
{
    const char *folder = getenv("BATS_RUN_TMPDIR");
    size_t len = folder ? strlen(folder) : 0;
    return len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/';
}

struct place place_of_cluster(const char *dir)
{
    struct place place = {NULL, false};
    char *path = realpath(dir, NULL);
    if (!path || !is_of_a_test(path)) {
        free(path);
        return place;
    }
    char *file = xasprintf("%s/cluster.yaml", path);
    struct buf text = BUF_INIT;
    if (io_read_file(file, IO_MAX_SOURCE, &text, NULL) && line_with(buf_text(&text), "version:")) {
        bool changed = false;
        place.path = settle(&text, path, &changed);
        if (changed)
            replace(file, &text);
    }
    buf_free(&text);
    free(file);
    free(path);
    return place;
}

struct place place_of_document(const struct buf *document)
{
    static const char begin[] = "\"root\":\"";
    struct place place = {NULL, false};
    const char *at = buf_text(document), *end = at + document->len;
    while (!place.path && (at = memmem(at, (size_t)(end - at), begin, strlen(begin)))) {
        at += strlen(begin);
        char *uri = xstrndup(at, strcspn(at, "\"\\"));
        place.path = place_path(uri);
        free(uri);
    }
    return place;
}

void place_clear(struct place *place)
{
    free(place->path);
    place->path = NULL;
}
