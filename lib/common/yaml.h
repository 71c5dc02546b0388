/*
 * yaml.h - reads one YAML document into a tree of nodes with positions (libyaml underneath).
 *
 *     struct yaml *yaml = yaml_parse(text, len);
 *     for (size_t i = 0; i < yaml->n_problems; i++)
 *         … yaml->problems[i] …
 *     if (yaml->root)
 *         … walk it …
 *     yaml_drop(yaml);
 *
 * Scalars follow the core schema of YAML 1.2.2 (section 10.3): only plain ones can be something
 * else than a string, so `version: "1"` is a string and `no` is one too. `<<` is a key like any
 * other. A string that holds a NUL is refused, so text can be used as a C string.
 *
 * Problems are values. Duplicate keys, tags and keys that are no strings leave the tree usable
 * (the first of two equal keys wins; a pair with a wrong key is left out), so that a caller can
 * report everything in one run; anything else leaves no tree.
 *
 * Anchors and aliases work: an aliased node appears in several places. So the tree is a shared
 * graph without cycles; what it would amount to when written out is bounded (YAML_MAX_EXPANSION),
 * as are its depth and the number of its nodes: walking it cannot hang.
 */
#ifndef CLUSTER_YAML_H
#define CLUSTER_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    YAML_MAX_DEPTH = 64,
    YAML_MAX_NODES = 1000000,
    YAML_MAX_EXPANSION = 16 * 1024 * 1024 /* bytes that aliases may add, about */
};

enum yaml_kind { YAML_NULL, YAML_BOOL, YAML_INT, YAML_FLOAT, YAML_STRING, YAML_LIST, YAML_MAP };

struct yaml_pair;

/* Lines and columns count from 1, columns in characters. An alias has the place of the alias. */
struct yaml_node {
    enum yaml_kind kind;
    size_t line, column;
    const char *text;                /* of a scalar, unescaped, NUL-terminated; else NULL */
    bool boolean;                    /* YAML_BOOL */
    int64_t integer;                 /* YAML_INT; one beyond int64_t is the nearest end of it */
    size_t n;                        /* of items or pairs */
    const struct yaml_node **items;  /* YAML_LIST */
    const struct yaml_pair **pairs;  /* YAML_MAP, in file order, every key once */
    const struct yaml_pair **by_key; /* the same, sorted by key (bytewise) */
    size_t weight;                   /* private: about the bytes it stands for */
    bool shared;                     /* private: an alias, which owns nothing */
};

struct yaml_pair {
    const char *key;
    size_t line, column; /* of the key */
    const struct yaml_node *value;
};

enum yaml_fault { YAML_MALFORMED, YAML_DUPLICATE_KEY, YAML_NOT_UTF8 };

struct yaml_problem {
    enum yaml_fault fault;
    size_t line, column;
    char *message; /* without the position */
};

struct yaml {
    const struct yaml_node *root; /* NULL if there is no tree */
    struct yaml_problem *problems;
    size_t n_problems;
    struct yaml_node **nodes; /* private: every node, to free them */
    size_t n_nodes;
};

/* Never NULL. `text` is not kept. An empty document is a YAML_NULL at 1:1. */
struct yaml *yaml_parse(const char *text, size_t len);
/* Frees it. (libyaml has a function of its own named yaml_free.) */
void yaml_drop(struct yaml *yaml);

/* The pair of a map that has this key, or NULL; NULL too if node is no map. Logarithmic. */
const struct yaml_pair *yaml_find(const struct yaml_node *node, const char *key);
/* Its value, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key);

/* "null", "a boolean", "an integer", "a number", "a string", "a list", "a mapping". */
const char *yaml_kind_name(enum yaml_kind kind);

/*
 * What to say about a key that is not among `allowed` (which ends with NULL): names it, the
 * nearest spelling and the keys allowed. To be freed.
 */
char *yaml_unknown_key(const char *key, const char *const *allowed);
/* True if a key of the map that is not allowed is said to mean `key`: that `key` is missing needs
 * no message of its own then. */
bool yaml_is_misspelt(const struct yaml_node *map, const char *key, const char *const *allowed);

#endif
