#include "common/changes.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

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

static void assert_changes(const char *resources, const char *recorded, const char *expected)
{
    jv a = parsed(resources), b = parsed(recorded), want = parsed(expected);
    jv changes = changes_between(&a, &b);
    if (!json_equal(&changes, &want)) {
        struct buf text = BUF_INIT;
        json_write_canonical(&changes, &text);
        fail_msg("got %s", buf_text(&text));
    }
    jv_free(changes);
    jv_free(want);
    jv_free(b);
    jv_free(a);
}

static void without_a_ledger_everything_is_a_create(void **unused)
{
    (void)unused;
    const char *resources = "[{'address':'schema.a','kind':'schema','digest':'s'},"
                            "{'address':'graph.a','kind':'graph','digest':'g'}]";
    const char *expected = "[{'resource':'graph.a','operation':'create','after_digest':'g'},"
                           "{'resource':'schema.a','operation':'create','after_digest':'s'}]";
    assert_changes(resources, "null", expected);
    assert_changes(resources, "{}", expected);
    assert_changes("[]", "{}", "[]");
}

static void digests_are_compared_by_address(void **unused)
{
    (void)unused;
    assert_changes("[{'address':'graph.a','kind':'graph','digest':'g'},"
                   "{'address':'query.a.q','kind':'query','digest':'q2'},"
                   "{'address':'query.a.same','kind':'query','digest':'x'}]",
                   "{'graph.a':{'digest':'g'},'query.a.q':{'digest':'q1'},"
                   "'query.a.same':{'digest':'x'},'query.a.gone':{'digest':'z'},"
                   "'other.thing':{'digest':'o'}}",
                   "[{'resource':'other.thing','operation':'delete','before_digest':'o'},"
                   "{'resource':'query.a.gone','operation':'delete','before_digest':'z'},"
                   "{'resource':'query.a.q','operation':'update','before_digest':'q1',"
                   "'after_digest':'q2'}]");
}

static void other_bindings_are_a_change_with_equal_digests(void **unused)
{
    (void)unused;
    const char *resources = "[{'address':'policy.p','kind':'policy','digest':'d',"
                            "'applies_to':['cluster','graph.a']}]";
    const char *update = "[{'resource':'policy.p','operation':'update','before_digest':'d',"
                         "'after_digest':'d','binding_change':true}]";
    assert_changes(resources, "{'policy.p':{'digest':'d','applies_to':['cluster','graph.a']}}",
                   "[]");
    assert_changes(resources,
                   "{'policy.p':{'digest':'d','applies_to':['graph.a','cluster','cluster']}}",
                   "[]");
    assert_changes(resources, "{'policy.p':{'digest':'d','applies_to':['cluster']}}", update);
    assert_changes(resources, "{'policy.p':{'digest':'d','applies_to':[]}}", update);
    /* Recorded before bindings were. */
    assert_changes(resources, "{'policy.p':{'digest':'d'}}", update);
    /* A changed file is an ordinary update, whatever it binds. */
    assert_changes(resources, "{'policy.p':{'digest':'e','applies_to':['cluster']}}",
                   "[{'resource':'policy.p','operation':'update','before_digest':'e',"
                   "'after_digest':'d'}]");
}

static void only_policies_have_bindings(void **unused)
{
    (void)unused;
    assert_changes("[{'address':'query.a.q','kind':'query','digest':'d'}]",
                   "{'query.a.q':{'digest':'d','applies_to':['cluster']}}", "[]");
}

static void a_ledger_that_cannot_be_compared_is_named(void **unused)
{
    (void)unused;
    static const char bad_bindings[] = "{'policy.p':{'digest':'" ZEROS "','applies_to':7}}";
    static const char *const bad[] = {"null", "[]", "{'graph.a':{}}",
                                      "{'graph.a':{'digest':'short'}}", bad_bindings};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        jv recorded = parsed(bad[i]);
        struct error err = ERROR_INIT;
        assert_false(changes_recorded_is_valid(&recorded, &err));
        assert_true(strlen(error_text(&err)) > 0);
        error_clear(&err);
        jv_free(recorded);
    }
    jv good = parsed("{'graph.a':{'digest':'" ZEROS "','embedding_profile':{}}}");
    assert_true(changes_recorded_is_valid(&good, NULL));
    jv_free(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_ledger_everything_is_a_create),
        cmocka_unit_test(digests_are_compared_by_address),
        cmocka_unit_test(other_bindings_are_a_change_with_equal_digests),
        cmocka_unit_test(only_policies_have_bindings),
        cmocka_unit_test(a_ledger_that_cannot_be_compared_is_named),
    };
    return RUN(tests);
}
