/* The file and its declarations. See pg_internal.h. */
#include "common/xalloc.h"
#include "lang/pg_internal.h"

#include <stdlib.h>
#include <string.h>

void pg_list_add(struct pg_list *list, void *item)
{
    list->items = xgrow(list->items, list->count, &list->cap, sizeof *list->items);
    list->items[list->count++] = item;
}

void *pg_list_copy(const struct pg_list *list, struct arena *arena)
{
    return arena_copy(arena, list->items, list->count, sizeof *list->items);
}

static void draft_free(struct pg_draft *draft)
{
    free(draft->own.items);
    free(draft->constraints.items);
    free(draft->implements.items);
    free(draft->gives.items);
    free(draft->gives_constraints.items);
    free(draft);
}

void pg_file_free(struct pg_file *file)
{
    for (size_t i = 0; i < file->drafts.count; i++)
        draft_free(file->drafts.items[i]);
    free(file->drafts.items);
    for (int kind = 0; kind <= SCHEMA_EDGE; kind++)
        free(file->by_name[kind].items);
}

bool pg_error(struct pg_file *file, struct position at, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    report_v(&file->p.errs, PG_PARSE_ERROR, at, format, ap);
    va_end(ap);
    return false;
}

bool pg_catalog_error(struct pg_file *file, struct position at, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    report_v(&file->p.errs, PG_CATALOG_ERROR, at, format, ap);
    va_end(ap);
    return false;
}

static bool kind_of(const struct token *token, enum schema_kind *kind)
{
    for (enum schema_kind k = SCHEMA_INTERFACE; k <= SCHEMA_EDGE; k++) {
        if (token_is(token, TOKEN_NAME, schema_kind_name(k))) {
            *kind = k;
            return true;
        }
    }
    return false;
}

/* "node" begins a declaration only before a type: a property may be called node as well. */
static bool at_declaration(const struct parser *p)
{
    enum schema_kind kind;
    return kind_of(&p->token, &kind) && parser_peek(p, 1).kind == TOKEN_TYPE;
}

static bool reference(struct pg_file *file, const char *what, struct pg_reference *out)
{
    struct token token;
    if (!parser_expect(&file->p, TOKEN_TYPE, what, &token))
        return false;
    *out = (struct pg_reference){parser_text(&file->p, &token), token.at, NULL};
    return true;
}

/* "{" { property | constraint } "}" */
static bool body(struct pg_file *file, struct pg_draft *draft)
{
    struct parser *p = &file->p;
    bool interface = draft->type->kind == SCHEMA_INTERFACE;
    if (!parser_expect(p, TOKEN_LBRACE, "\"{\"", NULL) || !parser_enter(p))
        return false;
    while (!parser_at(p, TOKEN_RBRACE)) {
        enum constraint_kind kind;
        bool ok;
        if (parser_at(p, TOKEN_NAME))
            ok = pg_property(file, draft);
        else if (!interface && pg_constraint_kind(&p->token, &kind))
            ok = pg_constraint(file, draft, kind);
        else if (parser_at(p, TOKEN_TYPE))
            ok = parser_expected(p, "a property name (it starts with a lower-case letter)");
        else
            ok = parser_expected(p, interface ? "a property or \"}\""
                                              : "a property, a constraint or \"}\"");
        if (!ok)
            return false;
    }
    parser_leave(p);
    parser_advance(p);
    return true;
}

static bool interface_declaration(struct pg_file *file, struct pg_draft *draft)
{
    return body(file, draft);
}

static bool implements(struct pg_file *file, struct pg_draft *draft)
{
    do {
        struct pg_reference *ref = arena_alloc(&file->schema->arena, sizeof *ref);
        if (!reference(file, "the name of an interface", ref))
            return false;
        pg_list_add(&draft->implements, ref);
    } while (parser_accept(&file->p, TOKEN_COMMA));
    return true;
}

static bool node_declaration(struct pg_file *file, struct pg_draft *draft)
{
    struct pg_list list = {NULL, 0, 0};
    bool ok = pg_annotations(file, false, &list) &&
              (!parser_accept_name(&file->p, "implements") || implements(file, draft)) &&
              pg_annotations(file, false, &list);
    if (ok)
        pg_type_annotations(file, draft, &list);
    free(list.items);
    return ok && body(file, draft);
}

