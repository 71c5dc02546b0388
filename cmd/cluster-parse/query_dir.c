#include "query_dir.h"

#include "common/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_query_file(const char *name)
{
    size_t len = strlen(name);
    return name[0] != '.' && len > 3 && strcmp(name + len - 3, ".gq") == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool query_dir_list(const char *path, struct query_dir *out)
{
    *out = (struct query_dir){0};
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    size_t cap = 0;
    struct dirent *entry;
    while (errno = 0, (entry = readdir(dir)) != NULL) {
        if (!is_query_file(entry->d_name))
            continue;
        out->names = xgrow(out->names, out->n, &cap, sizeof *out->names);
        out->names[out->n++] = xstrdup(entry->d_name);
    }
    int cause = errno;
    closedir(dir);
    if (cause) {
        query_dir_clear(out);
        errno = cause;
        return false;
    }
    if (out->n > 1)
        qsort(out->names, out->n, sizeof *out->names, compare_names);
    return true;
}

void query_dir_clear(struct query_dir *dir)
{
    for (size_t i = 0; i < dir->n; i++)
        free(dir->names[i]);
    free(dir->names);
    *dir = (struct query_dir){0};
}
