/* The parser of .gq: every production, every rule of its own, and going on after errors. */
#include "common/xalloc.h"
#include "gq_expect.h"
#include "test.h"

#define READ(clauses, rest) "query q() { match { " clauses "} " rest "}"
#define CLAUSE(clause) READ("$p: Person " clause, "return { $p }")
#define RETURN(projections) READ("$p: Person", "return { " projections "}")
#define ORDER(rest) READ("$p: Person", "return { $p.name as n } " rest)
#define QUERY(head) "query " head " { match { $p: Person } return { $p } }"
#define MUTATE(body) "query q() { " body "}"

static struct query_file *parse(const char *text, struct diags *diags)
{
    struct source src = gq_source(text, strlen(text));
    diags_init(diags);
    return query_file_parse(&src, diags);
}

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

/* Has the text exactly the errors that are marked? Says what differs. */
static bool has_errors(const char *marked)
{
    struct gq_place places[GQ_MAX_PLACES];
    size_t count;
    struct diags diags;
    char *text = gq_unmark(marked, places, &count);
    struct query_file *file = parse(text, &diags);
    char *expected = gq_expected("- - - - - - - -", places, count), *found = gq_found(&diags);
    bool same = strcmp(expected, found) == 0 && file->errors == count;
    if (!same)
        print_error("%s\nexpected errors at\n%sfound\n%s\n", marked, expected, found);
    for (int i = 0; same && i < (int)count; i++) {
        jv diag = jv_array_get(jv_copy(diags.list), i);
        same = json_string_is(&diag, "code", "query_parse_error") &&
               json_string_is(&diag, "path", "graphs.g.queries");
        jv_free(diag);
    }
    query_file_free(file);
    diags_free(&diags);
    free(expected);
    free(found);
    free(text);
    return same;
}

static void expect_errors(const char *const *texts, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++)
        wrong += !has_errors(texts[i]);
    assert_int_equal(wrong, 0);
}

