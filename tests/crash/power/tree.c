/* tree.c - a modelled disk and real directories: read before a run, written for each state. */
#include "common/io.h"
#include "common/xalloc.h"
#include "node.h"
#include "random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 32 };

static bool cannot(const char *what, const char *path)
{
    fprintf(stderr, "power: cannot %s %s: %s\n", what, path, strerror(errno));
    return false;
}

static bool scan(struct disk *disk, struct node *folder, const char *path, int depth)
{
    DIR *dir = depth < DEEPEST ? opendir(path) : NULL;
    if (!dir)
        return cannot("read", path);
    bool ok = true;
    const struct dirent *entry;
    while (ok && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *child = xasprintf("%s/%s", path, entry->d_name);
        struct stat st;
        ok = lstat(child, &st) == 0 && (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode));
        if (ok) {
            struct node *node = node_add(disk, st.st_ino, S_ISDIR(st.st_mode));
            node->own_name = xstrdup(entry->d_name);
            node->rebuilt = name_is_rebuilt(node->own_name);
            entries_set(&folder->entries, node->own_name, node);
            ok = node->directory ? scan(disk, node, child, depth + 1)
                                 : io_read_file(child, IO_MAX_SOURCE, &node->content, NULL);
        }
        if (!ok)
            (void)cannot("read", child);
        free(child);
    }
    closedir(dir);
    return ok;
}

bool disk_scan(struct disk *disk, const char *directory)
{
    struct stat st;
    if (stat(directory, &st) != 0)
        return cannot("read", directory);
    disk->root = node_add(disk, st.st_ino, true);
    return scan(disk, disk->root, directory, 0);
}

/* After a crash a -shm file may hold anything. */
static void rebuilt_content(const struct disk *disk, struct buf *out)
{
    enum { MAPPED = 32768 };
    uint64_t state = disk->rebuilt;
    uint64_t kind = random_below(&state, 3);
    for (int i = 0; kind > 0 && i < MAPPED; i++)
        buf_putc(out, kind == 1 ? '\0' : (char)random_next(&state));
}

static bool write_file(const struct disk *disk, const struct node *node, const char *path)
{
    struct buf content = BUF_INIT;
    if (node->rebuilt)
        rebuilt_content(disk, &content);
    else
        node_content(node, &content);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && io_write_all(fd, buf_text(&content), content.len, NULL);
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    buf_free(&content);
    return ok || cannot("write", path);
}

static bool write_folder(const struct disk *disk, const struct node *folder, const char *path,
                         int depth)
{
    if (depth >= DEEPEST || (mkdir(path, 0777) != 0 && errno != EEXIST))
        return cannot("make", path);
    struct entries entries = {0};
    node_entries(folder, &entries);
    bool ok = true;
    for (size_t i = 0; ok && i < entries.n; i++) {
        char *child = xasprintf("%s/%s", path, entries.items[i].name);
        const struct node *node = entries.items[i].target;
        ok = node->directory ? write_folder(disk, node, child, depth + 1)
                             : write_file(disk, node, child);
        free(child);
    }
    free(entries.items);
    return ok;
}

bool disk_write(const struct disk *disk, const char *directory)
{
    return write_folder(disk, disk->root, directory, 0);
}

/* FNV-1a. */
static void hash(uint64_t *sum, const void *data, size_t len)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < len; i++)
        *sum = (*sum ^ at[i]) * 0x100000001b3U;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void hash_folder(const struct node *folder, uint64_t *sum, int depth)
{
    struct entries entries = {0};
    node_entries(folder, &entries);
    if (entries.n > 0)
        qsort(entries.items, entries.n, sizeof *entries.items, by_name);
    for (size_t i = 0; depth < DEEPEST && i < entries.n; i++) {
        const struct entry *entry = &entries.items[i];
        hash(sum, entry->name, strlen(entry->name) + 1);
        if (entry->target->directory) {
            hash_folder(entry->target, sum, depth + 1);
        } else if (!entry->target->rebuilt && strncmp(entry->name, ".tmp.", 5) != 0) {
            struct buf content = BUF_INIT;
            node_content(entry->target, &content);
            hash(sum, buf_text(&content), content.len);
            buf_free(&content);
        }
        hash(sum, "", 1);
    }
    hash(sum, "/", 1);
    free(entries.items);
}

uint64_t disk_fingerprint(const struct disk *disk)
{
    uint64_t sum = 0xcbf29ce484222325U;
    hash_folder(disk->root, &sum, 0);
    return sum;
}

static char *find(const struct node *folder, const struct node *wanted, const char *path, int depth)
{
    struct entries entries = {0};
    char *found = NULL;
    node_entries(folder, &entries);
    for (size_t i = 0; !found && depth < DEEPEST && i < entries.n; i++) {
        char *child = xasprintf("%s%s%s", path, *path ? "/" : "", entries.items[i].name);
        const struct node *node = entries.items[i].target;
        if (node == wanted)
            found = xstrdup(child);
        else if (node->directory)
            found = find(node, wanted, child, depth + 1);
        free(child);
    }
    free(entries.items);
    return found;
}

char *disk_path_of(const struct disk *disk, uint64_t inode)
{
    const struct node *wanted = node_find(disk, inode);
    char *path = wanted == disk->root ? xstrdup(".") : NULL;
    if (!path && wanted)
        path = find(disk->root, wanted, "", 0);
    return path ? path : xstrdup("");
}
