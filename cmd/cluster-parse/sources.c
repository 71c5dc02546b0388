#include "sources.h"

#include "config.h"

#include "common/io.h"
#include "common/printable.h"
#include "common/utf8.h"
#include "common/xalloc.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

void sources_init(struct sources *sources, const char *directory)
{
    *sources = (struct sources){.directory = directory, .index = jv_object()};
}

static void free_file(struct source_file *file)
{
    free(file->shown);
    buf_free(&file->text);
    schema_free(file->schema);
    if (file->queries)
        query_file_free(file->queries);
    free(file->by_name);
    policy_free(file->policy);
    free(file);
}

void sources_clear(struct sources *sources)
{
    for (size_t i = 0; i < sources->n; i++)
        free_file(sources->files[i]);
    free(sources->files);
    jv_free(sources->index);
    *sources = (struct sources){0};
}

char *sources_path(const struct sources *sources, const char *path)
{
    return path[0] == '/' ? xstrdup(path) : xasprintf("%s/%s", sources->directory, path);
}

static bool cannot_read(const char *path, int cause, struct error *err)
{
    char *shown = printable(path);
    const char *why = cause == EINVAL  ? "it is no regular file"
                      : cause == EFBIG ? "it is larger than 64 MiB"
                                       : strerror(cause);
    error_set(err, NULL, "cannot read '%s': %s%s", shown, why,
              cause == ENOENT ? "; paths start from the directory of " CONFIG_FILE : "");
    free(shown);
    return false;
}

static bool not_utf8(const struct source_file *file, const char *shown, struct error *err)
{
    size_t line = 1, column = 1;
    for (size_t at = 0; at < file->bad_at; at++) {
        if (file->text.data[at] == '\n')
            line++, column = 1;
        else
            column += ((unsigned char)file->text.data[at] & 0xc0) != 0x80;
    }
    return error_set(err, "source_not_utf8",
                     "%s:%zu:%zu: byte 0x%02x is not UTF-8; save the file as UTF-8", shown, line,
                     column, (unsigned char)file->text.data[file->bad_at]);
}

static struct source_file *add_file(struct sources *sources, const char *real, const char *shown)
{
    struct source_file *file = xcalloc(1, sizeof *file);
    file->shown = printable(shown);
    sources->files = xgrow(sources->files, sources->n, &sources->cap, sizeof(struct source_file *));
    json_set_int(&sources->index, real, (int64_t)sources->n);
    sources->files[sources->n++] = file;
    return file;
}

static struct source_file *load(struct sources *sources, const char *real, const char *path,
                                struct error *err)
{
    int64_t known = json_peek_int(&sources->index, real, -1);
    if (known >= 0)
        return sources->files[known];
    struct buf text = BUF_INIT;
    if (!io_read_file(real, IO_MAX_SOURCE, &text, NULL)) {
        cannot_read(path, errno, err);
        buf_free(&text);
        return NULL;
    }
    struct source_file *file = add_file(sources, real, path);
    file->text = text;
    file->digest = digest_of(text.data, text.len);
    file->bad_at = utf8_check(text.data, text.len);
    return file;
}

struct source_file *sources_read(struct sources *sources, const char *path, struct error *err)
{
    char *full = sources_path(sources, path);
    char *real = realpath(full, NULL);
    struct source_file *file = NULL;
    if (real)
        file = load(sources, real, path, err);
    else
        cannot_read(path, errno, err);
    if (file && file->bad_at < file->text.len) {
        if (!file->bad_told)
            not_utf8(file, file->shown, err);
        file->bad_told = true;
        file = NULL;
    }
    free(real);
    free(full);
    return file;
}

struct source source_for(const struct source_file *file, const char *path)
{
    return (struct source){
        .file = file->shown, .text = buf_text(&file->text), .len = file->text.len, .path = path};
}

const struct schema *source_schema(struct source_file *file, const char *path, struct diags *diags)
{
    if (!file->schema_tried) {
        struct source src = source_for(file, path);
        file->schema = schema_compile(&src, diags);
        file->schema_tried = true;
    }
    return file->schema;
}

const struct policy *source_policy(struct source_file *file, const char *path, struct diags *diags)
{
    if (!file->policy_tried) {
        file->policy =
            policy_parse(file->shown, buf_text(&file->text), file->text.len, path, diags);
        file->policy_tried = true;
    }
    return file->policy;
}

static int compare_queries(const void *left, const void *right)
{
    const struct query *a = *(const struct query *const *)left;
    const struct query *b = *(const struct query *const *)right;
    int order = strcmp(a->name.text, b->name.text);
    return order ? order : (a->name.at.offset > b->name.at.offset) ? 1 : -1;
}

static void sort_queries(struct source_file *file)
{
    file->by_name = xcalloc(file->queries->count + 1, sizeof(struct query *));
    size_t n = 0;
    for (const struct query *q = file->queries->first; q; q = q->next)
        file->by_name[n++] = q;
    if (n > 1)
        qsort(file->by_name, n, sizeof(struct query *), compare_queries);
}

const struct query_file *source_queries(struct source_file *file, const char *path,
                                        struct diags *diags)
{
    if (!file->queries_tried) {
        struct source src = source_for(file, path);
        file->queries = query_file_parse(&src, diags);
        file->queries_tried = true;
        sort_queries(file);
    }
    return file->queries;
}

size_t source_find_query(const struct source_file *file, const char *name,
                         const struct query *const **first)
{
    size_t low = 0, high = file->queries->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (strcmp(file->by_name[mid]->name.text, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *first = file->by_name + low;
    size_t n = 0;
    while (low + n < file->queries->count && strcmp((*first)[n]->name.text, name) == 0)
        n++;
    return n;
}
