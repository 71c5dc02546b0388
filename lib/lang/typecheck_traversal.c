/* Traversals: which way an edge is followed, and what is at its ends. */
#include "lang/typecheck.h"

#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* What stands at one end when the traversal is reached. */
struct end {
    const struct query_name *name;
    struct variable *variable;      /* NULL if it is not bound, and of $_ */
    const struct schema_type *type; /* of a bound node, else NULL */
    bool broken;                    /* something was reported about it */
};

static struct end look_at(struct checker *c, const struct query_name *name)
{
    struct end end = {.name = name};
    if (query_name_is_blank(name))
        return end;
    end.variable = scope_find(&c->scope, name->text);
    if (!end.variable)
        return end;
    check_mention(c, end.variable);
    switch (end.variable->kind) {
    case VARIABLE_NODE:
        end.type = end.variable->type;
        break;
    case VARIABLE_PARAM:
        (void)check_error(c, 0, name->at, NULL,
                          "\"$%.60s\" is a parameter; give the variable another name", name->text);
        end.broken = true;
        break;
    case VARIABLE_EDGE:
        (void)check_error(c, 23, name->at, NULL,
                          "\"$%.60s\" is an edge and cannot be the end of a traversal", name->text);
        end.broken = true;
        break;
    default:
        end.broken = true;
    }
    return end;
}

/* An unbound end becomes bound; type is NULL when it is not known. */
static void bind_end(struct checker *c, const struct query_name *name,
                     const struct schema_type *type)
{
    if (!query_name_is_blank(name) && !scope_find(&c->scope, name->text))
        check_bind(c, name, type);
}

/* Rule T5 for one end. */
static bool check_end(struct checker *c, const struct query_name *name,
                      const struct schema_type *edge, const struct schema_type *wanted)
{
    const struct variable *v = query_name_is_blank(name) ? NULL : scope_find(&c->scope, name->text);
    if (!v || v->kind != VARIABLE_NODE || v->type == wanted)
        return true;
    return check_error(c, 5, name->at, NULL,
                       "\"$%.60s\" is a %.60s, but edge %.60s leads from %.60s to %.60s",
                       name->text, v->type->name, edge->name, edge->from->name, edge->to->name);
}

/* The left end's variable decides which way, else the right one's; else it is left to right. */
static bool is_forward(const struct schema_type *edge, const struct end *left,
                       const struct end *right)
{
    if (left->type)
        return left->type == edge->from || left->type != edge->to;
    return !right->type || right->type == edge->to || right->type != edge->from;
}

static void check_ends(struct checker *c, const struct query_traversal *t,
                       const struct schema_type *edge)
{
    struct end left = look_at(c, &t->left), right = look_at(c, &t->right);
    bool guess = left.broken || (!left.type && right.broken); /* the direction is not known */
    const struct schema_type *from = NULL, *to = NULL;
    if (edge && (!guess || edge->from == edge->to)) {
        bool forward = is_forward(edge, &left, &right);
        from = forward ? edge->from : edge->to;
        to = forward ? edge->to : edge->from;
    }
    bool fits = from && check_end(c, &t->left, edge, from) && check_end(c, &t->right, edge, to);
    bind_end(c, &t->left, fits ? from : NULL);
    if (fits && !right.variable) /* the same variable as the left one, if it is bound by now */
        fits = check_end(c, &t->right, edge, to);
    bind_end(c, &t->right, fits ? to : NULL);
}

static void check_hops(struct checker *c, const struct query_traversal *t)
{
    const struct query_hops *hops = &t->hops;
    if (!hops->present)
        return;
    if (!hops->has_max)
        (void)check_error(c, 15, hops->at, NULL, "the most hops must be given, as in {%u,%u}",
                          hops->min ? hops->min : 1, hops->min ? hops->min : 1);
    if (hops->min < 1)
        (void)check_error(c, 15, hops->at, NULL, "a traversal has one hop at least");
    else if (hops->has_max && hops->max < hops->min)
        (void)check_error(c, 15, hops->at, NULL, "at least %u hops are more than at most %u",
                          hops->min, hops->max);
    if (t->edge_variable.text && (!hops->has_max || hops->min != 1 || hops->max != 1))
        (void)check_error(c, 23, hops->at, NULL,
                          "an edge can only be bound (\"$%.60s\") in a single hop",
                          t->edge_variable.text);
}

/* Rule T23: the name of an edge must be fresh. */
static void bind_edge(struct checker *c, const struct query_traversal *t,
                      const struct schema_type *edge)
{
    const struct query_name *name = &t->edge_variable;
    if (!name->text || query_name_is_blank(name))
        return;
    const struct variable *v = scope_find(&c->scope, name->text);
    if (v)
        check_mention(c, v);
    if (v || strcmp(name->text, t->left.text) == 0 || strcmp(name->text, t->right.text) == 0) {
        (void)check_error(c, 23, name->at, NULL,
                          "\"$%.60s\" is in use already; give the edge a name of its own",
                          name->text);
        return;
    }
    (void)scope_bind(&c->scope, &c->arena,
                     (struct variable){.name = name->text,
                                       .kind = edge ? VARIABLE_EDGE : VARIABLE_UNKNOWN,
                                       .type = edge,
                                       .level = c->level});
}

static void unknown_edge(struct checker *c, const struct query_name *name)
{
    const char *near = nearest_type(c, SCHEMA_EDGE, name->text);
    char *spelt = near ? xstrdup(near) : NULL;
    if (spelt && spelt[0] >= 'A' && spelt[0] <= 'Z')
        spelt[0] = (char)(spelt[0] | 0x20); /* as a query writes it */
    (void)check_error(c, 4, name->at, spelt, "there is no edge \"%.60s\"", name->text);
    free(spelt);
}

void check_traversal(struct checker *c, const struct query_traversal *t)
{
    const struct schema_type *edge = schema_find_edge_folded(c->schema, t->edge.text);
    if (!edge)
        unknown_edge(c, &t->edge);
    else if (t->undirected && edge->from != edge->to)
        (void)check_error(
            c, 22, t->edge.at, NULL,
            "edge %.60s leads from %.60s to %.60s, so it cannot be followed both ways", edge->name,
            edge->from->name, edge->to->name);
    check_hops(c, t);
    bind_edge(c, t, edge);
    check_ends(c, t, edge);
}
