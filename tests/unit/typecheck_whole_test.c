/* Parser and type checker over whole files: messages, truncation, size. */
#include "common/io.h"
#include "common/xalloc.h"
#include "typecheck_expect.h"

/* A file in which every production stands once, and every declaration ends with a "}" in the first
 * column, and nothing stands between two. */
static char *everything(size_t *len)
{
    struct error err = ERROR_INIT;
    struct buf text = BUF_INIT;
    if (!io_read_file("tests/fixtures/gq/everything.gq", IO_MAX_SOURCE, &text, &err))
        fail_msg("%s", error_text(&err));
    *len = text.len;
    return buf_detach(&text);
}

static void a_file_with_every_production_checks(void **state)
{
    struct diags diags;
    size_t len;
    char *text = everything(&len);
    diags_init(&diags);
    bool ok = check(*state, text, len, &diags);
    if (!ok)
        print_error("%s\n", jv_string_value(jv_dump_string(jv_copy(diags.list), 0)));
    assert_true(ok);
    assert_int_equal(jv_array_length(jv_copy(diags.list)), 0);
    diags_free(&diags);
    free(text);
}

/* How many declarations a text holds in full, and whether something more begins after them. */
static size_t complete(const char *text, size_t len, bool *more)
{
    size_t count = 0;
    *more = false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '}' && i && text[i - 1] == '\n') {
            count++;
            *more = false;
        } else if (text[i] != '\n') {
            *more = true;
        }
    }
    return count;
}

static void cut_anywhere_a_file_gives_an_error_and_what_is_whole(void **state)
{
    size_t len;
    char *text = everything(&len);
    for (size_t cut = 0; cut < len; cut++) {
        struct diags diags;
        bool more;
        size_t count = complete(text, cut, &more);
        char *copy = xmalloc(cut + (cut == 0)); /* no byte more, so that reading on is seen */
        memcpy(copy, text, cut);
        struct source src = gq_source(copy, cut);
        diags_init(&diags);
        struct query_file *file = query_file_parse(&src, &diags);
        for (const struct query *q = file->first; q; q = q->next)
            assert_true(query_typecheck(q, &src, *state, &diags));
        bool utf8 = ((unsigned char)text[cut] & 0xc0) != 0x80; /* else the cut is in a character */
        if (file->count != (utf8 ? count : 0) || (file->errors > 0) != more)
            fail_msg("cut at %zu: %zu queries, %zu errors", cut, file->count, file->errors);
        assert_int_equal((size_t)diags.errors, file->errors);
        query_file_free(file);
        diags_free(&diags);
        free(copy);
    }
    free(text);
}

/* The only message about a text. To be freed. */
static char *message_about(const struct schema *schema, const char *text)
{
    struct diags diags;
    diags_init(&diags);
    assert_false(check(schema, text, strlen(text), &diags));
    assert_int_equal(diags.errors, 1);
    jv diag = jv_array_get(jv_copy(diags.list), 0);
    char *message = xstrdup(json_peek_string(&diag, "message"));
    jv_free(diag);
    diags_free(&diags);
    return message;
}

static void a_message_shows_the_line_and_the_place(void **state)
{
    char *message = message_about(
        *state, "query q() {\n    match { $p: Person }\n\treturn { $p.nothing }\n}\n");
    assert_ptr_equal(strstr(message, "t.gq:3:14: T6: "), message);
    assert_non_null(strstr(message, "\n    \treturn { $p.nothing }\n    \t            ^"));
    free(message);
}