static bool card_bound(struct pg_file *file, const char *what, uint64_t *out)
{
    struct token token;
    if (!parser_expect(&file->p, TOKEN_INT, what, &token))
        return false;
    if (token.integer > (int64_t)UINT32_MAX)
        return pg_error(file, token.at, "a bound of @card is at most %u", UINT32_MAX);
    *out = (uint64_t)token.integer;
    return true;
}

/* "@card" "(" int ".." [ int ] ")" */
static bool cardinality(struct pg_file *file, struct schema_type *type)
{
    struct parser *p = &file->p;
    struct position at = p->token.at;
    parser_advance(p);
    if (!parser_expect(p, TOKEN_LPAREN, "\"(\", as in @card(0..1)", NULL) ||
        !card_bound(file, "the least number of edges, as in @card(0..1)", &type->card_min) ||
        !parser_expect(p, TOKEN_DOTDOT, "\"..\", as in @card(0..1)", NULL))
        return false;
    if (!parser_at(p, TOKEN_RPAREN) &&
        !card_bound(file, "the greatest number of edges or \")\"", &type->card_max))
        return false;
    if (type->card_min > type->card_max)
        return pg_error(file, at, "@card has a minimum above its maximum");
    return parser_expect(p, TOKEN_RPAREN, "\")\"", NULL);
}

static bool edge_declaration(struct pg_file *file, struct pg_draft *draft)
{
    struct parser *p = &file->p;
    struct pg_list list = {NULL, 0, 0};
    if (!parser_expect(p, TOKEN_COLON, "\":\" and the ends of the edge", NULL) ||
        !reference(file, "the node type that the edge leaves", &draft->from) ||
        !parser_expect(p, TOKEN_ARROW, "\"->\"", NULL) ||
        !reference(file, "the node type that the edge enters", &draft->to))
        return false;
    if (token_is(&p->token, TOKEN_AT, "card") && !cardinality(file, draft->type))
        return false;
    bool ok = pg_annotations(file, false, &list);
    if (ok)
        pg_type_annotations(file, draft, &list);
    free(list.items);
    if (ok && parser_at(p, TOKEN_LBRACE))
        return body(file, draft);
    return ok;
}

/* One declaration. Its draft is kept, broken or not, once its name is known. */
static bool declaration(struct pg_file *file)
{
    static bool (*const rest[])(struct pg_file *, struct pg_draft *) = {
        [SCHEMA_INTERFACE] = interface_declaration,
        [SCHEMA_NODE] = node_declaration,
        [SCHEMA_EDGE] = edge_declaration,
    };
    struct parser *p = &file->p;
    enum schema_kind kind;
    struct token name;
    if (!kind_of(&p->token, &kind)) {
        struct suggestion near;
        if (!parser_at(p, TOKEN_NAME))
            return parser_expected(p, "\"interface\", \"node\" or \"edge\"");
        suggest_begin(&near, parser_text(p, &p->token));
        for (enum schema_kind k = SCHEMA_INTERFACE; k <= SCHEMA_EDGE; k++)
            suggest_offer(&near, schema_kind_name(k));
        char *what = xasprintf("\"interface\", \"node\" or \"edge\"%s", parser_hint(p, &near));
        parser_expected(p, what);
        free(what);
        return false;
    }
    parser_advance(p);
    if (!parser_expect(p, TOKEN_TYPE, "a type name (it starts with an upper-case letter)", &name))
        return false;
    struct pg_draft *draft = xcalloc(1, sizeof *draft);
    draft->type = arena_alloc(&file->schema->arena, sizeof *draft->type);
    draft->type->kind = kind;
    draft->type->name = parser_text(p, &name);
    draft->type->at = name.at;
    draft->type->card_max = CARDINALITY_UNBOUNDED;
    pg_list_add(&file->drafts, draft);
    draft->broken = !rest[kind](file, draft);
    return !draft->broken;
}

void pg_parse(struct pg_file *file)
{
    struct parser *p = &file->p;
    while (!parser_at(p, TOKEN_END)) {
        if (declaration(file))
            continue;
        p->depth = 0;
        while (!parser_at(p, TOKEN_END) && !at_declaration(p))
            parser_advance(p);
    }
}
