#include "common/yaml.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/printable.h"
#include "common/xalloc.h"
#include "common/yaml_map.h"
#include "common/yaml_scalar.h"
#include "common/yaml_text.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A list or mapping that is still open. */
struct frame {
    struct yaml_node *node;
    size_t cap;
    struct yaml_node *key; /* of a mapping: read, its value not yet */
};

struct builder {
    struct yaml *yaml;
    size_t nodes_cap;
    struct frame frames[YAML_MAX_DEPTH];
    size_t depth;
    jv anchors;         /* name → index into yaml->nodes */
    size_t by_aliases;  /* weight that aliases added so far */
    size_t n_documents; /* begun */
    struct yaml_node *root;
};

void yaml_problem_add(struct yaml *yaml, enum yaml_fault fault, size_t line, size_t column,
                      const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    yaml->problems = xreallocarray(yaml->problems, yaml->n_problems + 1, sizeof *yaml->problems);
    yaml->problems[yaml->n_problems++] =
        (struct yaml_problem){fault, line, column, xvasprintf(format, ap)};
    va_end(ap);
}

/* A fault that ends the reading. Always false. */
static bool refuse(struct builder *b, const yaml_mark_t *mark, const char *message)
{
    yaml_problem_add(b->yaml, YAML_MALFORMED, mark->line + 1, mark->column + 1, "%s", message);
    return false;
}

static struct yaml_node *new_node(struct builder *b, enum yaml_kind kind, const yaml_mark_t *mark)
{
    struct yaml *yaml = b->yaml;
    if (yaml->n_nodes == YAML_MAX_NODES) {
        refuse(b, mark, "the file holds more than a million values");
        return NULL;
    }
    struct yaml_node *node = xcalloc(1, sizeof *node);
    node->kind = kind;
    node->line = mark->line + 1;
    node->column = mark->column + 1;
    node->weight = sizeof(void *) * 2;
    yaml->nodes = xgrow(yaml->nodes, yaml->n_nodes, &b->nodes_cap, sizeof(struct yaml_node *));
    yaml->nodes[yaml->n_nodes++] = node;
    return node;
}

static void set_anchor(struct builder *b, const unsigned char *anchor)
{
    if (anchor)
        json_set_int(&b->anchors, (const char *)anchor, (int64_t)b->yaml->n_nodes - 1);
}

/* What a mapping may have for a key: a string. Else reports it, and the pair is left out. */
static bool key_is_string(struct builder *b, const struct yaml_node *key)
{
    if (key->kind == YAML_STRING)
        return true;
    char *shown = printable(key->text ? key->text : "");
    bool quotable = key->text && *key->text;
    yaml_problem_add(b->yaml, YAML_MALFORMED, key->line, key->column,
                     "a key must be a string, this one is %s%s%s%s", yaml_kind_name(key->kind),
                     quotable ? "; write \"" : "", quotable ? shown : "", quotable ? "\"" : "");
    free(shown);
    return false;
}

static void add_pair(struct builder *b, struct frame *frame, const struct yaml_node *value)
{
    const struct yaml_node *key = frame->key;
    frame->key = NULL;
    if (!key_is_string(b, key))
        return;
    struct yaml_node *map = frame->node;
    struct yaml_pair *pair = xmalloc(sizeof *pair);
    *pair = (struct yaml_pair){key->text, key->line, key->column, value};
    map->pairs = xgrow(map->pairs, map->n, &frame->cap, sizeof(struct yaml_pair *));
    map->pairs[map->n++] = pair;
    map->weight += key->weight + value->weight;
}

/* Puts a node that is complete where it belongs. */
static void attach(struct builder *b, struct yaml_node *node)
{
    if (b->depth == 0) {
        b->root = node;
        return;
    }
    struct frame *frame = &b->frames[b->depth - 1];
    if (frame->node->kind == YAML_LIST) {
        struct yaml_node *list = frame->node;
        list->items = xgrow(list->items, list->n, &frame->cap, sizeof(struct yaml_node *));
        list->items[list->n++] = node;
        list->weight += node->weight;
    } else if (frame->key) {
        add_pair(b, frame, node);
    } else {
        frame->key = node;
    }
}

static bool on_scalar(struct builder *b, const yaml_event_t *event)
{
    const unsigned char *value = event->data.scalar.value;
    size_t len = event->data.scalar.length;
    struct yaml_node *node = new_node(b, YAML_STRING, &event->start_mark);
    if (!node)
        return false;
    if (memchr(value, '\0', len))
        return refuse(b, &event->start_mark, "a string may not hold a NUL character");
    node->text = xstrndup((const char *)value, len);
    node->weight += len;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        yaml_resolve_plain(node);
    set_anchor(b, event->data.scalar.anchor);
    attach(b, node);
    return true;
}

