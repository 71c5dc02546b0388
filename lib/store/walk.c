#include "store/walk.h"

#include "common/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct name {
    char *leaf;
    unsigned char type; /* of readdir(3), DT_UNKNOWN where the file system does not tell */
};

struct walk_level {
    char *path;
    struct name *names;
    size_t n, next;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct name *)a)->leaf, ((const struct name *)b)->leaf);
}

static void free_level(struct walk_level *level)
{
    for (size_t i = 0; i < level->n; i++)
        free(level->names[i].leaf);
    free(level->names);
    free(level->path);
}

/* All names in an open folder; 0 or an errno. */
static int read_names(DIR *dir, struct walk_level *level)
{
    size_t cap = 0;
    const struct dirent *entry;
    for (errno = 0; (entry = readdir(dir)); errno = 0) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        level->names = xgrow(level->names, level->n, &cap, sizeof *level->names);
        level->names[level->n++] = (struct name){xstrdup(entry->d_name), entry->d_type};
    }
    return errno;
}

/* Goes down into the folder that the walk is at; 0 or an errno. */
static int push_level(struct walk *walk)
{
    /* Only the first one may be a link; any other that is one by now has been swapped in. */
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (walk->n > 0 ? O_NOFOLLOW : 0);
    int fd = open(walk->at, flags);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        int cause = errno;
        if (fd >= 0)
            (void)close(fd); /* nothing was written to it */
        return cause;
    }
    struct walk_level level = {.path = xstrdup(walk->at)};
    int cause = read_names(dir, &level);
    (void)closedir(dir); /* only read */
    if (cause != 0) {
        free_level(&level);
        return cause;
    }
    if (level.n > 0)
        qsort(level.names, level.n, sizeof *level.names, by_name);
    walk->levels = xgrow(walk->levels, walk->n, &walk->cap, sizeof *walk->levels);
    walk->levels[walk->n++] = level;
    return 0;
}

static enum walk_kind kind_of_mode(mode_t mode)
{
    return S_ISREG(mode) ? WALK_FILE : S_ISDIR(mode) ? WALK_FOLDER : WALK_OTHER;
}

/* What there is at walk->at; false if it has vanished. */
static bool look(const struct walk *walk, unsigned char type, struct walk_entry *entry)
{
    const char *slash = strrchr(walk->at, '/');
    *entry = (struct walk_entry){
        .path = walk->at, .leaf = slash ? slash + 1 : walk->at, .is_top = walk->n == 0};
    struct stat st;
    if (type == DT_REG || type == DT_DIR) {
        entry->kind = type == DT_REG ? WALK_FILE : WALK_FOLDER;
    } else if ((entry->is_top && stat(walk->at, &st) == 0) || lstat(walk->at, &st) == 0) {
        entry->kind = kind_of_mode(st.st_mode);
    } else {
        entry->kind = WALK_TROUBLE;
        entry->cause = errno;
    }
    return entry->cause != ENOENT;
}

/* Gives the folder that is done with a second time. */
static void leave(struct walk *walk, struct walk_entry *entry)
{
    struct walk_level *level = &walk->levels[--walk->n];
    free(walk->at);
    walk->at = level->path;
    level->path = NULL;
    free_level(level);
    (void)look(walk, DT_DIR, entry); /* of a known type nothing is asked */
    entry->kind = WALK_LEFT;
}

void walk_begin(struct walk *walk, const char *path)
{
    *walk = (struct walk){.top = xstrdup(path)};
}

bool walk_next(struct walk *walk, struct walk_entry *entry)
{
    if (!walk->begun) {
        walk->begun = true;
        walk->at = xstrdup(walk->top);
        bool is_there = look(walk, DT_UNKNOWN, entry);
        walk->descend = is_there && entry->kind == WALK_FOLDER;
        return is_there;
    }
    if (walk->descend) {
        walk->descend = false;
        int cause = push_level(walk);
        if (cause != 0 && cause != ENOENT) {
            (void)look(walk, DT_DIR, entry); /* as above */
            entry->kind = WALK_TROUBLE;
            entry->cause = cause;
            return true;
        }
    }
    while (walk->n > 0) {
        struct walk_level *level = &walk->levels[walk->n - 1];
        if (level->next == level->n) {
            leave(walk, entry);
            return true;
        }
        const struct name *name = &level->names[level->next++];
        free(walk->at);
        walk->at = xasprintf("%s/%s", level->path, name->leaf);
        if (look(walk, name->type, entry)) {
            walk->descend = entry->kind == WALK_FOLDER;
            return true;
        }
    }
    return false;
}

void walk_end(struct walk *walk)
{
    while (walk->n > 0)
        free_level(&walk->levels[--walk->n]);
    free(walk->levels);
    free(walk->at);
    free(walk->top);
}