static void what_the_grammar_does_not_have_is_an_error_where_it_stands(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "^foo",
        "^insert Person { a: 1 }",
        "^@description(\"x\")",
        "query ^Foo() {}",
        "query ^() {}",
        "query q ^{ match { $p: Person } return { $p } }",
        QUERY("q(^a: String)"),
        QUERY("q($a ^String)"),
        QUERY("q($a: ^string)"),
        QUERY("q($a: ^Strng)"),
        QUERY("q($a: ^enum(a, b))"),
        QUERY("q($a: Vector(^0))"),
        QUERY("q($a: Vector(^2147483648))"),
        QUERY("q($a: [^Blob])"),
        QUERY("q($a: [^[String]])"),
        QUERY("q($a: String ^$b: String)"),
        QUERY("q($a: String, ^)"),
        QUERY("q(^$A: String)"),
        QUERY("q() @description ^\"x\""),
        QUERY("q() @description(^)"),
        QUERY("q() @description(\"x\" ^\"y\")"),
        QUERY("q() ^@embed(\"x\")"),
        QUERY("q() ^@key"),
        QUERY("q() ^x"),
        "query q() { ^}",
        "query q() { ^foo }",
        "query q() { match ^$p: Person return { $p } }",
        READ("^", "return { $p }"),
        READ("$p: Person", "^"),
        READ("$p: Person", "^order { n }"),
        READ("$p: Person", "return { ^}"),
        READ("$p: Person", "return ^$p"),
        READ("$p: Person", "return { $p } ^return { $p }"),
        READ("$p: Person", "return { $p } ^insert Person { a: 1 }"),
        /* clauses */
        CLAUSE("not { ^}"),
        CLAUSE("not ^$p knows $q"),
        CLAUSE("$q: ^person"),
        CLAUSE("$q: ^3"),
        CLAUSE("$q: Person { ^}"),
        CLAUSE("$q: Person { name ^= 1 }"),
        CLAUSE("$q: Person { name: ^name }"),
        CLAUSE("$q: Person { name: ^$p.name }"),
        CLAUSE("$q: Person { name: 1 ^age: 2 }"),
        CLAUSE("$q: Person { name: 1,^, }"),
        CLAUSE("$q: Person { ^Name: 1 }"),
        CLAUSE("$p ^Knows $q"),
        CLAUSE("$p <^Knows> $q"),
        CLAUSE("$p $w ^knows $q"),
        CLAUSE("$p $w: ^Knows $q"),
        CLAUSE("$p $w: <knows ^$q"),
        CLAUSE("$p $w: ^3"),
        CLAUSE("$p knows ^}"),
        CLAUSE("$p knows ^3"),
        CLAUSE("$p knows {^} $q"),
        CLAUSE("$p knows {1^} $q"),
        CLAUSE("$p knows {1,2^,} $q"),
        CLAUSE("$p knows {1,^a} $q"),
        CLAUSE("$p knows {^4294967296,1} $q"),
        CLAUSE("$p knows {1,^4294967296} $q"),
        CLAUSE("$tags contains $p^.name"),
        CLAUSE("$p.age ^"),
        CLAUSE("$p.age > ^"),
        CLAUSE("$p.age > ^-3"),
        CLAUSE("$p.age =^= 3"),
        CLAUSE("$p.^Age > 3"),
        CLAUSE("$p.^3 > 3"),
        CLAUSE("$p.age ^like 3"),
        CLAUSE("^Person"),
        CLAUSE("alias ^}"),
        CLAUSE("nearest($p.v, $q) ^"),
        /* expressions */
        RETURN("^foo($p)"),
        RETURN("^serach($p.bio, $q)"),
        RETURN("^a_function_whose_name_is_near_to_nothing_at_all()"),
        RETURN("now(^1)"),
        RETURN("nearest(^p, $v)"),
        RETURN("nearest($p^, $v)"),
        RETURN("nearest($p.v^)"),
        RETURN("nearest($p.v, $v^, 3)"),
        RETURN("search($p.bio^)"),
        RETURN("search($p.bio, $a^, $b)"),
        RETURN("search($p.bio ^$a)"),
        RETURN("bm25(^)"),
        RETURN("match_text($a, ^)"),
        RETURN("fuzzy($a, $b, 1^, 2)"),
        RETURN("rrf(bm25($a, $b)^)"),
        RETURN("rrf(^search($a, $b), bm25($a, $b))"),
        RETURN("rrf(bm25($a, $b), ^$x)"),
        RETURN("rrf(bm25($a, $b), bm25($a, $b), 1^, 1)"),
        RETURN("count(^)"),
        RETURN("count($a^, $b)"),
        RETURN("$p as ^Name"),
        RETURN("$p as ^$q"),
        RETURN("$p,^, $p"),
        RETURN("^, $p"),
        RETURN("[1 ^2]"),
        RETURN("[1, ^]"),
        RETURN("[^$p]"),
        RETURN("^*"),
        /* order and limit */
        ORDER("order { ^}"),
        ORDER("order { n ^$p.age }"),
        ORDER("order { n, ^}"),
        ORDER("order { n asc ^desc }"),
        ORDER("order { nearest($p.embedding, $v) ^desc } limit 5"),
        ORDER("order { nearest($p.embedding, $v) ^asc } limit 5"),
        ORDER("limit ^"),
        ORDER("limit ^1.5"),
        ORDER("limit ^$n"),
        ORDER("limit 5 ^order { n }"),
        ORDER("order { n } ^order { n }"),
        ORDER("limit ^9223372036854775808"),
        /* mutations */
        MUTATE("insert ^person { a: 1 }"),
        MUTATE("insert Person ^"),
        MUTATE("insert Person { ^}"),
        MUTATE("insert Person { a: 1,^, }"),
        MUTATE("insert Person { a ^1 }"),
        MUTATE("insert Person { a: ^b }"),
        MUTATE("insert Person { a: ^count($p) }"),
        MUTATE("insert Person { a: ^-1 }"),
        MUTATE("insert Person { a: 1 } ^where a = 1"),
        MUTATE("insert Person { a: 1 } ^match { $p: Person }"),
        MUTATE("update Person ^{ a: 1 } where a = 1"),
        MUTATE("update Person set { a: 1 } ^"),
        MUTATE("update Person set { a: 1 } where ^"),
        MUTATE("update Person set { a: 1 } where ^$p = 1"),
        MUTATE("update Person set { a: 1 } where a ^contains 1"),
        MUTATE("delete Person where a ^starts_with \"x\""),
        MUTATE("delete Person where a = ^b"),
        MUTATE("delete Person where a = ^$p.b"),
        MUTATE("delete Person where a = 1 ^and b = 2"),
        MUTATE("delete Person ^{ a: 1 }"),
        MUTATE("delete ^person where a = 1"),
    };
    expect_errors(texts, sizeof texts / sizeof *texts);
}

