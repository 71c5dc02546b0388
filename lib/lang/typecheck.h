/*
 * typecheck.h - the parts of the type checker of .gq, which query_typecheck() (typecheck.c) puts
 * together. The rules T1 to T24 are those of the language's definition.
 *
 * A checker walks one query in the order of its source. Once an error was reported about a name,
 * what depends on it has a type that fits everything (VALUE_UNKNOWN, VARIABLE_UNKNOWN), so that
 * nothing is reported that only follows from it.
 */
#ifndef CLUSTER_LANG_TYPECHECK_H
#define CLUSTER_LANG_TYPECHECK_H

#include "common/suggest.h"
#include "lang/query.h"
#include "lang/schema.h"

/* ---- variables (typecheck_scope.c) ---- */

enum variable_kind {
    VARIABLE_UNKNOWN, /* of no known type, because of an error that was reported */
    VARIABLE_PARAM,
    VARIABLE_NODE,
    VARIABLE_EDGE,
};

struct variable {
    const char *name;
    enum variable_kind kind;
    const struct schema_type *type;    /* NODE, EDGE */
    const struct property_type *param; /* PARAM */
    unsigned level;                    /* how many `not` it was bound in */
    struct variable *before;           /* bound before this one, by scope_bind() */
};

/* What is bound where the checker stands. Lookup and binding take O(log n). */
struct scope {
    void *tree;              /* gq_tree.h, by name */
    struct variable *newest; /* linked by `before` */
};

struct variable *scope_find(const struct scope *scope, const char *name);
/* The name must not be bound yet. The variable lies in the arena, which must outlive the scope. */
struct variable *scope_bind(struct scope *scope, struct arena *arena, struct variable variable);
/* Forgets what was bound in more than `level` nots since scope->newest was `mark`. */
void scope_leave(struct scope *scope, struct variable *mark, unsigned level);
void scope_free(struct scope *scope);

/* ---- types (typecheck_type.c); all of it is pure ---- */

enum value_class {
    VALUE_UNKNOWN, /* fits everything */
    VALUE_NULL,
    VALUE_NODE,
    VALUE_LIST, /* a literal list: its items decide what it fits */
    VALUE_TYPED,
};

struct value_type {
    enum value_class class;
    struct property_type type;  /* TYPED */
    const struct literal *list; /* LIST */
};

struct value_type value_unknown(void);
struct value_type value_scalar(enum schema_scalar scalar);
struct value_type value_of_type(const struct property_type *type);
struct value_type value_of_literal(const struct literal *literal);
bool value_is_blob(const struct value_type *value);
/* True of an unknown value too. */
bool value_is_string(const struct value_type *value);
bool value_is_integer(const struct value_type *value);
/* For messages: "I32", "a list", "null". To be freed. */
char *value_text(const struct value_type *value);

/* Where a value is given to a property. In a binding a list property takes a member. */
enum place { PLACE_BINDING, PLACE_ASSIGNMENT, PLACE_WHERE };

/* Rule T7: do the operands of a filter fit? */
bool fits_filter(enum query_op op, const struct value_type *left, const struct value_type *right);
/* Rule T3. op counts in PLACE_WHERE only. */
bool fits_literal(const struct literal *literal, const struct property_type *type, enum place place,
                  enum query_op op);
/* Rule T7, for a parameter and for now(). */
bool fits_param(const struct property_type *param, const struct property_type *type,
                enum place place);
bool fits_now(const struct property_type *type, enum place place);
/* Rule T15: is this something to be near to, for a vector of so many dimensions? */
bool fits_nearest(const struct value_type *value, uint32_t dimensions);

/* ---- the checker ---- */

struct checker {
    struct reporter errs;
    struct arena arena; /* variables and aliases */
    const struct schema *schema;
    const struct query *query;
    struct scope scope;
    unsigned level; /* how many `not` the checker is in */
    bool mentions;  /* the innermost of them mentions what is bound outside of it */
    void *aliases;  /* gq_tree.h: struct alias, by name */
    bool in_order;  /* aliases may stand here */
};

/* Reports "T<rule>: <message>"; a rule of 0 has no number. near: the nearest spelling, or NULL.
 * Returns false. */
bool check_error(struct checker *c, int rule, struct position at, const char *near,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The nearest spelling, or NULL: of a type, a property, an edge (as declared). */
const char *nearest_type(const struct checker *c, enum schema_kind kind, const char *name);
const char *nearest_property(const struct checker *c, const struct schema_type *type,
                             const char *name);
/* Offers no more than a message is worth. */
bool worth_a_suggestion(const struct checker *c);
enum { MAX_CANDIDATES = 1000 };

/* The variable, or one of VARIABLE_UNKNOWN after having reported that it is not bound (which
 * breaks `rule`), once. Counts as a mention. Never NULL. */
const struct variable *check_variable(struct checker *c, const struct query_name *name, int rule);
/* Notes that the innermost `not` mentions a variable. */
void check_mention(struct checker *c, const struct variable *variable);
/* Binds a name that is not bound yet to a node here; type is NULL when it is not known. */
void check_bind(struct checker *c, const struct query_name *name, const struct schema_type *type);

/* typecheck_expr.c */
enum position_of_expr { EXPR_FILTER, EXPR_PROJECTION, EXPR_ORDER, EXPR_ARGUMENT };
struct value_type check_expr(struct checker *c, const struct query_expr *expr,
                             enum position_of_expr where);
/* typecheck_call.c: of everything that is written with parentheses, but now() */
struct value_type check_call(struct checker *c, const struct query_expr *expr,
                             enum position_of_expr where);

/* typecheck_value.c. `type` is NULL when the property is not known; then only variables count. */
void check_value(struct checker *c, const struct query_name *name, const struct property_type *type,
                 const struct query_expr *value, enum place place, enum query_op op);

/* typecheck_match.c, typecheck_traversal.c */
void check_clauses(struct checker *c, const struct query_clause *clauses);
void check_traversal(struct checker *c, const struct query_traversal *traversal);

/* typecheck_return.c */
struct alias {
    const char *name;
    const struct query_expr *expr;
    struct value_type type;
};
const struct alias *check_alias(struct checker *c, const struct query_name *name);
void check_return(struct checker *c, const struct query_read *read);

/* typecheck_mutation.c */
void check_mutations(struct checker *c, const struct query_mutation *mutations);

#endif