static bool on_start(struct builder *b, const yaml_event_t *event, enum yaml_kind kind,
                     const unsigned char *anchor)
{
    struct yaml_node *node = new_node(b, kind, &event->start_mark);
    if (!node)
        return false;
    if (b->depth == YAML_MAX_DEPTH)
        return refuse(b, &event->start_mark, "nested deeper than 64 levels");
    set_anchor(b, anchor);
    b->frames[b->depth++] = (struct frame){.node = node};
    return true;
}

static void on_end(struct builder *b)
{
    if (b->depth == 0)
        return; /* no end comes without its start */
    struct yaml_node *node = b->frames[--b->depth].node;
    if (node->kind == YAML_MAP)
        yaml_map_finish(b->yaml, node);
    attach(b, node);
}

static bool is_open(const struct builder *b, const struct yaml_node *node)
{
    for (size_t i = 0; i < b->depth; i++)
        if (b->frames[i].node == node)
            return true;
    return false;
}

static bool on_alias(struct builder *b, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    int64_t index = json_peek_int(&b->anchors, name, -1);
    if (index < 0)
        return refuse(b, &event->start_mark, "this alias names no anchor above it");
    struct yaml_node *target = b->yaml->nodes[index];
    if (is_open(b, target))
        return refuse(b, &event->start_mark, "this alias stands inside what it names");
    b->by_aliases += target->weight;
    if (b->by_aliases > YAML_MAX_EXPANSION)
        return refuse(b, &event->start_mark,
                      "the aliases amount to more than 16 MiB when written out");
    struct yaml_node *node = new_node(b, target->kind, &event->start_mark);
    if (!node)
        return false;
    size_t line = node->line, column = node->column;
    *node = *target;
    node->shared = true;
    node->line = line;
    node->column = column;
    attach(b, node);
    return true;
}

static bool on_event(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++b->n_documents > 1)
            return refuse(b, &event->start_mark,
                          "a second document starts here; only one is taken");
        return true;
    case YAML_SCALAR_EVENT:
        return on_scalar(b, event);
    case YAML_ALIAS_EVENT:
        return on_alias(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(b, event, YAML_LIST, event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return on_start(b, event, YAML_MAP, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_end(b);
        return true;
    default:
        return true;
    }
}

/* What libyaml found. Its words never repeat the file's content. */
static void report_parser_error(struct builder *b, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        die_out_of_memory();
    const char *problem = parser->problem ? parser->problem : "this is no YAML";
    const yaml_mark_t *mark = &parser->problem_mark;
    if (parser->context)
        yaml_problem_add(b->yaml, YAML_MALFORMED, mark->line + 1, mark->column + 1,
                         "%s (%s that starts on line %zu)", problem, parser->context,
                         parser->context_mark.line + 1);
    else
        yaml_problem_add(b->yaml, YAML_MALFORMED, mark->line + 1, mark->column + 1, "%s", problem);
}

static bool build(struct builder *b, const char *text, size_t len)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        die_out_of_memory();
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    bool ok = true, more = true;
    while (ok && more) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            report_parser_error(b, &parser);
            ok = false;
        } else {
            ok = on_event(b, &event);
            more = event.type != YAML_STREAM_END_EVENT;
            yaml_event_delete(&event);
        }
    }
    yaml_parser_delete(&parser);
    return ok;
}

struct yaml *yaml_parse(const char *text, size_t len)
{
    struct yaml *yaml = xcalloc(1, sizeof *yaml);
    if (!yaml_check_characters(yaml, text, len))
        return yaml;
    struct builder b = {.yaml = yaml, .anchors = jv_object()};
    if (build(&b, text, len)) {
        if (!b.root) {
            b.root = new_node(&b, YAML_NULL, &(yaml_mark_t){0});
            b.root->text = xstrdup("");
        }
        yaml->root = b.root;
        yaml_check_tags(yaml, text, len);
    }
    jv_free(b.anchors);
    return yaml;
}

static void free_node(struct yaml_node *node)
{
    if (!node->shared) {
        free((void *)node->text);
        for (size_t i = 0; node->kind == YAML_MAP && i < node->n; i++)
            free((void *)node->pairs[i]);
        free(node->items);
        free(node->pairs);
        free(node->by_key);
    }
    free(node);
}

void yaml_drop(struct yaml *yaml)
{
    if (!yaml)
        return;
    for (size_t i = 0; i < yaml->n_nodes; i++)
        free_node(yaml->nodes[i]);
    for (size_t i = 0; i < yaml->n_problems; i++)
        free(yaml->problems[i].message);
    free(yaml->nodes);
    free(yaml->problems);
    free(yaml);
}

const char *yaml_kind_name(enum yaml_kind kind)
{
    static const char *const names[] = {"null",     "a boolean", "an integer", "a number",
                                        "a string", "a list",    "a mapping"};
    return names[kind];
}
