#include "common/actor.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[] = "/tmp/cluster-actor-XXXXXX";

static void write_config(const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/.omnigraph/config.yaml", home);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int make_home(void **unused)
{
    (void)unused;
    char path[128];
    if (!mkdtemp(home))
        return 1;
    setenv("HOME", home, 1);
    unsetenv("CLUSTER_ACTOR");
    snprintf(path, sizeof path, "%s/.omnigraph", home);
    return mkdir(path, 0777);
}

static int remove_home(void **unused)
{
    (void)unused;
    char path[128];
    snprintf(path, sizeof path, "%s/.omnigraph/config.yaml", home);
    unlink(path);
    rmdir(path);
    snprintf(path, sizeof path, "%s/.omnigraph", home);
    rmdir(path);
    return rmdir(home);
}

/* expected NULL: nobody said one. */
static void assert_actor(const char *option, const char *expected)
{
    char *actor;
    assert_true(actor_find(option, &actor, NULL));
    if (expected)
        assert_string_equal(actor, expected);
    else
        assert_null(actor);
    free(actor);
}

static void assert_no_actor_and_why(const char *option)
{
    char *actor;
    struct error err = ERROR_INIT;
    assert_false(actor_find(option, &actor, &err));
    assert_null(actor);
    assert_true(strlen(error_text(&err)) > 0);
    error_clear(&err);
}

static void the_actor_comes_from_option_variable_or_file_in_that_order(void **unused)
{
    (void)unused;
    assert_actor(NULL, NULL);
    write_config("other: {x: 1}\noperator:\n  name: us\n  actor: file-ann\n");
    assert_actor(NULL, "file-ann");
    assert_actor(" ", "file-ann");
    setenv("CLUSTER_ACTOR", "env-ann", 1);
    assert_actor(NULL, "env-ann");
    assert_actor("option-ann", "option-ann");
    setenv("CLUSTER_ACTOR", "", 1);
    assert_actor(NULL, "file-ann");
    unsetenv("CLUSTER_ACTOR");
    setenv("HOME", "", 1);
    assert_actor(NULL, NULL);
    setenv("HOME", home, 1);
}

static void a_file_that_names_nobody_is_no_error(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"", "operator: {}", "operator: {actor: }",
                                        "operator: {actor: \"  \"}", "operator: just text"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_config(texts[i]);
        assert_actor(NULL, NULL);
    }
}

static void a_file_that_cannot_be_understood_is_an_error(void **unused)
{
    (void)unused;
    char path[128], long_actor[256];
    write_config("operator: [");
    assert_no_actor_and_why(NULL);
    write_config("operator: {actor: 7}");
    assert_no_actor_and_why(NULL);
    assert_actor("ann", "ann"); /* it is not even read then */
    snprintf(path, sizeof path, "%s/.omnigraph/config.yaml", home);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0777), 0);
    assert_no_actor_and_why(NULL);
    assert_no_actor_and_why("a\nb");
    assert_no_actor_and_why("a\xff");
    assert_no_actor_and_why("\xc2\x9b");
    memset(long_actor, 'a', sizeof long_actor - 1);
    long_actor[sizeof long_actor - 1] = '\0';
    assert_no_actor_and_why(long_actor);
    assert_actor("J\xc3\xbcrgen", "J\xc3\xbcrgen");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_actor_comes_from_option_variable_or_file_in_that_order),
        cmocka_unit_test(a_file_that_names_nobody_is_no_error),
        cmocka_unit_test(a_file_that_cannot_be_understood_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
