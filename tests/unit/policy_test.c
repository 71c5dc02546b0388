#include "policy/policy.h"

#include "common/buf.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* The lines of every bundle below unless it says otherwise. */
#define GROUPS "version: 1\ngroups: {team: [ann, bob], ops: [root]}\nprotected_branches: [main]\n"
#define RULE(id, inside) "  - id: " id "\n    allow: {" inside "}\n"
#define TEAM "actors: {group: team}"

static struct policy *parse(const char *text, struct diags *diags)
{
    return policy_parse("base.policy.yaml", text, strlen(text), "policies.base.file", diags);
}

/* A bundle that passes every check. */
static struct policy *good(const char *text)
{
    struct diags diags;
    diags_init(&diags);
    struct policy *policy = parse(text, &diags);
    if (!policy)
        print_error("refused: %s\n", text);
    assert_non_null(policy);
    assert_int_equal(diags.errors, 0);
    diags_free(&diags);
    return policy;
}

static void each_bundle_that_follows_the_rules_is_taken(void **unused)
{
    (void)unused;
    static const char *const bundles[] = {
        "version: 1\n",
        "{version: 1, groups: {}, protected_branches: [], rules: []}\n",
        "version: 1\nkind: graph\n",
        "version: 1\nkind: server\n",
        GROUPS "rules:\n" RULE("a", TEAM ", actions: [read, export, change], branch_scope: any"),
        GROUPS "rules:\n" RULE("a", TEAM ", actions: [schema_apply, branch_create, branch_delete, "
                                         "branch_merge], target_branch_scope: protected"),
        GROUPS "rules:\n" RULE("a", TEAM ", actions: [admin, invoke_query]"),
        GROUPS "rules:\n" RULE("a", TEAM ", actions: [graph_list]"),
        GROUPS "rules:\n" RULE("a", TEAM ", actions: [read, admin, schema_apply]"),
        GROUPS "kind: server\nrules:\n" RULE("a", TEAM ", actions: [graph_list]"),
        GROUPS "kind: graph\nrules:\n" RULE("a", TEAM ", actions: [read]"),
        /* repeating an actor, an action or a branch is harmless */
        "version: 1\ngroups: {g: [a, a]}\nprotected_branches: [main, main]\nrules:\n" RULE(
            "a", "actors: {group: g}, actions: [read, read]"),
        "version: 1\ngroups: {g: &g [a], h: *g}\n",
        GROUPS "rules:\n" RULE("a", TEAM ", actions: [read]")
            RULE("b", TEAM ", actions: [graph_list]"),
    };
    for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++)
        policy_free(good(bundles[i]));
}

