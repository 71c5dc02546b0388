/* Annotations, and the rules for the known ones. See pg_internal.h. */
#include "common/xalloc.h"
#include "lang/pg_internal.h"

#include <stdlib.h>
#include <string.h>

/* literal or name */
static bool value(struct parser *p, struct literal *out)
{
    if (literal_starts(p))
        return literal_parse(p, out);
    if (!parser_at(p, TOKEN_NAME))
        return parser_expected(p, "a literal value or a name");
    *out = (struct literal){
        .kind = LITERAL_NAME, .at = p->token.at, .text = parser_text(p, &p->token)};
    parser_advance(p);
    return true;
}

/* { "," name "=" literal } */
static bool named_arguments(struct parser *p, struct schema_annotation *annotation)
{
    struct schema_argument *list = NULL;
    size_t count = 0, cap = 0;
    bool ok = false;
    while (parser_accept(p, TOKEN_COMMA)) {
        struct token name;
        list = xgrow(list, count, &cap, sizeof *list);
        if (!parser_expect(p, TOKEN_NAME, "the name of an argument", &name) ||
            !parser_expect(p, TOKEN_EQ, "\"=\"", NULL) || !literal_parse(p, &list[count].value))
            goto out;
        list[count++].name = parser_text(p, &name);
    }
    annotation->arguments = arena_copy(p->arena, list, count, sizeof *list);
    annotation->argument_count = count;
    ok = true;
out:
    free(list);
    return ok;
}

/* "@" name [ "(" value { "," name "=" literal } ")" ] */
static bool annotation(struct parser *p, struct schema_annotation *out)
{
    out->name = parser_text(p, &p->token);
    out->at = p->token.at;
    parser_advance(p);
    if (!parser_at(p, TOKEN_LPAREN))
        return true;
    if (!parser_enter(p))
        return false;
    parser_advance(p);
    if (!value(p, &out->value) || !named_arguments(p, out))
        return false;
    out->has_value = true;
    parser_leave(p);
    return parser_expect(p, TOKEN_RPAREN, "\",\" or \")\"", NULL);
}

bool pg_annotations(struct pg_file *file, bool of_property, struct pg_list *out)
{
    struct parser *p = &file->p;
    while (parser_at(p, TOKEN_AT)) {
        enum constraint_kind kind;
        bool constraint = pg_constraint_kind(&p->token, &kind);
        if (of_property && constraint && parser_peek(p, 1).kind == TOKEN_LPAREN)
            break; /* @index(name): a constraint of the type, after the property */
        if (!of_property && constraint && kind > CONSTRAINT_INDEX)
            return parser_error(p, p->token.at, "@range and @check belong into the body");
        if (token_is(&p->token, TOKEN_AT, "card"))
            return parser_error(
                p, p->token.at,
                "@card belongs directly after the ends of an edge: A -> B @card(0..1)");
        struct schema_annotation *next = arena_alloc(p->arena, sizeof *next);
        if (!annotation(p, next))
            return false;
        pg_list_add(out, next);
    }
    return true;
}

