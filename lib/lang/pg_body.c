/* Properties and constraints of a body. See pg_internal.h. */
#include "common/xalloc.h"
#include "lang/pg_internal.h"

#include <stdlib.h>
#include <string.h>

bool pg_constraint_kind(const struct token *at, enum constraint_kind *kind)
{
    for (enum constraint_kind k = CONSTRAINT_KEY; k <= CONSTRAINT_CHECK; k++) {
        if (token_is(at, TOKEN_AT, schema_constraint_name(k))) {
            *kind = k;
            return true;
        }
    }
    return false;
}

/* name ":" type { annotation } */
bool pg_property(struct pg_file *file, struct pg_draft *draft)
{
    struct parser *p = &file->p;
    struct schema_property *property = arena_alloc(p->arena, sizeof *property);
    struct pg_list list = {NULL, 0, 0};
    property->name = parser_text(p, &p->token);
    property->at = p->token.at;
    parser_advance(p);
    if (!parser_expect(p, TOKEN_COLON, "\":\" and the type of the property", NULL) ||
        !property_type_parse(p, true, &property->type))
        return false;
    bool ok = pg_annotations(file, true, &list);
    if (ok) {
        pg_list_add(&draft->own, property);
        pg_property_annotations(file, draft, property, &list);
    }
    free(list.items);
    return ok;
}

void pg_constraint_add(struct pg_file *file, struct pg_draft *draft, enum constraint_kind kind,
                       struct position at, const char *name)
{
    struct schema_constraint *constraint = arena_alloc(file->p.arena, sizeof *constraint);
    constraint->kind = kind;
    constraint->at = at;
    constraint->names = arena_copy(file->p.arena, &name, 1, sizeof name);
    constraint->name_count = 1;
    pg_list_add(&draft->constraints, constraint);
}

/* name { "," name }; one name only for @range and @check */
static bool names(struct pg_file *file, struct schema_constraint *constraint)
{
    struct parser *p = &file->p;
    struct pg_list list = {NULL, 0, 0};
    struct token name;
    bool several = constraint->kind <= CONSTRAINT_INDEX;
    bool ok = false;
    do {
        if (!parser_expect(p, TOKEN_NAME, "the name of a property", &name))
            goto out;
        pg_list_add(&list, parser_text(p, &name));
    } while (several && parser_accept(p, TOKEN_COMMA));
    constraint->names = pg_list_copy(&list, p->arena);
    constraint->name_count = list.count;
    ok = true;
out:
    free(list.items);
    return ok;
}

/* [ "-" ] ( int | float ) */
static bool number(struct parser *p, const char *what, struct schema_bound *out)
{
    bool negative = parser_accept(p, TOKEN_MINUS);
    if (!parser_at(p, TOKEN_INT) && !parser_at(p, TOKEN_FLOAT))
        return parser_expected(p, negative ? "a number" : what);
    out->present = true;
    out->is_float = parser_at(p, TOKEN_FLOAT);
    out->integer = negative ? -p->token.integer : p->token.integer;
    out->number = negative ? -p->token.number : p->token.number;
    parser_advance(p);
    return true;
}

/* number ".." [ number ] | ".." number */
static bool bounds(struct pg_file *file, struct schema_constraint *constraint)
{
    struct parser *p = &file->p;
    if (!parser_at(p, TOKEN_DOTDOT) &&
        !number(p, "a number or \"..\", as in @range(age, 0..150)", &constraint->min))
        return false;
    if (!parser_expect(p, TOKEN_DOTDOT, "\"..\"", NULL))
        return false;
    if (constraint->min.present && parser_at(p, TOKEN_RPAREN))
        return true;
    return number(p, constraint->min.present ? "a number or \")\"" : "a number", &constraint->max);
}

/* What stands between the parentheses. */
static bool arguments(struct pg_file *file, struct schema_constraint *constraint)
{
    struct parser *p = &file->p;
    struct token pattern;
    if (!names(file, constraint))
        return false;
    if (constraint->kind <= CONSTRAINT_INDEX)
        return true;
    if (constraint->kind == CONSTRAINT_RANGE)
        return parser_expect(p, TOKEN_COMMA, "\",\" and the bounds", NULL) &&
               bounds(file, constraint);
    if (!parser_expect(p, TOKEN_COMMA, "\",\" and a pattern", NULL) ||
        !parser_expect(p, TOKEN_STRING, "a pattern, a string", &pattern))
        return false;
    constraint->pattern = parser_text(p, &pattern);
    return true;
}

bool pg_constraint(struct pg_file *file, struct pg_draft *draft, enum constraint_kind kind)
{
    struct parser *p = &file->p;
    struct schema_constraint *constraint = arena_alloc(p->arena, sizeof *constraint);
    constraint->kind = kind;
    constraint->at = p->token.at;
    parser_advance(p);
    if (!parser_expect(p, TOKEN_LPAREN, "\"(\" and the name of a property", NULL) ||
        !arguments(file, constraint) || !parser_expect(p, TOKEN_RPAREN, "\")\"", NULL))
        return false;
    pg_list_add(&draft->constraints, constraint);
    return true;
}
