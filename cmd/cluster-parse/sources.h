/*
 * sources.h - the files that the configuration names, each read once.
 *
 *     struct sources sources;
 *     sources_init(&sources, directory);
 *     struct source_file *file = sources_read(&sources, "people.pg", &err);
 *     …
 *     sources_clear(&sources);
 *
 * A file is told by its real path, so that people.pg, ./people.pg and a symbolic link to it are
 * one. What was made of its text (a schema, queries, a bundle) is kept with it: a file that several
 * graphs use is compiled, and its faults are reported, once.
 */
#ifndef CLUSTER_PARSE_SOURCES_H
#define CLUSTER_PARSE_SOURCES_H

#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/json.h"
#include "lang/query.h"
#include "lang/schema.h"
#include "policy/policy.h"

#include <stdbool.h>

struct source_file {
    char *shown; /* the path as it was first written */
    struct buf text;
    struct digest digest; /* of the bytes */
    size_t bad_at;        /* offset of what is not UTF-8, text.len if all of it is */
    size_t used_by_graph; /* private to graph_queries.c: the last graph that took it, from 1 */
    bool bad_told;        /* what is not UTF-8 has been an error of sources_read() */
    bool schema_tried;
    struct schema *schema; /* NULL if broken */
    bool queries_tried;
    struct query_file *queries;
    const struct query **by_name; /* its declarations, sorted by name, then place */
    bool policy_tried;
    struct policy *policy; /* NULL if broken */
};

struct sources {
    const char *directory; /* that relative paths start from; borrowed */
    struct source_file **files;
    size_t n, cap;
    jv index; /* real path → index */
};

void sources_init(struct sources *sources, const char *directory);
void sources_clear(struct sources *sources);

/* The path as the system wants it. To be freed. */
char *sources_path(const struct sources *sources, const char *path);

/*
 * Reads a file, or gives the one that was read before. NULL with err set (code NULL: the caller
 * knows what the file was for) if it cannot be read. A file that is not UTF-8 has the code
 * source_not_utf8; its message starts with file:line:column; the second time it has no error at all
 * (err is not set), for that has been said.
 */
struct source_file *sources_read(struct sources *sources, const char *path, struct error *err);

/* Compiles or parses on first use. `path` is for the diagnostics. */
const struct schema *source_schema(struct source_file *file, const char *path, struct diags *diags);
const struct query_file *source_queries(struct source_file *file, const char *path,
                                        struct diags *diags);
const struct policy *source_policy(struct source_file *file, const char *path, struct diags *diags);

/* The declarations of a parsed file that have this name, and how many: *first and those after it in
 * by_name. */
size_t source_find_query(const struct source_file *file, const char *name,
                         const struct query *const **first);

/* As the languages want it. */
struct source source_for(const struct source_file *file, const char *path);

#endif
