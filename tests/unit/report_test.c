#include "../../cmd/cluster-report/report.h"
#include "../../cmd/cluster-report/steps.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* ' stands for " in the JSON of these tests. */
static jv parsed(const char *text)
{
    char *json = strdup(text);
    for (char *c = json; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    struct error err = ERROR_INIT;
    jv value = json_parse(json, strlen(json), &err);
    assert_true(jv_is_valid(value));
    free(json);
    return value;
}

/* ---- migration steps ---- */

static void assert_steps(const char *migration, const char *expected)
{
    struct buf out = BUF_INIT;
    struct text text = {&out, false};
    jv value = parsed(migration);
    steps_write(&text, &value);
    assert_string_equal(buf_text(&out), expected);
    jv_free(value);
    buf_free(&out);
}

static void assert_step(const char *step, const char *expected)
{
    struct buf migration = BUF_INIT, line = BUF_INIT;
    buf_printf(&migration, "{'supported':true,'steps':[%s]}", step);
    buf_printf(&line, "      %s\n", expected);
    assert_steps(buf_text(&migration), buf_text(&line));
    buf_free(&migration);
    buf_free(&line);
}

static void every_kind_of_step_reads_as_one_line(void **unused)
{
    (void)unused;
    assert_step("{'kind':'add_type','type_kind':'interface','name':'Named'}", "+ interface Named");
    assert_step("{'kind':'rename_type','type_kind':'node','from':'A','to':'B'}",
                "~ node A -> B  (renamed, its data stays)");
    assert_step("{'kind':'rename_property','type_kind':'edge','type_name':'K','from':'a','to':'b'}",
                "~ edge K.a -> b  (renamed, its data stays)");
    assert_step("{'kind':'extend_enum','type_kind':'node','type_name':'A','property_name':'s',"
                "'added_values':['x','y']}",
                "~ node A.s: enum gains x, y");
    assert_step("{'kind':'update_type_metadata','type_kind':'node','name':'A',"
                "'annotations':[{'name':'description','value':'it'}]}",
                "~ node A: @description(\"it\")");
    assert_step("{'kind':'update_property_metadata','type_kind':'node','type_name':'A',"
                "'property_name':'p','annotations':[]}",
                "~ node A.p: no description or instruction");
    assert_step("{'kind':'drop_type','type_kind':'node','name':'A','mode':'soft'}",
                "- node A  (soft drop: hidden, can be restored)");
    assert_step("{'kind':'drop_property','type_kind':'node','type_name':'A','property_name':'p',"
                "'mode':'hard'}",
                "- node A.p  (removed for good)");
    assert_step("{'kind':'unsupported_change','entity':'node:A.p','reason':'no way'}",
                "! node:A.p: no way");
    assert_step("{'kind':'unsupported_change','entity':'node:A','reason':'no','code':'OG-MF-103'}",
                "! node:A: no [OG-MF-103]");
}

static void added_properties_show_their_type(void **unused)
{
    (void)unused;
    static const struct {
        const char *type, *shown;
    } cases[] = {
        {"{'scalar':'String','nullable':true,'list':false,'enum_values':null}", "String?"},
        {"{'scalar':'I32','nullable':false,'list':true,'enum_values':null}", "[I32]"},
        {"{'scalar':{'Vector':384},'nullable':true,'list':false,'enum_values':null}",
         "Vector(384)?"},
        {"{'scalar':'String','nullable':true,'list':false,'enum_values':['a','b']}", "enum(a, b)?"},
        {"null", "?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf step = BUF_INIT, line = BUF_INIT;
        buf_printf(&step,
                   "{'kind':'add_property','type_kind':'node','type_name':'A','property_name':'p',"
                   "'property_type':%s}",
                   cases[i].type);
        buf_printf(&line, "+ node A.p: %s", cases[i].shown);
        assert_step(buf_text(&step), buf_text(&line));
        buf_free(&step);
        buf_free(&line);
    }
}

static void added_constraints_read_as_a_schema_writes_them(void **unused)
{
    (void)unused;
    static const struct {
        const char *constraint, *shown;
    } cases[] = {
        {"{'Index':['a','b']}", "@index(a, b)"},
        {"{'Unique':['a']}", "@unique(a)"},
        {"{'Key':['a']}", "@key(a)"},
        {"{'Range':{'property':'a','min':1,'max':null}}",
         "{\"Range\":{\"max\":null,\"min\":1,\"property\":\"a\"}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf step = BUF_INIT, line = BUF_INIT;
        buf_printf(&step,
                   "{'kind':'add_constraint','type_kind':'node','type_name':'A','constraint':%s}",
                   cases[i].constraint);
        buf_printf(&line, "+ node A %s", cases[i].shown);
        assert_step(buf_text(&step), buf_text(&line));
        buf_free(&step);
        buf_free(&line);
    }
}

static void steps_of_another_driver_are_shown_as_they_are(void **unused)
{
    (void)unused;
    assert_step("{'kind':'reshard','n':4}", "* {\"kind\":\"reshard\",\"n\":4}");
    assert_step("'text'", "* \"text\"");
    assert_step("{'kind':'add_type'}", "+ ?");
    assert_step("{'kind':'extend_enum','type_kind':'node','added_values':[1]}",
                "~ node ?.?: enum gains ?");
}

static void a_migration_without_steps_or_support_says_so(void **unused)
{
    (void)unused;
    assert_steps("{'supported':true,'steps':[]}",
                 "      no migration steps: the graph's structure stays as it is\n");
    assert_steps("{'supported':false,'steps':[{'kind':'add_type','name':'A'}]}",
                 "      + A\n      not supported: apply would refuse this migration\n");
}

/* ---- writing for people ---- */

static void counts_have_their_plural(void **unused)
{
    (void)unused;
    struct buf out = BUF_INIT;
    struct text text = {&out, false};
    text_count(&text, 1, "query");
    text_count(&text, 2, "query");
    text_count(&text, 0, "graph");
    assert_string_equal(buf_text(&out), "1 query2 queries0 graphs");
    buf_free(&out);
}

static void columns_count_characters(void **unused)
{
    (void)unused;
    struct buf out = BUF_INIT;
    struct text text = {&out, false};
    text_pad(&text, "\xc3\xbc", 3);
    text_printf(&text, "|");
    text_pad(&text, "long", 2);
    assert_string_equal(buf_text(&out), "\xc3\xbc  |long");
    buf_free(&out);
}

static void other_peoples_words_are_made_harmless(void **unused)
{
    (void)unused;
    struct buf out = BUF_INIT;
    struct text text = {&out, false};
    text_safe(&text, "a\x1b[31m\x07\x7f\xc2\x9b\xff\nb");
    text_safe(&text, NULL);
    assert_string_equal(buf_text(&out), "a\\x1b[31m\\x07\\x7f\\x9b\\xff b");
    buf_clear(&out);
    text_lines(&text, "one\n\ttwo\x1b\n\nend", 2);
    assert_string_equal(buf_text(&out), "  one\n  \ttwo\\x1b\n  \n  end\n");
    buf_free(&out);
}

/* ---- whole reports ---- */

static void colours_are_only_added(void **unused)
{
    (void)unused;
    static const char text[] =
        "{'format':'cluster-run/1','config':{'dir':'.','file':'./cluster.yaml','name':'n','lock':"
        "true,'storage':null,'driver':'sqlite'},'changes':[{'resource':'graph.a','operation':"
        "'create','disposition':'applied'},{'resource':'schema.a','operation':'update',"
        "'disposition':'blocked','reason':'skipped_after_failure'},{'resource':'query.a.b',"
        "'operation':'delete','disposition':'deferred','reason':'of_my_own'},{'resource':"
        "'graph.c','operation':'update','disposition':'derived'},{'resource':'graph.d',"
        "'operation':'update'}],'diagnostics':[{'code':'c','severity':'warning','path':'',"
        "'message':'m'}]}";
    for (int command = REPORT_VALIDATE; command <= REPORT_FORCE_UNLOCK; command++) {
        struct doc doc;
        struct buf plain = BUF_INIT, coloured = BUF_INIT, stripped = BUF_INIT;
        doc.root = parsed(text);
        report_write(&doc, (enum report_command)command, REPORT_TEXT, &plain);
        doc_free(&doc);
        doc.root = parsed(text);
        report_write(&doc, (enum report_command)command, REPORT_COLOURED_TEXT, &coloured);
        doc_free(&doc);
        assert_null(strchr(buf_text(&plain), '\033'));
        assert_non_null(strchr(buf_text(&coloured), '\033'));
        for (const char *c = buf_text(&coloured); *c; c++) {
            if (*c == '\033')
                c = strchr(c, 'm');
            else
                buf_putc(&stripped, *c);
        }
        assert_string_equal(buf_text(&stripped), buf_text(&plain));
        buf_free(&plain);
        buf_free(&coloured);
        buf_free(&stripped);
    }
}

static void commands_are_known_by_their_names(void **unused)
{
    (void)unused;
    for (int i = REPORT_VALIDATE; i <= REPORT_FORCE_UNLOCK; i++) {
        enum report_command command;
        assert_true(report_command_parse(report_command_name((enum report_command)i), &command));
        assert_int_equal(command, i);
    }
    enum report_command command;
    assert_false(report_command_parse("snapshot", &command));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_step_reads_as_one_line),
        cmocka_unit_test(added_properties_show_their_type),
        cmocka_unit_test(added_constraints_read_as_a_schema_writes_them),
        cmocka_unit_test(steps_of_another_driver_are_shown_as_they_are),
        cmocka_unit_test(a_migration_without_steps_or_support_says_so),
        cmocka_unit_test(counts_have_their_plural),
        cmocka_unit_test(columns_count_characters),
        cmocka_unit_test(other_peoples_words_are_made_harmless),
        cmocka_unit_test(colours_are_only_added),
        cmocka_unit_test(commands_are_known_by_their_names),
    };
    return RUN(tests);
}
