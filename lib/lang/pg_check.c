/* The rules inside one declaration that look at its properties. See pg_internal.h. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "common/xalloc.h"
#include "lang/pg_internal.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

static bool is_scalar_string(const struct property_type *type)
{
    return type->scalar == SCALAR_STRING && !type->list;
}

static const char *property_hint(struct pg_file *file, const struct schema_type *type,
                                 const char *name)
{
    struct suggestion near;
    suggest_begin(&near, name);
    if (type->property_count <= PG_SUGGEST_MAX)
        for (size_t i = 0; i < type->property_count; i++)
            suggest_offer(&near, type->properties[i]->name);
    return parser_hint(&file->p, &near);
}

/* Why a constraint of this kind cannot name a property of this type, or NULL if it can. */
static const char *misfit(enum constraint_kind kind, const struct property_type *type)
{
    bool blob = type->scalar == SCALAR_BLOB, vector = type->scalar == SCALAR_VECTOR;
    switch (kind) {
    case CONSTRAINT_KEY:
        if (type->nullable)
            return "cannot name a nullable property";
        return type->list || vector || blob ? "cannot name a list, vector or blob" : NULL;
    case CONSTRAINT_UNIQUE:
        return type->list || vector || blob ? "cannot name a list, vector or blob" : NULL;
    case CONSTRAINT_INDEX:
        return type->list || blob ? "cannot name a list or blob" : NULL;
    case CONSTRAINT_RANGE:
        return type->list || !scalar_is_number(type->scalar) ? "needs a number" : NULL;
    default:
        return !is_scalar_string(type) || type->word_count ? "needs a String" : NULL;
    }
}

static void check_pattern(struct pg_file *file, const struct schema_constraint *constraint)
{
    int code;
    PCRE2_SIZE offset;
    PCRE2_UCHAR reason[256];
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)constraint->pattern, PCRE2_ZERO_TERMINATED,
                                         PCRE2_UTF, &code, &offset, NULL);
    if (compiled) {
        pcre2_code_free(compiled);
        return;
    }
    pcre2_get_error_message(code, reason, sizeof reason);
    pg_error(file, constraint->at, "the pattern of @check does not compile: %s, at byte %zu of it",
             (const char *)reason, (size_t)offset);
}

static void check_name(struct pg_file *file, const struct pg_draft *draft,
                       const struct schema_constraint *constraint, const char *name)
{
    const struct schema_type *type = draft->type;
    if (type->kind == SCHEMA_EDGE && (strcmp(name, "src") == 0 || strcmp(name, "dst") == 0))
        return;
    const struct schema_property *property = schema_type_property(type, name);
    if (!property) {
        if (!draft->unsure)
            pg_error(file, constraint->at, "@%s names \"%s\", which %s %s does not have%s",
                     schema_constraint_name(constraint->kind), name, schema_kind_name(type->kind),
                     type->name, property_hint(file, type, name));
        return;
    }
    const char *reason = misfit(constraint->kind, &property->type);
    if (reason) {
        char *text = property_type_text(&property->type);
        struct buf shown = BUF_INIT;
        source_clean(&shown, text, strlen(text), 60);
        pg_error(file, constraint->at, "@%s %s, and %s is %s",
                 schema_constraint_name(constraint->kind), reason, name, buf_text(&shown));
        buf_free(&shown);
        free(text);
    }
}

/* Each name once: what is named twice is one error. */
static void check_names(struct pg_file *file, const struct pg_draft *draft,
                        const struct schema_constraint *constraint)
{
    const char *const *names = constraint->sorted_names;
    size_t next;
    for (size_t i = 0; i < constraint->name_count; i = next) {
        next = i + 1;
        while (next < constraint->name_count && strcmp(names[i], names[next]) == 0)
            next++;
        if (next > i + 1)
            pg_error(file, constraint->at, "@%s names \"%s\" twice",
                     schema_constraint_name(constraint->kind), names[i]);
        check_name(file, draft, constraint, names[i]);
    }
}

static void check_constraint(struct pg_file *file, const struct pg_draft *draft,
                             const struct schema_constraint *constraint)
{
    const char *name = schema_constraint_name(constraint->kind);
    if (draft->type->kind == SCHEMA_EDGE && constraint->kind != CONSTRAINT_UNIQUE &&
        constraint->kind != CONSTRAINT_INDEX) {
        pg_error(file, constraint->at, "an edge has only @unique and @index, no @%s", name);
        return;
    }
    check_names(file, draft, constraint);
    if (constraint->kind == CONSTRAINT_RANGE && constraint->min.present &&
        constraint->max.present && schema_bound_compare(&constraint->min, &constraint->max) > 0)
        pg_error(file, constraint->at, "@range has a minimum above its maximum");
    if (constraint->kind == CONSTRAINT_CHECK)
        check_pattern(file, constraint);
}

