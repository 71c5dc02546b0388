/* A value given to a property: in a binding, an assignment, or after `where`. */
#include "lang/typecheck.h"

#include <stdlib.h>

static const char *literal_kind_text(const struct literal *literal)
{
    static const char *const texts[] = {
        [LITERAL_NULL] = "null",       [LITERAL_BOOL] = "a boolean",
        [LITERAL_INT] = "an integer",  [LITERAL_FLOAT] = "a float",
        [LITERAL_STRING] = "a string", [LITERAL_DATE] = "a date",
        [LITERAL_LIST] = "a list",     [LITERAL_DATETIME] = "a datetime",
    };
    return literal->kind == LITERAL_NAME ? "a name" : texts[literal->kind];
}

static const char *nearest_word(const struct checker *c, const struct property_type *type,
                                const char *word)
{
    struct suggestion s;
    if (!worth_a_suggestion(c))
        return NULL;
    suggest_begin(&s, word);
    for (size_t i = 0; i < type->word_count && i < MAX_CANDIDATES; i++)
        suggest_offer(&s, type->words[i]);
    return suggest_best(&s);
}

/* Rule T3, with the reason. */
static void misfit(struct checker *c, const struct query_name *name,
                   const struct property_type *type, const struct literal *literal,
                   enum place place)
{
    if (literal->kind == LITERAL_NULL && !type->nullable)
        (void)check_error(c, 3, literal->at, NULL, "property \"%.60s\" cannot be null", name->text);
    else if (literal->kind == LITERAL_NULL)
        (void)check_error(c, 3, literal->at, NULL, "null can only be compared by = and !=");
    else if (type->scalar == SCALAR_BLOB)
        (void)check_error(c, 3, literal->at, NULL,
                          "\"%.60s\" is a blob, which no literal can give; %s", name->text,
                          place == PLACE_ASSIGNMENT ? "pass a parameter of type String"
                                                    : "it cannot be matched");
    else if (type->word_count && literal->kind == LITERAL_STRING)
        (void)check_error(c, 3, literal->at, nearest_word(c, type, literal->text),
                          "\"%.60s\" is not among the words of \"%.60s\"", literal->text,
                          name->text);
    else if (type->scalar == SCALAR_VECTOR && literal->kind == LITERAL_LIST)
        (void)check_error(c, 3, literal->at, NULL, "\"%.60s\" takes a list of exactly %u numbers",
                          name->text, type->dimensions);
    else if (type->list && place == PLACE_BINDING)
        (void)check_error(c, 3, literal->at, NULL,
                          "\"%.60s\" is a list: a binding takes one %s that it holds, not %s",
                          name->text, scalar_name(type->scalar), literal_kind_text(literal));
    else if (type->list && literal->kind == LITERAL_LIST)
        (void)check_error(c, 3, literal->at, NULL, "\"%.60s\" takes a list in which all are %s",
                          name->text, scalar_name(type->scalar));
    else {
        char *text = property_type_text(type);
        (void)check_error(c, 3, literal->at, NULL, "\"%.60s\" is of type %.200s and cannot take %s",
                          name->text, text, literal_kind_text(literal));
        free(text);
    }
}

static void check_param(struct checker *c, const struct query_name *name,
                        const struct property_type *type, const struct query_expr *value,
                        enum place place)
{
    const struct variable *v = check_variable(c, &value->name, c->query->is_mutation ? 14 : 6);
    if (v->kind == VARIABLE_UNKNOWN)
        return;
    if (v->kind != VARIABLE_PARAM) {
        (void)check_error(c, 7, value->at, NULL,
                          "\"$%.60s\" is no parameter; only a literal, a parameter or now() can be "
                          "given to a property",
                          v->name);
        return;
    }
    if (!type || fits_param(v->param, type, place))
        return;
    char *given = property_type_text(v->param), *wanted = property_type_text(type);
    (void)check_error(
        c, 7, value->at, NULL,
        "parameter \"$%.60s\" is of type %s and does not fit \"%.60s\", of type %.200s", v->name,
        given, name->text, wanted);
    free(given);
    free(wanted);
}

void check_value(struct checker *c, const struct query_name *name, const struct property_type *type,
                 const struct query_expr *value, enum place place, enum query_op op)
{
    if (value->kind == QUERY_VARIABLE) {
        check_param(c, name, type, value, place);
    } else if (!type) {
        return;
    } else if (value->kind == QUERY_LITERAL) {
        if (!fits_literal(&value->literal, type, place, op))
            misfit(c, name, type, &value->literal, place);
    } else if (!fits_now(type, place)) {
        (void)check_error(c, 7, value->at, NULL, "now() is a DateTime, and \"%.60s\" is not",
                          name->text);
    }
}
