/*
 * What changed in annotations. See migration_internal.h.
 *
 * Annotations are compared as written out in a form where equal ones are equal bytes: so their
 * order, and that of their arguments, does not count.
 */
#include "common/xalloc.h"
#include "lang/migration_internal.h"

#include <stdlib.h>
#include <string.h>

/* Bounded: the parser bounds the nesting of lists. */
static void write_literal(const struct literal *value, struct buf *out)
{
    buf_printf(out, "%d:", (int)value->kind);
    switch (value->kind) {
    case LITERAL_NULL:
        break;
    case LITERAL_BOOL:
        buf_puts(out, value->boolean ? "true" : "false");
        break;
    case LITERAL_INT:
        buf_printf(out, "%lld", (long long)value->integer);
        break;
    case LITERAL_FLOAT:
        buf_printf(out, "%.17g", value->number);
        break;
    case LITERAL_LIST:
        buf_printf(out, "%zu[", value->count);
        for (size_t i = 0; i < value->count; i++)
            write_literal(&value->items[i], out);
        break;
    default:
        buf_printf(out, "%zu:%s", strlen(value->text), value->text);
    }
    buf_putc(out, ',');
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct texts {
    char **list;
    size_t count, cap;
};

static void texts_add(struct texts *texts, struct buf *text)
{
    texts->list = xgrow(texts->list, texts->count, &texts->cap, sizeof *texts->list);
    texts->list[texts->count++] = buf_detach(text);
}

static void texts_sort(struct texts *texts)
{
    if (texts->count)
        qsort(texts->list, texts->count, sizeof *texts->list, compare_texts);
}

static void texts_free(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->list[i]);
    free(texts->list);
}

static void write_arguments(const struct schema_annotation *a, struct buf *out)
{
    struct texts arguments = {NULL, 0, 0};
    for (size_t i = 0; i < a->argument_count; i++) {
        struct buf text = BUF_INIT;
        buf_printf(&text, "%s=", a->arguments[i].name);
        write_literal(&a->arguments[i].value, &text);
        texts_add(&arguments, &text);
    }
    texts_sort(&arguments);
    for (size_t i = 0; i < arguments.count; i++)
        buf_puts(out, arguments.list[i]);
    texts_free(&arguments);
}

/* Those that a change of is unsupported, sorted. renamed: where properties went, or NULL. */
static struct texts others(const struct schema_annotation *list, size_t count,
                           const struct matching *renamed)
{
    struct texts texts = {NULL, 0, 0};
    for (size_t i = 0; i < count; i++) {
        const struct schema_annotation *a = &list[i];
        struct buf text = BUF_INIT;
        if (strcmp(a->name, "description") == 0 || strcmp(a->name, "instruction") == 0 ||
            strcmp(a->name, "rename_from") == 0)
            continue;
        buf_printf(&text, "%s(", a->name);
        if (strcmp(a->name, "embed") == 0) { /* the source may be a string or a name */
            const char *source = renamed ? matching_successor(renamed, a->value.text) : NULL;
            buf_printf(&text, "%s;", source ? source : a->value.text);
        } else if (a->has_value) {
            write_literal(&a->value, &text);
        }
        write_arguments(a, &text);
        texts_add(&texts, &text);
    }
    texts_sort(&texts);
    return texts;
}

static bool same_others(const struct schema_annotation *old, size_t old_count,
                        const struct schema_annotation *new, size_t new_count,
                        const struct matching *renamed)
{
    struct texts a = others(old, old_count, renamed), b = others(new, new_count, NULL);
    bool same = a.count == b.count;
    for (size_t i = 0; same && i < a.count; i++)
        same = strcmp(a.list[i], b.list[i]) == 0;
    texts_free(&a);
    texts_free(&b);
    return same;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

void plan_type_annotations(struct plan *plan, const struct schema_type *old,
                           const struct schema_type *new)
{
    if (!same_text(old->description, new->description) ||
        !same_text(old->instruction, new->instruction))
        step_type_metadata(plan, new);
    if (!same_others(old->annotations, old->annotation_count, new->annotations,
                     new->annotation_count, NULL))
        step_unsupported(plan, new, NULL, NULL,
                         "only @description and @instruction of a type can change");
}

void plan_property_annotations(struct plan *plan, const struct schema_type *type,
                               const struct matching *properties, const struct schema_property *old,
                               const struct schema_property *new)
{
    if (!same_text(old->description, new->description))
        step_property_metadata(plan, type, new);
    if (!same_others(old->annotations, old->annotation_count, new->annotations,
                     new->annotation_count, properties))
        step_unsupported(plan, type, new->name, NULL,
                         "only the @description of a property can change");
}
