/*
 * config.h - cluster.yaml, read and checked as far as it can be without another file.
 *
 *     struct config config;
 *     config_read(text, len, &config, &diags);
 *     … config.graphs, config.policies …
 *     config_clear(&config);
 *
 * Everything that is wrong is reported, and what is right can still be used: so that one run
 * reports the faults of the files that the configuration names, too. Graphs and policies come in
 * file order. Strings and nodes belong to the YAML tree inside.
 */
#ifndef CLUSTER_PARSE_CONFIG_H
#define CLUSTER_PARSE_CONFIG_H

#include "common/diag.h"
#include "common/yaml.h"

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_FILE "cluster.yaml"

/* One entry of `queries` in its map form: a declaration picked by name. */
struct config_pick {
    const char *name;
    bool valid; /* the name can be part of an address */
    const struct yaml_pair *at;
    const struct yaml_node *file; /* NULL if missing or broken */
};

struct config_graph {
    const char *id;
    bool valid;                       /* the id can be part of an address */
    char *place;                      /* graphs.<id>, for diagnostics */
    const struct yaml_node *schema;   /* NULL if missing or broken */
    const struct yaml_node **queries; /* files and directories; NULL: broken */
    size_t n_queries;
    bool queries_is_list; /* so that a place says queries[i] */
    struct config_pick *picks;
    size_t n_picks;
};

struct config_policy {
    const char *name;
    bool valid;
    char *place;                  /* policies.<name> */
    const struct yaml_node *file; /* NULL if missing or broken */
    char **applies_to; /* "cluster" or "graph.<id>", sorted, each once; only what is declared */
    size_t n_applies_to;
    bool applies_to_is_sound; /* no entry was left out */
};

struct config {
    struct yaml *yaml;
    const char *name;                /* metadata.name, or NULL */
    const struct yaml_node *storage; /* a string, or NULL */
    const struct yaml_node *driver;  /* a string, or NULL */
    bool lock;                       /* state.lock */
    struct config_graph *graphs;
    size_t n_graphs;
    struct config_policy *policies;
    size_t n_policies;
};

/* Always leaves out usable (with nothing in it, if the text is no YAML). */
void config_read(const char *text, size_t len, struct config *out, struct diags *diags);
void config_clear(struct config *config);

/* The canonical value that config.digest starts with: everything that is configured, defaults
 * filled in, no comments, no layout. `storage` is the location with its trailing slashes gone. */
jv config_to_json(const struct config *config);

/* Reports at a node or key: the message starts with cluster.yaml:line:column. `place` may be NULL:
 * the diagnostic's path is then that position. */
void config_error(struct diags *diags, const char *code, size_t line, size_t column,
                  const char *place, const char *format, ...) __attribute__((format(printf, 6, 7)));
void config_warning(struct diags *diags, const char *code, size_t line, size_t column,
                    const char *place, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

#endif
