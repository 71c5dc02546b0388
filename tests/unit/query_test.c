/* The parser of .gq: every production, and what of it is kept. */
#include "common/xalloc.h"
#include "query_expect.h"

/* The only query of a text that must parse; free with query_file_free(*file). */
static const struct query *only(const char *text, struct query_file **file)
{
    struct diags diags;
    *file = parse(text, &diags);
    if ((*file)->errors)
        fail_msg("%s\nshould parse, but: %s", text, jv_string_value(jv_dump_string(diags.list, 0)));
    diags_free(&diags);
    assert_int_equal((*file)->count, 1);
    return (*file)->first;
}

static void every_production_parses(void **state)
{
    (void)state;
    static const char *const texts[] = {
        /* heads */
        QUERY("q()"),
        QUERY("q($a: String)"),
        QUERY("q($a: String, $b: [I32]?, $c: Vector(3), $d: Blob?)"),
        QUERY("q($_: String, $_: I32)"),
        QUERY("q() @description(\"what\nit is\") @instruction(\"\")"),
        QUERY("q() @instruction(\"i\") @description(\"d\")"),
        /* keywords are names */
        QUERY("query($match: String, $query: Bool)"),
        QUERY("match()"),
        QUERY("null()"),
        RETURN("$p.query as as, $p.limit as limit $p.order as true"),
        CLAUSE("$p.not = 1 $p.match = $p.return"),
        CLAUSE("not = 1"),
        ORDER("order { as, asc desc, desc asc, limit, true }"),
        READ("$match: Match { not: 1, query: $query }", "return { $match }"),
        /* bindings */
        CLAUSE("$q: Person { name: \"x\" }"),
        CLAUSE("$q: Person { name: \"x\", }"),
        CLAUSE("$q: Person { name: $n, age: 3, seen: now(), }"),
        CLAUSE("$_: Person"),
        /* traversals */
        CLAUSE("$p knows $q"),
        CLAUSE("$p <knows> $q"),
        CLAUSE("$p < knows > {1,2} $q"),
        CLAUSE("$p knows {1,3} $q"),
        CLAUSE("$p knows{1,}$q"),
        CLAUSE("$p knows {4294967295,4294967295} $q"),
        CLAUSE("$p $w: knows $q"),
        CLAUSE("$p $w:knows{1,1} $q"),
        CLAUSE("$p $w: <knows> $q"),
        CLAUSE("$_ knows $_"),
        CLAUSE("$p not $q"),
        CLAUSE("$p contains $q"),
        CLAUSE("$p starts_with {1,2} $q"),
        /* filters */
        CLAUSE("$p.age >= 1 $p.age <= 1 $p.age != 1 $p.age > 1 $p.age < 1 $p.age = 1"),
        CLAUSE("$p.tags contains \"x\" $p.name starts_with \"x\""),
        CLAUSE("$p.tags contains $q"),
        CLAUSE("$p contains \"x\""),
        CLAUSE("$p starts_with now()"),
        CLAUSE("$p < 1 $p < $q $p < now() $p < alias"),
        CLAUSE("alias = 1 $p.age > 1 $p knows $q"),
        CLAUSE("now() > datetime(\"2026-01-02T03:04:05+01:00\")"),
        CLAUSE("$p.age = null"),
        CLAUSE("\"x\" = $p.name"),
        CLAUSE("count($p) > 3"),
        /* text filters */
        CLAUSE("search($p.bio, \"x\") match_text($p.bio, $q)"),
        CLAUSE("fuzzy($p.bio, \"x\") fuzzy($p.bio, \"x\", 2)"),
        CLAUSE("search($p.bio, \"x\") = true"),
        /* not */
        CLAUSE("not { $p knows $q }"),
        CLAUSE("not { not { $p knows $q } not { $p.age > 3 } }"),
        /* projections */
        RETURN("$p"),
        RETURN("$p, $p.name, $p.age as years,"),
        RETURN("$p $p.name as n $p.age"),
        RETURN("now() 1 \"x\" 1.5 true false null [] [1, [2]] date(\"2026-01-02\")"),
        RETURN("nearest($p.embedding, $v) bm25($p.bio, \"x\") search($p.bio, $v)"),
        RETURN("rrf(nearest($p.embedding, [1, 2]), bm25($p.bio, \"x\"))"),
        RETURN("rrf(bm25($p.bio, \"x\"), bm25($p.bio, \"x\"), 60) as score"),
        RETURN("count($p) sum($p.age) avg($p.age) min($p.age) max($p.age)"),
        RETURN("count(count($p))"),
        RETURN("alias"),
        /* order and limit */
        ORDER("order { n }"),
        ORDER("order { n asc, $p.age desc, $p.name }"),
        ORDER("order { nearest($p.embedding, $v) } limit 5"),
        ORDER("order { rrf(bm25($p.bio, \"x\"), bm25($p.bio, \"y\")) desc } limit 5"),
        ORDER("limit 9223372036854775807"),
        /* mutations */
        MUTATE("insert Person { name: \"x\" }"),
        MUTATE("insert Person { name: \"x\", age: 3 seen: now() tags: [\"a\"], }"),
        MUTATE("update Person set { age: 3, nick: $n } where name = $n"),
        MUTATE("delete Person where age >= 3"),
        MUTATE("insert Person { a: 1 } update Person set { a: 1 } where b != null insert X { a: "
               "$_ }"),
        MUTATE("delete Person where a < 1 delete Person where a > 2"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct query_file *file;
        (void)only(texts[i], &file);
        query_file_free(file);
    }
}

static void the_declarations_that_parse_come_back_in_order(void **state)
{
    (void)state;
    struct diags diags;
    struct query_file *file =
        parse(QUERY("a()") "\nquery broken( {}\n" QUERY("b()") QUERY("a()"), &diags);
    assert_int_equal(file->count, 3);
    assert_int_equal(file->errors, 1);
    assert_int_equal(diags.errors, 1);
    const struct query *q = file->first;
    assert_string_equal(q->name.text, "a");
    assert_int_equal(q->name.at.line, 1);
    assert_int_equal(q->name.at.column, 7);
    q = q->next;
    assert_string_equal(q->name.text, "b");
    assert_int_equal(q->name.at.line, 3);
    assert_string_equal(q->next->name.text, "a");
    assert_null(q->next->next);
    query_file_free(file);
    diags_free(&diags);
}

static void a_file_without_queries_is_empty(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "  \r\n\t", "// nothing", "/* query a() {} */"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct diags diags;
        struct query_file *file = parse(texts[i], &diags);
        assert_int_equal(file->count, 0);
        assert_int_equal(file->errors, 0);
        query_file_free(file);
        diags_free(&diags);
    }
    query_file_free(NULL);
}