static void each_broken_rule_is_an_error_with_its_line(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int line;
        const char *rule; /* named by the message, or NULL */
    } cases[] = {
        {"", 1, NULL},
        {"[]\n", 1, NULL},
        {"rules: []\n", 1, NULL},
        {"version: '1'\n", 1, NULL},
        {"version: 2\n", 1, NULL},
        {"version: 1.0\n", 1, NULL},
        {"version: null\n", 1, NULL},
        {"version: 1\nkind: cluster\n", 2, NULL},
        {"version: 1\nkind: null\n", 2, NULL},
        {"version: 1\nrule: []\n", 2, NULL},
        {"version: 1\ngroups: null\n", 2, NULL},
        {"version: 1\ngroups: [a]\n", 2, NULL},
        {"version: 1\ngroups: {g: []}\n", 2, NULL},
        {"version: 1\ngroups: {g: null}\n", 2, NULL},
        {"version: 1\ngroups: {g: a}\n", 2, NULL},
        {"version: 1\ngroups: {g: [1]}\n", 2, NULL},
        {"version: 1\ngroups: {g: [' ']}\n", 2, NULL},
        {"version: 1\ngroups: {g: [null]}\n", 2, NULL},
        {"version: 1\ngroups: {' ': [a]}\n", 2, NULL},
        {"version: 1\nprotected_branches: main\n", 2, NULL},
        {"version: 1\nprotected_branches: null\n", 2, NULL},
        {"version: 1\nprotected_branches: ['']\n", 2, NULL},
        {"version: 1\nprotected_branches: [true]\n", 2, NULL},
        {"version: 1\nrules: null\n", 2, NULL},
        {"version: 1\nrules: {}\n", 2, NULL},
        {"version: 1\nrules: [x]\n", 2, "#1"},
        {"version: 1\nversion: 1\n", 2, NULL},
        {"version: 1\ngroups: !!map {}\n", 2, NULL},
        {"version: 1\n---\nversion: 1\n", 2, NULL},
        {"version: [\n", 2, NULL},
        {GROUPS "rules:\n  - allow: {" TEAM ", actions: [read]}\n", 5, "#1"},
        {GROUPS "rules:\n  - id: a\n", 5, "a"},
        {GROUPS "rules:\n  - {id: a, allow: null}\n", 5, "a"},
        {GROUPS "rules:\n  - {id: a, allow: [x]}\n", 5, "a"},
        {GROUPS "rules:\n" RULE("a", "actions: [read]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", "actors: team, actions: [read]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", "actors: {}, actions: [read]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", "actors: {group: 1}, actions: [read]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", "actors: {group: ''}, actions: [read]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", "actors: {group: taem}, actions: [read]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", "actors: {group: zzzzzz}, actions: [read]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", "actors: {group: team, user: x}, actions: [read]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: []"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: read"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [raed]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [fly]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [null]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [read], effect: deny"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [read], branch_scope: all"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [read], branch_scope: null"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [admin], branch_scope: any"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [read, admin], branch_scope: any"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [schema_apply], branch_scope: any"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [read], target_branch_scope: any"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [invoke_query], target_branch_scope: any"), 6,
         "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [read], branch_scope: any, "
                                          "target_branch_scope: any"),
         6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [graph_list, read]"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [graph_list], branch_scope: any"), 6, "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [graph_list], target_branch_scope: any"), 6,
         "a"},
        {GROUPS "rules:\n" RULE("a", TEAM ", actions: [read]") RULE("a", TEAM ", actions: [read]"),
         7, "a"},
        {GROUPS "rules:\n" RULE("' '", TEAM ", actions: [read]"), 5, " "},
        {GROUPS "rules:\n" RULE("7", TEAM ", actions: [read]"), 5, "#1"},
        {GROUPS "kind: graph\nrules:\n" RULE("a", TEAM ", actions: [graph_list]"), 7, "a"},
        {GROUPS "kind: server\nrules:\n" RULE("a", TEAM ", actions: [read]"), 7, "a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct diags diags;
        diags_init(&diags);
        struct policy *policy = parse(cases[i].text, &diags);
        if (policy || diags.errors != 1)
            print_error("%d errors in: %s\n", diags.errors, cases[i].text);
        assert_null(policy);
        assert_int_equal(diags.errors, 1);
        jv diag = jv_array_get(jv_copy(diags.list), 0);
        assert_true(json_string_is(&diag, "code", "policy_invalid"));
        assert_true(json_string_is(&diag, "path", "policies.base.file"));
        const char *message = json_peek_string(&diag, "message");
        struct buf expected = BUF_INIT;
        buf_printf(&expected, "base.policy.yaml:%d:", cases[i].line);
        if (strncmp(message, expected.data, expected.len) != 0)
            print_error("%s in: %s\n", message, cases[i].text);
        assert_memory_equal(message, expected.data, expected.len);
        buf_clear(&expected);
        buf_printf(&expected, "rule '%s'", cases[i].rule ? cases[i].rule : "");
        assert_int_equal(strstr(message, cases[i].rule ? expected.data : "rule '") != NULL,
                         cases[i].rule != NULL);
        buf_free(&expected);
        jv_free(diag);
        diags_free(&diags);
    }
}

static void all_faults_of_a_bundle_are_reported(void **unused)
{
    (void)unused;
    struct diags diags;
    diags_init(&diags);
    assert_null(parse("version: 3\nkind: x\nextra: 1\ngroups: {g: [], h: [1, '']}\n"
                      "rules:\n  - {}\n  - {id: '', allow: {}}\n",
                      &diags));
    assert_int_equal(diags.errors, 11);
    diags_free(&diags);
}

