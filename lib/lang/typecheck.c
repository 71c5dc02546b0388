/* The checker of one query: errors, suggestions, variables. */
#include "lang/typecheck.h"

#include "common/xalloc.h"
#include "lang/gq_tree.h"

#include <stdlib.h>
#include <string.h>

/* Who gets that many errors reads the first ones. */
enum { MAX_SUGGESTIONS = 50 };

/* When a run has found that many errors, one more of each query will do: what is reported of a
 * hostile file must fit into memory. */
enum { MANY_ERRORS = 10 * REPORT_MAX };

bool check_error(struct checker *c, int rule, struct position at, const char *near,
                 const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    char *message = xvasprintf(format, ap);
    va_end(ap);
    struct buf number = BUF_INIT;
    if (rule)
        buf_printf(&number, "T%d: ", rule);
    if (near)
        (void)report(&c->errs, "query_typecheck_error", at, "%s%s; did you mean \"%.60s\"?",
                     buf_text(&number), message, near);
    else
        (void)report(&c->errs, "query_typecheck_error", at, "%s%s", buf_text(&number), message);
    buf_free(&number);
    free(message);
    return false;
}

bool worth_a_suggestion(const struct checker *c)
{
    return c->errs.errors < MAX_SUGGESTIONS;
}

const char *nearest_type(const struct checker *c, enum schema_kind kind, const char *name)
{
    struct suggestion s;
    size_t count;
    const struct schema_type *const *types = schema_types(c->schema, kind, &count);
    suggest_begin(&s, name);
    if (worth_a_suggestion(c))
        for (size_t i = 0; i < count && i < MAX_CANDIDATES; i++)
            suggest_offer(&s, types[i]->name);
    return suggest_best(&s);
}

const char *nearest_property(const struct checker *c, const struct schema_type *type,
                             const char *name)
{
    struct suggestion s;
    suggest_begin(&s, name);
    if (worth_a_suggestion(c))
        for (size_t i = 0; i < type->property_count && i < MAX_CANDIDATES; i++)
            suggest_offer(&s, type->properties[i]->name);
    return suggest_best(&s);
}

static const char *nearest_variable(const struct checker *c, const char *name)
{
    struct suggestion s;
    size_t offered = 0;
    suggest_begin(&s, name);
    if (worth_a_suggestion(c))
        for (const struct variable *v = c->scope.newest; v && offered < MAX_CANDIDATES;
             v = v->before, offered++)
            if (v->kind != VARIABLE_UNKNOWN)
                suggest_offer(&s, v->name);
    return suggest_best(&s);
}

void check_mention(struct checker *c, const struct variable *variable)
{
    if (variable->kind != VARIABLE_PARAM && variable->level < c->level)
        c->mentions = true;
}

void check_bind(struct checker *c, const struct query_name *name, const struct schema_type *type)
{
    (void)scope_bind(&c->scope, &c->arena,
                     (struct variable){.name = name->text,
                                       .kind = type ? VARIABLE_NODE : VARIABLE_UNKNOWN,
                                       .type = type,
                                       .level = c->level});
}

const struct variable *check_variable(struct checker *c, const struct query_name *name, int rule)
{
    static const struct variable blank = {.name = "_", .kind = VARIABLE_UNKNOWN};
    if (query_name_is_blank(name)) {
        (void)check_error(c, rule, name->at, NULL, "\"$_\" binds nothing, so it has no value");
        return &blank;
    }
    struct variable *v = scope_find(&c->scope, name->text);
    if (!v) {
        const char *near = nearest_variable(c, name->text);
        char *spelt = near ? xasprintf("$%s", near) : NULL;
        (void)check_error(c, rule, name->at, spelt, "%s \"$%.60s\"",
                          c->query->is_mutation ? "there is no parameter"
                                                : "nothing before this place binds",
                          name->text);
        free(spelt);
        v = scope_bind(&c->scope, &c->arena,
                       (struct variable){.name = name->text, .kind = VARIABLE_UNKNOWN});
    }
    check_mention(c, v);
    return v;
}

bool query_typecheck(const struct query *query, const struct source *src,
                     const struct schema *schema, struct diags *diags)
{
    size_t skipped = diags->errors < MANY_ERRORS ? 0 : REPORT_MAX - 1;
    struct checker c = {
        .errs = {src, diags, skipped}, .arena = ARENA_INIT, .schema = schema, .query = query};
    for (const struct query_param *p = query->params; p; p = p->next)
        if (!query_name_is_blank(&p->name))
            (void)scope_bind(
                &c.scope, &c.arena,
                (struct variable){.name = p->name.text, .kind = VARIABLE_PARAM, .param = &p->type});
    if (query->is_mutation) {
        check_mutations(&c, query->mutations);
    } else {
        check_clauses(&c, query->read.match);
        check_return(&c, &query->read);
    }
    gq_tree_free(&c.aliases);
    scope_free(&c.scope);
    arena_free(&c.arena);
    return c.errs.errors == skipped;
}