static void check_embed(struct pg_file *file, const struct pg_draft *draft,
                        const struct schema_property *property)
{
    const char *name = property->embed_source;
    const struct schema_property *source = schema_type_property(draft->type, name);
    if (!source && !draft->unsure)
        pg_error(file, property->at, "the source of @embed, \"%s\", is no property of %s%s", name,
                 draft->type->name, property_hint(file, draft->type, name));
    else if (source && !is_scalar_string(&source->type))
        pg_error(file, property->at, "the source of @embed must be a String, and %s is none", name);
}

static void check_property(struct pg_file *file, const struct pg_draft *draft,
                           const struct schema_property *property)
{
    static const char *const ends[] = {"src", "dst", "from", "to"};
    const struct schema_type *type = draft->type;
    if (strcmp(property->name, "id") == 0 &&
        (!type->key || type->key->name_count != 1 || strcmp(type->key->names[0], "id") != 0))
        pg_error(file, property->at,
                 type->kind == SCHEMA_EDGE
                     ? "an edge cannot have a property \"id\"; give it another name"
                     : "a property \"id\" must be the only @key; give it another name, or @key");
    for (size_t i = 0; type->kind == SCHEMA_EDGE && i < sizeof ends / sizeof ends[0]; i++)
        if (strcmp(property->name, ends[i]) == 0)
            pg_error(file, property->at, "\"%s\" is an end of the edge and cannot be a property",
                     ends[i]);
    if (property->embed_source)
        check_embed(file, draft, property);
}

static void check_twice(struct pg_file *file, const struct schema_type *type)
{
    for (size_t i = 1; i < type->property_count; i++) {
        const struct schema_property *a = type->by_name[i - 1], *b = type->by_name[i];
        if (strcmp(a->name, b->name) == 0)
            pg_error(file, b->at, "%s has a property \"%s\" already, on line %u", type->name,
                     b->name, a->at.line);
    }
}

static void check_keys(struct pg_file *file, const struct pg_draft *draft)
{
    const struct schema_constraint *first = NULL;
    for (size_t i = 0; i < draft->constraints.count; i++) {
        const struct schema_constraint *c = draft->constraints.items[i];
        if (c->kind != CONSTRAINT_KEY || c->inherited_from)
            continue;
        if (first)
            pg_error(file, c->at, "%s has a @key already, on line %u", draft->type->name,
                     first->at.line);
        else
            first = c;
    }
}

void pg_check(struct pg_file *file, struct pg_draft *draft)
{
    check_twice(file, draft->type);
    for (size_t i = 0; i < draft->own.count; i++)
        check_property(file, draft, draft->own.items[i]);
    check_keys(file, draft);
    for (size_t i = 0; i < draft->constraints.count; i++) {
        const struct schema_constraint *constraint = draft->constraints.items[i];
        if (!constraint->inherited_from)
            check_constraint(file, draft, constraint);
    }
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct placed {
    const struct schema_constraint *constraint;
    size_t place;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    int order = schema_constraint_compare(x->constraint, y->constraint);
    return order ? order : x->place < y->place ? -1 : x->place > y->place;
}

void pg_constraints_finish(struct pg_file *file, struct pg_draft *draft)
{
    struct arena *arena = file->p.arena;
    struct schema_type *type = draft->type;
    size_t count = draft->constraints.count;
    struct placed *sorted = xcalloc(count, sizeof *sorted);
    const struct schema_constraint **kept = arena_array(arena, count, sizeof(void *));
    for (size_t i = 0; i < count; i++) {
        struct schema_constraint *c = draft->constraints.items[i];
        if (!c->sorted_names) { /* else it is an interface's, and done */
            const char **list = arena_copy(arena, c->names, c->name_count, sizeof *c->names);
            qsort(list, c->name_count, sizeof *list, compare_names);
            c->sorted_names = list;
        }
        sorted[i] = (struct placed){c, i};
    }
    if (count)
        qsort(sorted, count, sizeof *sorted, compare_placed);
    for (size_t i = 0; i < count; i++) /* kept[place] stays NULL for a repeated one */
        if (i == 0 ||
            schema_constraint_compare(sorted[i - 1].constraint, sorted[i].constraint) != 0)
            kept[sorted[i].place] = sorted[i].constraint;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!kept[i])
            continue;
        if (kept[i]->kind == CONSTRAINT_KEY && !type->key)
            type->key = kept[i];
        kept[n++] = kept[i];
    }
    type->constraints = kept;
    type->constraint_count = n;
    free(sorted);
}