static void a_rule_that_could_never_match_its_binding_is_refused(void **unused)
{
    (void)unused;
    struct policy *graph = good(GROUPS "rules:\n" RULE("a", TEAM ", actions: [read]"));
    struct policy *server = good(GROUPS "rules:\n" RULE("a", TEAM ", actions: [graph_list]"));
    struct policy *both = good(GROUPS "rules:\n" RULE("a", TEAM ", actions: [graph_list]")
                                   RULE("b", TEAM ", actions: [admin]"));
    struct policy *none = good("version: 1\n");
    const struct {
        const struct policy *policy;
        bool graphs, cluster;
        int errors;
    } cases[] = {
        {graph, true, false, 0},  {graph, false, true, 1},  {graph, true, true, 0},
        {server, true, false, 1}, {server, false, true, 0}, {server, true, true, 0},
        {both, true, false, 1},   {both, false, true, 1},   {both, true, true, 0},
        {none, true, false, 0},   {none, false, true, 0},   {none, true, true, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct diags diags;
        diags_init(&diags);
        assert_int_equal(policy_check_binding(cases[i].policy, cases[i].graphs, cases[i].cluster,
                                              "f", "p", &diags),
                         cases[i].errors == 0);
        assert_int_equal(diags.errors, cases[i].errors);
        diags_free(&diags);
    }
    policy_free(graph);
    policy_free(server);
    policy_free(both);
    policy_free(none);
}

static void a_request_is_denied_unless_a_rule_allows_it(void **unused)
{
    (void)unused;
    struct policy *bundle = good(
        GROUPS "rules:\n" RULE("read-all", TEAM ", actions: [read], branch_scope: any")
            RULE("write-side", TEAM ", actions: [change], branch_scope: unprotected")
                RULE("export-main", TEAM ", actions: [export], branch_scope: protected")
                    RULE("merge-main", "actors: {group: ops}, actions: [branch_merge], "
                                       "target_branch_scope: protected")
                        RULE("make", TEAM ", actions: [branch_create], "
                                          "target_branch_scope: unprotected")
                            RULE("schema", "actors: {group: ops}, actions: [schema_apply, admin]")
                                RULE("list", TEAM ", actions: [graph_list]"));
    static const struct {
        struct policy_request request;
        const char *rule; /* NULL: denied */
    } cases[] = {
        {{"ann", "read", "main", NULL}, "read-all"},
        {{"bob", "read", "side", NULL}, "read-all"},
        {{"bob", "read", NULL, NULL}, "read-all"},
        {{"root", "read", "main", NULL}, NULL},
        {{"eve", "read", "main", NULL}, NULL},
        {{"", "read", "main", NULL}, NULL},
        {{"ann", "change", "side", NULL}, "write-side"},
        {{"ann", "change", "main", NULL}, NULL},
        {{"ann", "change", NULL, NULL}, NULL},
        {{"ann", "export", "main", NULL}, "export-main"},
        {{"ann", "export", "side", NULL}, NULL},
        {{"root", "branch_merge", NULL, "main"}, "merge-main"},
        {{"root", "branch_merge", NULL, "side"}, NULL},
        {{"root", "branch_merge", NULL, NULL}, NULL},
        {{"ann", "branch_merge", NULL, "main"}, NULL},
        {{"ann", "branch_create", NULL, "side"}, "make"},
        {{"ann", "branch_create", NULL, "main"}, NULL},
        {{"root", "schema_apply", NULL, "main"}, "schema"},
        {{"root", "admin", NULL, NULL}, "schema"},
        {{"ann", "admin", NULL, NULL}, NULL},
        {{"ann", "graph_list", NULL, NULL}, "list"},
        {{"ann", "branch_delete", NULL, "side"}, NULL},
        {{"ann", "invoke_query", NULL, NULL}, NULL},
        {{"ann", "no_such_action", NULL, NULL}, NULL},
    };
    const struct policy *bundles[] = {bundle};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct policy_decision decision = policy_decide(bundles, 1, &cases[i].request);
        if (decision.allowed != (cases[i].rule != NULL))
            print_error("%s %s %s\n", cases[i].request.actor, cases[i].request.action,
                        cases[i].request.branch ? cases[i].request.branch : "-");
        assert_int_equal(decision.allowed, cases[i].rule != NULL);
        if (cases[i].rule)
            assert_string_equal(decision.rule, cases[i].rule);
        else
            assert_null(decision.rule);
    }
    policy_free(bundle);
}

static void any_bundle_of_a_scope_may_allow_by_its_own_groups_and_branches(void **unused)
{
    (void)unused;
    struct policy *first =
        good("version: 1\ngroups: {g: [ann]}\nprotected_branches: [main]\nrules:\n" RULE(
            "first", "actors: {group: g}, actions: [change], branch_scope: unprotected"));
    struct policy *second =
        good("version: 1\ngroups: {g: [bob, ann]}\nprotected_branches: [prod]\nrules:\n" RULE(
            "second", "actors: {group: g}, actions: [change], branch_scope: unprotected"));
    const struct policy *bundles[] = {first, second};
    struct policy_request request = {"ann", "change", "main", NULL};
    struct policy_decision decision = policy_decide(bundles, 2, &request);
    assert_true(decision.allowed);
    assert_int_equal(decision.bundle, 1);
    assert_string_equal(decision.rule, "second");
    request.branch = "prod";
    assert_int_equal(policy_decide(bundles, 2, &request).bundle, 0);
    request.actor = "bob";
    assert_false(policy_decide(bundles, 2, &request).allowed);
    assert_false(policy_decide(bundles, 0, &request).allowed);
    policy_free(first);
    policy_free(second);
    policy_free(NULL);
}

static void a_bundle_with_many_rules_is_read_in_no_quadratic_time(void **unused)
{
    (void)unused;
    struct buf text = BUF_INIT;
    buf_puts(&text, "version: 1\ngroups:\n");
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "  g%d: [a]\n", i);
    buf_puts(&text, "rules:\n");
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "  - {id: r%d, allow: {actors: {group: g%d}, actions: [read]}}\n", i, i);
    policy_free(good(buf_text(&text)));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bundle_that_follows_the_rules_is_taken),
        cmocka_unit_test(each_broken_rule_is_an_error_with_its_line),
        cmocka_unit_test(all_faults_of_a_bundle_are_reported),
        cmocka_unit_test(a_rule_that_could_never_match_its_binding_is_refused),
        cmocka_unit_test(a_request_is_denied_unless_a_rule_allows_it),
        cmocka_unit_test(any_bundle_of_a_scope_may_allow_by_its_own_groups_and_branches),
        cmocka_unit_test(a_bundle_with_many_rules_is_read_in_no_quadratic_time),
    };
    return RUN(tests);
}