static void a_head_is_kept(void **state)
{
    (void)state;
    struct query_file *file;
    const struct query *q = only(
        QUERY("q($a: [I32]?, $b: Vector(7)) @description(\"d\\n\") @instruction(\"i\")"), &file);
    assert_string_equal(q->description, "d\n");
    assert_string_equal(q->instruction, "i");
    assert_false(q->is_mutation);
    assert_string_equal(q->params->name.text, "a");
    assert_int_equal(q->params->type.scalar, SCALAR_I32);
    assert_true(q->params->type.list && q->params->type.nullable);
    assert_int_equal(q->params->next->type.dimensions, 7);
    assert_null(q->params->next->next);
    query_file_free(file);
    q = only(QUERY("q()"), &file);
    assert_null(q->params);
    assert_null(q->description);
    assert_null(q->instruction);
    query_file_free(file);
}

/* Which clause a `$x` starts depends on what follows it. */
static void what_follows_a_variable_tells_the_clause(void **state)
{
    (void)state;
    static const struct {
        const char *clause;
        enum query_clause_kind kind;
    } cases[] = {
        {"$p: Person", QUERY_BINDING},
        {"$p knows $q", QUERY_TRAVERSAL},
        {"$p $w: knows $q", QUERY_TRAVERSAL},
        {"$p <knows> $q", QUERY_TRAVERSAL},
        {"$p < knows", QUERY_FILTER},
        {"$p < $q", QUERY_FILTER},
        {"$p contains $q", QUERY_TRAVERSAL},
        {"$p contains {1,2} $q", QUERY_TRAVERSAL},
        {"$p contains \"q\"", QUERY_FILTER},
        {"$p.x contains $q", QUERY_FILTER},
        {"$p starts_with q", QUERY_FILTER},
        {"not { $p knows $q }", QUERY_NOT},
        {"not = 3", QUERY_FILTER},
        {"search($p.x, \"a\")", QUERY_TEXT_FILTER},
        {"search($p.x, \"a\") = true", QUERY_FILTER},
        {"search = 3", QUERY_FILTER},
        {"true = $p.x", QUERY_FILTER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct query_file *file;
        char *text = xasprintf("query q() { match { %s } return { $p } }", cases[i].clause);
        const struct query *q = only(text, &file);
        if (q->read.match->kind != cases[i].kind || q->read.match->next)
            fail_msg("%s: kind %d", cases[i].clause, (int)q->read.match->kind);
        query_file_free(file);
        free(text);
    }
}

static void a_traversal_is_kept(void **state)
{
    (void)state;
    struct query_file *file;
    const struct query *q = only(
        READ("$a knows $b $a $w: <worksAt> {2,} $c $a knows {0,7} $d", "return { $a }"), &file);
    const struct query_traversal *t = &q->read.match->traversal;
    assert_string_equal(t->left.text, "a");
    assert_string_equal(t->edge.text, "knows");
    assert_string_equal(t->right.text, "b");
    assert_null(t->edge_variable.text);
    assert_false(t->undirected || t->hops.present);
    assert_int_equal(t->hops.min, 1);
    assert_int_equal(t->hops.max, 1);
    t = &q->read.match->next->traversal;
    assert_string_equal(t->edge_variable.text, "w");
    assert_true(t->undirected && t->hops.present && !t->hops.has_max);
    assert_int_equal(t->hops.min, 2);
    t = &q->read.match->next->next->traversal;
    assert_true(t->hops.present && t->hops.has_max);
    assert_int_equal(t->hops.min, 0);
    assert_int_equal(t->hops.max, 7);
    query_file_free(file);
}

static void a_read_is_kept(void **state)
{
    (void)state;
    struct query_file *file;
    const struct query *q = only(READ("$p: Person { name: \"x\", age: $a } $p.age >= 3",
                                      "return { $p.name as n, max($p.age) } "
                                      "order { n desc, $p.age asc, $p.age } limit 0"),
                                 &file);
    const struct query_binding *b = &q->read.match->binding;
    assert_string_equal(b->type.text, "Person");
    assert_string_equal(b->matches->name.text, "name");
    assert_string_equal(b->matches->value->literal.text, "x");
    assert_int_equal(b->matches->next->value->kind, QUERY_VARIABLE);
    const struct query_filter *f = &q->read.match->next->filter;
    assert_int_equal(f->op, QUERY_GE);
    assert_string_equal(f->left->property.text, "age");
    assert_int_equal(f->right->literal.integer, 3);
    const struct query_projection *p = q->read.projections;
    assert_string_equal(p->alias.text, "n");
    assert_int_equal(p->next->expr->aggregate, QUERY_MAX);
    assert_string_equal(query_function_name(p->next->expr), "max");
    assert_string_equal(query_function_name(p->expr), "");
    assert_null(p->next->alias.text);
    const struct query_ordering *o = q->read.orderings;
    assert_int_equal(o->expr->kind, QUERY_ALIAS);
    assert_true(o->descending && !o->next->descending && !o->next->next->descending);
    assert_true(q->read.has_limit);
    assert_int_equal(q->read.limit, 0);
    query_file_free(file);
}

static void a_mutation_is_kept(void **state)
{
    (void)state;
    struct query_file *file;
    const struct query *q = only(MUTATE("insert Person { a: 1 b: now() } "
                                        "update Person set { c: null } where d <= 2.5"),
                                 &file);
    assert_true(q->is_mutation);
    const struct query_mutation *m = q->mutations;
    assert_int_equal(m->kind, QUERY_INSERT);
    assert_int_equal(m->assignments->next->value->kind, QUERY_NOW);
    m = m->next;
    assert_int_equal(m->kind, QUERY_UPDATE);
    assert_int_equal(m->assignments->value->literal.kind, LITERAL_NULL);
    assert_string_equal(m->where.property.text, "d");
    assert_int_equal(m->where.op, QUERY_LE);
    assert_true(m->where.value->literal.number == 2.5);
    assert_null(m->next);
    query_file_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_production_parses),
        cmocka_unit_test(the_declarations_that_parse_come_back_in_order),
        cmocka_unit_test(a_file_without_queries_is_empty),
        cmocka_unit_test(a_head_is_kept),
        cmocka_unit_test(what_follows_a_variable_tells_the_clause),
        cmocka_unit_test(a_traversal_is_kept),
        cmocka_unit_test(a_read_is_kept),
        cmocka_unit_test(a_mutation_is_kept),
    };
    return RUN(tests);
}