static void rules_beyond_the_grammar_are_kept(void **state)
{
    (void)state;
    static const char *const texts[] = {
        MUTATE("insert Person { a: 1 } ^delete Person where a = 1"),
        MUTATE("update Person set { a: 1 } where b = 1 ^delete Person where a = 1"),
        MUTATE("delete Person where a = 1 delete Person where a = 1 ^insert Person { a: 1 }"),
        QUERY("q() @description(\"a\") @instruction(\"b\") ^@description(\"a\")"),
        QUERY("q() @instruction(\"a\") ^@instruction(\"b\")"),
        QUERY("q($a: String, $b: String, ^$a: I32)"),
        QUERY("q(^$__nanograph_now: DateTime)"),
        RETURN("date(^\"2026-02-30\")"),
        RETURN("date(^\"2026-1-1\")"),
        RETURN("date(^\"2026-01-02T03:04:05Z\")"),
        RETURN("datetime(^\"2026-01-02\")"),
        RETURN("datetime(^\"2026-01-02T25:00:00Z\")"),
        RETURN("datetime(^3)"),
        RETURN("\"^\\q\""),
    };
    expect_errors(texts, sizeof texts / sizeof *texts);
}

static void every_broken_declaration_is_reported_and_the_others_are_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        /* a body that is broken, one that is not closed, a head */
        "query a() { match { $p: ^person } return { $p } }\n"
        "query b() { match { $p: Person } return { $p } \n"
        "^query c() { match { $p: Person } return { $p } }\n"
        "query d($x: String) { match { ^} return { $p } }\n"
        "query ^E() {}\n",
        /* all on one line; too many braces closed */
        "query a() { match { 3 ^} } } query b() { ^foo } query c($x: ^x) { } query d() { ^}",
        /* names that look like a declaration */
        "query a() { match { ^} return { $p.query count($p) $q.x as query now() } } query b() { "
        "^foo }",
        "query a() { match { ^} return { $p.query\n $p as query count($x) } }",
        /* inside braces that are never closed */
        "query a() { match { $p: Person } return { ^{{ query b($x: I32) { ^foo }",
        "query a() { match { ^( } query b() { ^foo }",
        "query a() { ^{ {\nquery ^{ } query b() { ^foo }",
        /* no declaration at all */
        "^node Person { name: String }\nquery a() { ^foo }",
        "^query_a() query b() { ^foo }",
        "query query ^query q() { }",
    };
    expect_errors(texts, sizeof texts / sizeof *texts);
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

static void a_source_that_cannot_be_read_is_one_error(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "^\xef\xbb\xbf" QUERY("a()"),
        "// ok\n  ^\xff" QUERY("a()"),
    };
    expect_errors(texts, sizeof texts / sizeof *texts);
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

