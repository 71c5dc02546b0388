/* Expressions, values and operators of .gq. */
#include "lang/gq_parse.h"

#include "common/suggest.h"

#include <string.h>

/* A call: its name, how many arguments, what its arguments must be. */
struct function {
    const char *name;
    enum query_expr_kind kind;
    enum query_aggregate aggregate;
    unsigned min_args, max_args;
};

static const struct function functions[] = {
    {"now", QUERY_NOW, QUERY_COUNT, 0, 0},
    {"nearest", QUERY_NEAREST, QUERY_COUNT, 1, 1}, /* after the property */
    {"search", QUERY_SEARCH, QUERY_COUNT, 2, 2},
    {"fuzzy", QUERY_FUZZY, QUERY_COUNT, 2, 3},
    {"match_text", QUERY_MATCH_TEXT, QUERY_COUNT, 2, 2},
    {"bm25", QUERY_BM25, QUERY_COUNT, 2, 2},
    {"rrf", QUERY_RRF, QUERY_COUNT, 2, 3},
    {"count", QUERY_AGGREGATE, QUERY_COUNT, 1, 1},
    {"sum", QUERY_AGGREGATE, QUERY_SUM, 1, 1},
    {"avg", QUERY_AGGREGATE, QUERY_AVG, 1, 1},
    {"min", QUERY_AGGREGATE, QUERY_MIN, 1, 1},
    {"max", QUERY_AGGREGATE, QUERY_MAX, 1, 1},
};
enum { FUNCTION_COUNT = sizeof functions / sizeof functions[0] };

static const struct {
    const char *text;
    enum token_kind token;
} operators[] = {
    [QUERY_EQ] = {"=", TOKEN_EQ},
    [QUERY_NE] = {"!=", TOKEN_NE},
    [QUERY_LT] = {"<", TOKEN_LT},
    [QUERY_LE] = {"<=", TOKEN_LE},
    [QUERY_GT] = {">", TOKEN_GT},
    [QUERY_GE] = {">=", TOKEN_GE},
    [QUERY_CONTAINS] = {"contains", TOKEN_NAME},
    [QUERY_STARTS_WITH] = {"starts_with", TOKEN_NAME},
};
enum { OPERATOR_COUNT = sizeof operators / sizeof operators[0] };

const char *query_op_text(enum query_op op)
{
    return operators[op].text;
}

const char *query_function_name(const struct query_expr *expr)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (functions[i].kind == expr->kind &&
            (expr->kind != QUERY_AGGREGATE || functions[i].aggregate == expr->aggregate))
            return functions[i].name;
    return "";
}

bool query_name_is_blank(const struct query_name *name)
{
    return strcmp(name->text, "_") == 0;
}

bool gq_at_op(const struct parser *p, enum query_op *op)
{
    for (size_t i = 0; i < OPERATOR_COUNT; i++) {
        if (operators[i].token == TOKEN_NAME ? parser_at_name(p, operators[i].text)
                                             : parser_at(p, operators[i].token)) {
            *op = (enum query_op)i;
            return true;
        }
    }
    return false;
}

bool gq_op(struct parser *p, enum query_op *op, struct position *at)
{
    if (!gq_at_op(p, op))
        return parser_expected(p, "an operator (=, !=, <, <=, >, >=, contains or starts_with)");
    *at = p->token.at;
    parser_advance(p);
    return true;
}

bool gq_name(struct parser *p, enum token_kind kind, const char *what, struct query_name *out)
{
    struct token taken;
    if (!parser_expect(p, kind, what, &taken))
        return false;
    out->text = parser_text(p, &taken);
    out->at = taken.at;
    return true;
}

bool gq_is_text_filter(const struct query_expr *expr)
{
    return expr->kind == QUERY_SEARCH || expr->kind == QUERY_FUZZY ||
           expr->kind == QUERY_MATCH_TEXT;
}

static struct query_expr *new_expr(struct parser *p, enum query_expr_kind kind)
{
    struct query_expr *e = arena_alloc(p->arena, sizeof *e);
    e->kind = kind;
    e->at = p->token.at;
    return e;
}

static struct query_expr *literal(struct parser *p)
{
    struct query_expr *e = new_expr(p, QUERY_LITERAL);
    return literal_parse(p, &e->literal) ? e : NULL;
}

/* "." name, after a variable. */
static bool property(struct parser *p, struct query_expr *e)
{
    return parser_expect(p, TOKEN_DOT, "\".\"", NULL) &&
           gq_name(p, TOKEN_NAME, "the name of a property", &e->property);
}

