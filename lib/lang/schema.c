#include "lang/schema.h"

#include "common/xalloc.h"
#include "lang/pg_internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *schema_kind_name(enum schema_kind kind)
{
    static const char *const names[] = {
        [SCHEMA_INTERFACE] = "interface", [SCHEMA_NODE] = "node", [SCHEMA_EDGE] = "edge"};
    return names[kind];
}

static int compare_type_name(const void *name, const void *element)
{
    return strcmp(name, (*(const struct schema_type *const *)element)->name);
}

static int compare_folded_name(const void *name, const void *element)
{
    return strcasecmp(name, (*(const struct schema_type *const *)element)->name);
}

static int compare_folded(const void *a, const void *b)
{
    return compare_folded_name((*(const struct schema_type *const *)a)->name, b);
}

static int compare_property_name(const void *name, const void *element)
{
    return strcmp(name, (*(const struct schema_property *const *)element)->name);
}

/* From the drafts, whose lists go away. */
static void fill_kind(struct pg_file *file, enum schema_kind kind)
{
    struct schema_kind_list *list = &file->schema->kinds[kind];
    list->count = file->by_name[kind].count;
    list->list = arena_array(&file->schema->arena, list->count, sizeof(void *));
    list->sorted = arena_array(&file->schema->arena, list->count, sizeof(void *));
    size_t n = 0;
    for (size_t i = 0; i < file->drafts.count; i++) {
        const struct pg_draft *draft = file->drafts.items[i];
        if (draft->type->kind == kind)
            list->list[n++] = draft->type;
    }
    for (size_t i = 0; i < list->count; i++)
        list->sorted[i] = ((const struct pg_draft *)file->by_name[kind].items[i])->type;
}

static void fill(struct pg_file *file)
{
    struct schema *schema = file->schema;
    for (enum schema_kind kind = SCHEMA_INTERFACE; kind <= SCHEMA_EDGE; kind++)
        fill_kind(file, kind);
    const struct schema_kind_list *edges = &schema->kinds[SCHEMA_EDGE];
    schema->folded_edges = arena_copy(&schema->arena, edges->sorted, edges->count, sizeof(void *));
    if (edges->count)
        qsort(schema->folded_edges, edges->count, sizeof(void *), compare_folded);
}

struct schema *schema_compile(const struct source *src, struct diags *diags)
{
    struct schema *schema = xcalloc(1, sizeof *schema);
    struct pg_file file = {.schema = schema};
    if (parser_begin(&file.p, src, &schema->arena, diags, PG_PARSE_ERROR)) {
        pg_parse(&file);
        catalog_build(&file);
    }
    if (file.p.errs.errors == 0) {
        fill(&file);
    } else {
        schema_free(schema);
        schema = NULL;
    }
    pg_file_free(&file);
    return schema;
}

void schema_free(struct schema *schema)
{
    if (!schema)
        return;
    arena_free(&schema->arena);
    free(schema);
}

const struct schema_type *const *schema_types(const struct schema *schema, enum schema_kind kind,
                                              size_t *count)
{
    *count = schema->kinds[kind].count;
    return schema->kinds[kind].list;
}

static const void *find(const void *name, const void *list, size_t count,
                        int (*compare)(const void *, const void *))
{
    const void *const *found = count ? bsearch(name, list, count, sizeof(void *), compare) : NULL;
    return found ? *found : NULL;
}

const struct schema_type *schema_find(const struct schema *schema, enum schema_kind kind,
                                      const char *name)
{
    const struct schema_kind_list *list = &schema->kinds[kind];
    return find(name, list->sorted, list->count, compare_type_name);
}

const struct schema_type *schema_find_edge_folded(const struct schema *schema, const char *name)
{
    return find(name, schema->folded_edges, schema->kinds[SCHEMA_EDGE].count, compare_folded_name);
}

const struct schema_property *schema_type_property(const struct schema_type *type, const char *name)
{
    return find(name, type->by_name, type->property_count, compare_property_name);
}