static bool is(const struct schema_annotation *a, const char *name)
{
    return strcmp(a->name, name) == 0;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* @description and @instruction: exactly one non-blank string, once. */
static bool text_rule(struct pg_file *file, const struct schema_annotation *a, const char **out)
{
    if (*out)
        return pg_error(file, a->at, "@%s is given twice; keep one of them", a->name);
    if (!a->has_value || a->value.kind != LITERAL_STRING || a->argument_count ||
        is_blank(a->value.text))
        return pg_error(file, a->at, "@%s takes one string that is not blank", a->name);
    *out = a->value.text;
    return true;
}

static bool rename_rule(struct pg_file *file, const struct schema_annotation *a, const char **out)
{
    if (*out)
        return pg_error(file, a->at, "@rename_from is given twice; keep one of them");
    if (!a->has_value || a->argument_count ||
        (a->value.kind != LITERAL_STRING && a->value.kind != LITERAL_NAME) ||
        is_blank(a->value.text))
        return pg_error(file, a->at, "@rename_from takes the old name: @rename_from(\"old\")");
    *out = a->value.text;
    return true;
}

/* The source is looked up in pg_check.c, once all properties are known. */
static bool embed_rule(struct pg_file *file, const struct schema_annotation *a,
                       const struct schema_type *type, struct schema_property *property)
{
    if (type->kind == SCHEMA_EDGE || property->type.scalar != SCALAR_VECTOR)
        return pg_error(file, a->at, "@embed belongs to a vector property of a node or interface");
    if (property->embed_source)
        return pg_error(file, a->at, "@embed is given twice; keep one of them");
    if (!a->has_value || (a->value.kind != LITERAL_STRING && a->value.kind != LITERAL_NAME) ||
        is_blank(a->value.text))
        return pg_error(file, a->at, "@embed takes the name of its source: @embed(title)");
    property->embed_source = a->value.text;
    for (size_t i = 0; i < a->argument_count; i++) {
        const struct schema_argument *argument = &a->arguments[i];
        if (strcmp(argument->name, "model") != 0)
            return pg_error(file, argument->value.at,
                            "@embed has no argument \"%s\"; it takes only model", argument->name);
        if (property->embed_model || argument->value.kind != LITERAL_STRING)
            return pg_error(file, argument->value.at, "@embed takes one model, a string");
        property->embed_model = argument->value.text;
    }
    return true;
}

static bool type_rule(struct pg_file *file, const struct schema_annotation *a,
                      struct schema_type *type)
{
    static const char *const elsewhere[] = {"key", "unique", "index", "embed"};
    if (is(a, "description"))
        return text_rule(file, a, &type->description);
    if (is(a, "instruction"))
        return text_rule(file, a, &type->instruction);
    if (is(a, "rename_from"))
        return rename_rule(file, a, &type->rename_from);
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (is(a, elsewhere[i]))
            return pg_error(file, a->at, "@%s belongs into the body, not to the type", a->name);
    return true;
}

/* Keeps the list, as an array of structs. */
static const struct schema_annotation *keep(struct arena *arena, const struct pg_list *list)
{
    struct schema_annotation *all = arena_array(arena, list->count, sizeof *all);
    for (size_t i = 0; i < list->count; i++)
        all[i] = *(const struct schema_annotation *)list->items[i];
    return all;
}

void pg_type_annotations(struct pg_file *file, struct pg_draft *draft, struct pg_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        (void)type_rule(file, list->items[i], draft->type); /* reported; look on */
    draft->type->annotations = keep(file->p.arena, list);
    draft->type->annotation_count = list->count;
}

/* @key, @unique and @index right behind a property: the constraint that names it. `seen` holds a
 * bit for each. */
static void marker_rule(struct pg_file *file, struct pg_draft *draft,
                        const struct schema_property *property, const struct schema_annotation *a,
                        enum constraint_kind kind, unsigned *seen)
{
    if (kind > CONSTRAINT_INDEX) {
        pg_error(file, a->at, "@%s needs its arguments: %s", a->name,
                 kind == CONSTRAINT_RANGE ? "@range(age, 0..150)" : "@check(name, \"^[a-z]+$\")");
    } else if (*seen & 1u << kind) {
        pg_error(file, a->at, "@%s is given twice; keep one of them", a->name);
    } else {
        *seen |= 1u << kind;
        pg_constraint_add(file, draft, kind, a->at, property->name);
    }
}

static bool property_rule(struct pg_file *file, const struct schema_type *type,
                          struct schema_property *property, const struct schema_annotation *a)
{
    if (is(a, "description"))
        return text_rule(file, a, &property->description);
    if (is(a, "rename_from"))
        return rename_rule(file, a, &property->rename_from);
    if (is(a, "embed"))
        return embed_rule(file, a, type, property);
    if (is(a, "instruction"))
        return pg_error(file, a->at, "@instruction belongs to a type; use @description here");
    return true;
}

void pg_property_annotations(struct pg_file *file, struct pg_draft *draft,
                             struct schema_property *property, struct pg_list *list)
{
    unsigned seen = 0;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct schema_annotation *a = list->items[i];
        struct token name = {.kind = TOKEN_AT, .text = a->name, .len = strlen(a->name)};
        enum constraint_kind kind;
        if (pg_constraint_kind(&name, &kind)) {
            marker_rule(file, draft, property, a, kind, &seen);
            continue;
        }
        (void)property_rule(file, draft->type, property, a); /* reported; look on */
        list->items[kept++] = list->items[i];
    }
    list->count = kept;
    property->annotations = keep(file->p.arena, list);
    property->annotation_count = list->count;
}