static struct query_expr *variable(struct parser *p)
{
    struct query_expr *e = new_expr(p, QUERY_VARIABLE);
    if (!gq_name(p, TOKEN_DOLLAR, "a variable", &e->name))
        return NULL;
    if (!parser_at(p, TOKEN_DOT))
        return e;
    e->kind = QUERY_PROPERTY;
    return property(p, e) ? e : NULL;
}

static const struct function *find_function(const struct token *name)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (token_is(name, TOKEN_NAME, functions[i].name))
            return &functions[i];
    return NULL;
}

static bool unknown_function(struct parser *p)
{
    struct suggestion s;
    const char *name = parser_text(p, &p->token);
    suggest_begin(&s, name);
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        suggest_offer(&s, functions[i].name);
    if (suggest_best(&s))
        return parser_error(p, p->token.at, "unknown function \"%.60s\"; did you mean \"%s\"?",
                            name, suggest_best(&s));
    return parser_error(p, p->token.at,
                        "unknown function \"%.60s\"; there are now, nearest, search, fuzzy, "
                        "match_text, bm25, rrf, count, sum, avg, min and max",
                        name);
}

/* The first two arguments of rrf are rankings; whatever else takes any expression. */
static bool check_argument(struct parser *p, const struct query_expr *call,
                           const struct query_expr *arg)
{
    if (call->kind != QUERY_RRF || call->arg_count >= 2 || arg->kind == QUERY_NEAREST ||
        arg->kind == QUERY_BM25)
        return true;
    return parser_error(p, arg->at, "rrf joins two rankings: expected nearest(…) or bm25(…)");
}

/* What stands between the parentheses; the closing one is left. */
static bool arguments(struct parser *p, const struct function *f, struct query_expr *call)
{
    if (f->kind == QUERY_NEAREST &&
        !(gq_name(p, TOKEN_DOLLAR, "a variable and its vector property", &call->name) &&
          property(p, call) && parser_expect(p, TOKEN_COMMA, "\",\" and what to be near to", NULL)))
        return false;
    while (call->arg_count < f->max_args) {
        if (call->arg_count >= f->min_args && parser_at(p, TOKEN_RPAREN))
            break;
        if (call->arg_count > 0 && !parser_expect(p, TOKEN_COMMA, "\",\"", NULL))
            return false;
        const struct query_expr *arg = gq_expr(p);
        if (!arg || !check_argument(p, call, arg))
            return false;
        call->args[call->arg_count++] = arg;
    }
    return true;
}

static struct query_expr *call(struct parser *p)
{
    const struct function *f = find_function(&p->token);
    if (!f) {
        (void)unknown_function(p); /* always false */
        return NULL;
    }
    struct query_expr *e = new_expr(p, f->kind);
    e->aggregate = f->aggregate;
    if (!parser_enter(p))
        return NULL;
    parser_advance(p);
    parser_advance(p);
    if (!arguments(p, f, e) || !parser_expect(p, TOKEN_RPAREN, "\")\"", NULL))
        return NULL;
    parser_leave(p);
    return e;
}

static struct query_expr *expected_value(struct parser *p, const char *what)
{
    if (parser_at(p, TOKEN_MINUS))
        (void)parser_error(p, p->token.at,
                           "a query cannot write a negative number; pass it as a parameter");
    else
        (void)parser_expected(p, what);
    return NULL;
}

struct query_expr *gq_expr(struct parser *p)
{
    if (literal_starts(p))
        return literal(p);
    if (parser_at(p, TOKEN_DOLLAR))
        return variable(p);
    if (!parser_at(p, TOKEN_NAME))
        return expected_value(p, "a value: a literal, a variable, a property, a call or an alias");
    if (parser_peek(p, 1).kind == TOKEN_LPAREN)
        return call(p);
    struct query_expr *e = new_expr(p, QUERY_ALIAS);
    return gq_name(p, TOKEN_NAME, "an alias", &e->name) ? e : NULL;
}

struct query_expr *gq_value(struct parser *p)
{
    if (literal_starts(p))
        return literal(p);
    if (parser_at_name(p, "now") && parser_peek(p, 1).kind == TOKEN_LPAREN)
        return call(p);
    if (!parser_at(p, TOKEN_DOLLAR))
        return expected_value(p, "a value: a literal, a parameter or now()");
    struct query_expr *e = variable(p);
    if (e && e->kind == QUERY_PROPERTY) {
        (void)parser_error(p, e->at,
                           "a property cannot stand here, only a literal, a parameter or now(); "
                           "to compare two properties, write a filter");
        return NULL;
    }
    return e;
}
