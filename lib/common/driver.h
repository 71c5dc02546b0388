/*
 * driver.h - calling a graph driver (cluster-driver(7) has the protocol).
 *
 * `sqlite` is the program cluster-graph, any other name X is cluster-graph-X; it is looked up
 * beside the running program, then in PATH.
 */
#ifndef CLUSTER_DRIVER_H
#define CLUSTER_DRIVER_H

#include "common/json.h"

#include <stdbool.h>

/* The exit statuses of the protocol. */
enum driver_status {
    DRIVER_OK = 0,
    DRIVER_FAILED = 1,      /* nothing moved */
    DRIVER_NO_GRAPH = 3,    /* there is no graph here */
    DRIVER_CANNOT_OPEN = 4, /* a root is here but cannot be opened */
    DRIVER_UNKNOWN =
        5, /* failed, and cannot say whether it moved; died by a signal; answered nonsense */
};

struct driver_answer {
    enum driver_status status;
    jv value;      /* the answer with its required fields, when status is DRIVER_OK; else invalid */
    char *message; /* why, when status is not DRIVER_OK */
};

/* A driver name is [A-Za-z0-9_-]+. */
bool driver_name_is_valid(const char *name);
/* The path of the driver's executable, to be freed; NULL if there is none. */
char *driver_find(const char *name);

/*
 * Each call runs the driver once. `root` is a plain path or an s3:// URI, `schema` the schema
 * source, `actor` may be NULL. What comes back is freed with driver_answer_clear(). init
 * {manifest_version, schema_digest} describe  {manifest_version, schema_digest, schema} plan
 * {supported, steps} apply     {supported, applied, manifest_version, steps}
 */
struct driver_answer driver_init(const char *driver, const char *root, const char *schema,
                                 size_t schema_len, const char *actor);
struct driver_answer driver_describe(const char *driver, const char *root);
struct driver_answer driver_plan(const char *driver, const char *root, const char *schema,
                                 size_t schema_len);
struct driver_answer driver_apply(const char *driver, const char *root, const char *schema,
                                  size_t schema_len, const char *actor);
void driver_answer_clear(struct driver_answer *answer);

#endif