/* open, `levels` times; middle; close, as often. */
static char *nested(const char *head, const char *open, const char *middle, const char *close,
                    const char *tail, unsigned levels)
{
    struct buf out = BUF_INIT;
    buf_puts(&out, head);
    for (unsigned i = 0; i < levels; i++)
        buf_puts(&out, open);
    buf_puts(&out, middle);
    for (unsigned i = 0; i < levels; i++)
        buf_puts(&out, close);
    buf_puts(&out, tail);
    return buf_detach(&out);
}

/* The body counts one, so 199 levels are left. */
static void nesting_is_bounded_at_200(void **state)
{
    (void)state;
    static const struct {
        const char *head, *open, *middle, *close, *tail;
    } cases[] = {
        {"query q() { match { ", "not { ", "$p knows $q", "}", "} return { $p } }"},
        {"query q() { match { $p: P } return { ", "count(", "$p", ")", "} }"},
        {"query q() { match { $p: P } return { ", "[", "", "]", "} }"},
        {"query q() { insert P { a: ", "[", "", "]", "} }"},
        {"query q() { match { $p: P { a: ", "[", "", "]", "} } return { $p } }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (unsigned levels = 199; levels <= 200; levels++) {
            struct diags diags;
            char *text = nested(cases[i].head, cases[i].open, cases[i].middle, cases[i].close,
                                cases[i].tail, levels);
            struct query_file *file = parse(text, &diags);
            assert_int_equal(file->errors, levels == 200);
            assert_int_equal(file->count, levels != 200);
            query_file_free(file);
            diags_free(&diags);
            free(text);
        }
    }
}

static void a_hundred_thousand_brackets_are_one_error(void **state)
{
    (void)state;
    static const char *const opens[] = {"[", "(", "{", "not {", "count(", "search(", "<"};
    for (size_t i = 0; i < sizeof opens / sizeof *opens; i++) {
        struct diags diags;
        char *text = nested("query q() { match { $p: P } return { ", opens[i], "", "",
                            "\nquery b() { match { $p: P } return { $p } }", 100000);
        struct query_file *file = parse(text, &diags);
        assert_int_equal(file->errors, 1);
        assert_int_equal(file->count, 1); /* the one after it */
        query_file_free(file);
        diags_free(&diags);
        free(text);
    }
}

static void many_parameters_and_many_queries_take_no_quadratic_time(void **state)
{
    (void)state;
    struct buf text = BUF_INIT;
    struct diags diags;
    buf_puts(&text, "query q($a: I32");
    for (int i = 0; i < 50000; i++)
        buf_printf(&text, ", $p%d: I32", i);
    buf_puts(&text, ", $p7: I32) {}\n");
    for (int i = 0; i < 5000; i++)
        buf_printf(&text, "query q%d() { match { ( } return { $p } \n", i); /* not closed */
    struct query_file *file = parse(buf_text(&text), &diags);
    assert_int_equal(file->errors, 5001);
    assert_true(diags.errors <= 1001);
    query_file_free(file);
    diags_free(&diags);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_production_parses),
        cmocka_unit_test(what_the_grammar_does_not_have_is_an_error_where_it_stands),
        cmocka_unit_test(rules_beyond_the_grammar_are_kept),
        cmocka_unit_test(every_broken_declaration_is_reported_and_the_others_are_read),
        cmocka_unit_test(the_declarations_that_parse_come_back_in_order),
        cmocka_unit_test(a_file_without_queries_is_empty),
        cmocka_unit_test(a_source_that_cannot_be_read_is_one_error),
        cmocka_unit_test(a_head_is_kept),
        cmocka_unit_test(what_follows_a_variable_tells_the_clause),
        cmocka_unit_test(a_traversal_is_kept),
        cmocka_unit_test(a_read_is_kept),
        cmocka_unit_test(a_mutation_is_kept),
        cmocka_unit_test(nesting_is_bounded_at_200),
        cmocka_unit_test(a_hundred_thousand_brackets_are_one_error),
        cmocka_unit_test(many_parameters_and_many_queries_take_no_quadratic_time),
    };
    return RUN(tests);
}
