#include "common/yaml_map.h"

#include "common/buf.h"
#include "common/printable.h"
#include "common/suggest.h"
#include "common/xalloc.h"
#include "common/yaml_text.h"

#include <stdlib.h>
#include <string.h>

static bool comes_before(const struct yaml_pair *a, const struct yaml_pair *b)
{
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

static int compare(const void *left, const void *right)
{
    const struct yaml_pair *a = *(const struct yaml_pair *const *)left;
    const struct yaml_pair *b = *(const struct yaml_pair *const *)right;
    int order = strcmp(a->key, b->key);
    return order ? order : comes_before(a, b) ? -1 : 1;
}

static void report(struct yaml *yaml, const struct yaml_pair *first, const struct yaml_pair *again)
{
    char *key = printable(again->key);
    yaml_problem_add(yaml, YAML_DUPLICATE_KEY, again->line, again->column,
                     "the key '%s' is given twice in one mapping, on line %zu and again on line "
                     "%zu; remove one",
                     key, first->line, again->line);
    free(key);
}

/* The pair that keeps its place among those of one key: the first of them. */
static const struct yaml_pair *keeper(const struct yaml_node *map, const struct yaml_pair *pair)
{
    return yaml_find(map, pair->key);
}

void yaml_map_finish(struct yaml *yaml, struct yaml_node *map)
{
    if (map->n == 0)
        return;
    map->by_key = xreallocarray(NULL, map->n, sizeof(struct yaml_pair *));
    memcpy(map->by_key, map->pairs, map->n * sizeof(struct yaml_pair *));
    qsort(map->by_key, map->n, sizeof(struct yaml_pair *), compare);
    size_t all = map->n, kept = 0;
    for (size_t i = 0; i < all; i++) {
        if (kept > 0 && strcmp(map->by_key[kept - 1]->key, map->by_key[i]->key) == 0)
            report(yaml, map->by_key[kept - 1], map->by_key[i]);
        else
            map->by_key[kept++] = map->by_key[i];
    }
    map->n = kept;
    if (kept == all)
        return;
    size_t n = 0;
    for (size_t i = 0; i < all; i++) {
        const struct yaml_pair *pair = map->pairs[i];
        if (keeper(map, pair) == pair)
            map->pairs[n++] = pair;
        else
            free((void *)pair);
    }
}

const struct yaml_pair *yaml_find(const struct yaml_node *node, const char *key)
{
    if (!node || node->kind != YAML_MAP)
        return NULL;
    size_t low = 0, high = node->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(node->by_key[mid]->key, key);
        if (order == 0)
            return node->by_key[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key)
{
    const struct yaml_pair *pair = yaml_find(node, key);
    return pair ? pair->value : NULL;
}

/* The allowed key that was meant, or NULL. */
static const char *nearest(const char *key, const char *const *allowed)
{
    struct suggestion near;
    suggest_begin(&near, key);
    for (size_t i = 0; allowed[i]; i++)
        suggest_offer(&near, allowed[i]);
    return suggest_best(&near);
}

static bool is_among(const char *key, const char *const *allowed)
{
    for (size_t i = 0; allowed[i]; i++)
        if (strcmp(allowed[i], key) == 0)
            return true;
    return false;
}

bool yaml_is_misspelt(const struct yaml_node *map, const char *key, const char *const *allowed)
{
    if (map->kind != YAML_MAP)
        return false;
    for (size_t i = 0; i < map->n; i++) {
        const char *given = map->pairs[i]->key;
        const char *meant = is_among(given, allowed) ? NULL : nearest(given, allowed);
        if (meant && strcmp(meant, key) == 0)
            return true;
    }
    return false;
}

char *yaml_unknown_key(const char *key, const char *const *allowed)
{
    const char *meant = nearest(key, allowed);
    struct buf text = BUF_INIT;
    char *shown = printable(key);
    buf_printf(&text, "unknown key '%s'", shown);
    if (meant)
        buf_printf(&text, "; did you mean '%s'?", meant);
    buf_printf(&text, "%s allowed here: ", meant ? "" : ";");
    for (size_t i = 0; allowed[i]; i++)
        buf_printf(&text, "%s%s", i ? ", " : "", allowed[i]);
    free(shown);
    return buf_detach(&text);
}