static void a_misspelt_name_gets_the_nearest_one(void **state)
{
    static const struct {
        const char *text, *near;
    } cases[] = {
        {CLAUSE("$c: Compny"), "\"Company\""},
        {CLAUSE("$q: Person { nme: \"x\" }"), "\"name\""},
        {CLAUSE("$p workAt $c"), "\"worksAt\""},
        {CLAUSE("$p.embeding = null"), "\"embedding\""},
        {CLAUSE("$q: Person { status: \"actve\" }"), "\"active\""},
        {PARAM("$city: String", "$p.name = $cty"), "\"$city\""},
        {CLAUSE("$person knows $q $persn.age = 1"), "\"$person\""},
        {READ("", "$p: Person", "return { $p.name as label } order { lable }"), "\"label\""},
        {RETURN("nearest($p.embeding, \"x\")"), "\"embedding\""},
        {RETURN("serach($p.bio, \"x\")"), "\"search\""},
        {MUTATE("", "delete Compny where name = \"x\""), "\"Company\""},
        {MUTATE("", "delete Worksat where role = \"x\""), "\"WorksAt\""},
        {MUTATE("", "delete Person where nme = \"x\""), "\"name\""},
        {MUTATE("$city: String", "delete Person where name = $cty"), "\"$city\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *message = message_about(*state, cases[i].text);
        if (!strstr(message, cases[i].near))
            fail_msg("%s\nis not suggested in: %s", cases[i].near, message);
        free(message);
    }
}

/* Every query of a file is checked, whatever the others are. */
static void each_query_has_its_own_variables_and_errors(void **state)
{
    const struct rule_case cases[] = {
        {"T6 T1 T14", "query a($x: String) { match { $p: Person $p.name = $x } return { $p } }\n"
                      "query b() { match { $p: Company $p.name = ^$x } return { $p } }\n"
                      "query a() { match { $p: ^Peron } return { $p } }\n"
                      "query c() { delete Person where name = ^$x }\n"},
    };
    RUN_CASES(state, cases);
}

/* The errors that follow from one are not reported; those that do not are, all of them. */
static void independent_errors_are_all_reported(void **state)
{
    const struct rule_case cases[] = {
        {"T1 T2 T4 T6 T7 T8 T9", "query q() { match {\n"
                                 "    $a: ^Nothing { x: 1 }\n"
                                 "    $p: Person { ^x: 1 }\n"
                                 "    $a ^leads $b\n"
                                 "    $b.x > ^$z.y\n"
                                 "    $p.age ^= \"x\"\n"
                                 "} return { $a.x $b.x $z.x sum(^$p.name) ^now() } }\n"},
    };
    RUN_CASES(state, cases);
}

/* Twenty thousand of everything that is looked up by name. */
static void a_name_among_many_is_found(void **state)
{
    enum { MANY = 20000 };
    struct buf text = BUF_INIT;
    struct diags diags;
    buf_puts(&text, "query q($a: String) { match { ");
    for (int i = 0; i < MANY; i++)
        buf_printf(&text, "$p%d: Person not { $p%d knows $q }\n", i, i);
    buf_puts(&text, "} return { ");
    for (int i = 0; i < MANY; i++)
        buf_printf(&text, "$p%d.name as a%d\n", i, i);
    buf_puts(&text, "} order { a0");
    for (int i = 0; i < MANY; i++)
        buf_printf(&text, ", a%d, nothing%d", i, i);
    buf_puts(&text, "} }\nquery r() { update Person set { age: 1");
    for (int i = 0; i < MANY; i++)
        buf_printf(&text, " x%d: $x%d", i, i);
    buf_puts(&text, " } where age = 1 }");
    diags_init(&diags);
    assert_false(check(*state, buf_text(&text), text.len, &diags));
    assert_int_equal(diags.errors, 2 * REPORT_MAX); /* as many as are shown of one query */
    diags_free(&diags);
    buf_free(&text);
}

static void a_flood_of_errors_is_bounded_and_every_query_is_heard(void **state)
{
    enum { QUERIES = 30 };
    struct buf text = BUF_INIT;
    struct diags diags;
    for (int i = 0; i < QUERIES; i++) {
        buf_puts(&text, "query q() { match { $p: Person } return {");
        for (int n = 0; n < 2 * REPORT_MAX; n++)
            buf_puts(&text, " $p.x");
        buf_puts(&text, " } }\n");
    }
    buf_puts(&text, "query good() { match { $p: Person } return { $p } }\n");
    diags_init(&diags);
    struct source src = gq_source(buf_text(&text), text.len);
    struct query_file *file = query_file_parse(&src, &diags);
    size_t wrong = 0;
    for (const struct query *q = file->first; q; q = q->next)
        wrong += !query_typecheck(q, &src, *state, &diags);
    assert_int_equal(wrong, QUERIES);
    assert_int_equal(diags.errors, 10 * REPORT_MAX + 20);
    query_file_free(file);
    diags_free(&diags);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECKED(a_file_with_every_production_checks),
        CHECKED(cut_anywhere_a_file_gives_an_error_and_what_is_whole),
        CHECKED(a_message_shows_the_line_and_the_place),
        CHECKED(a_misspelt_name_gets_the_nearest_one),
        CHECKED(each_query_has_its_own_variables_and_errors),
        CHECKED(independent_errors_are_all_reported),
        CHECKED(a_name_among_many_is_found),
        CHECKED(a_flood_of_errors_is_bounded_and_every_query_is_heard),
    };
    return RUN(tests);
}
