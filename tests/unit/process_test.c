/* Running another program when memory runs out on the way. */
#include "common/process.h"

#include "test.h"

#include <dlfcn.h>
#include <errno.h>
#include <spawn.h>
#include <string.h>

static struct {
    int calls, fails_at; /* 0: none */
} redirections;

/* In the place of the C library's, which allocates. Its parameters have reserved names there. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to)
{
    __typeof__(posix_spawn_file_actions_adddup2) *real;
    void *found = dlsym(RTLD_NEXT, "posix_spawn_file_actions_adddup2");
    memcpy((void *)&real, &found, sizeof real);
    return ++redirections.calls == redirections.fails_at ? ENOMEM : real(actions, from, to);
}

static void a_program_never_runs_with_streams_that_are_not_its_own(void **state)
{
    (void)state;
    for (int at = 1; at <= 3; at++) {
        struct process_result result;
        struct error err = ERROR_INIT;
        redirections.calls = 0;
        redirections.fails_at = at;
        assert_false(process_run((char *[]){"cat", NULL}, "input", 5, &result, &err));
        assert_non_null(strstr(error_text(&err), "cat"));
        assert_int_equal(result.out.len, 0);
        process_result_clear(&result);
        error_clear(&err);
    }
    struct process_result result;
    redirections.fails_at = 0;
    assert_true(process_run((char *[]){"cat", NULL}, "input", 5, &result, NULL));
    assert_string_equal(buf_text(&result.out), "input");
    process_result_clear(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_never_runs_with_streams_that_are_not_its_own),
    };
    return RUN(tests);
}
