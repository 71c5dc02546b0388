/* The store on a disk among others: processes that race, and modes that forbid. */
#include "store/store.h"

#include "common/ulid.h"
#include "scratch.h"

#include <signal.h>
#include <sys/wait.h>

enum { RACERS = 8, ROUNDS = 25 };

/* Adds one to the number in "n" until that has worked ROUNDS times. */
static int racer(const char *dir)
{
    struct store *store = scratch_store(dir);
    int won = 0;
    while (won < ROUNDS) {
        struct buf out = BUF_INIT;
        struct store_token token;
        if (store_get(store, "n", &out, &token, NULL) != STORE_OK)
            return 1;
        char *next = xasprintf("%ld", strtol(buf_text(&out), NULL, 10) + 1);
        enum store_status status = store_put_if_match(store, "n", &token, next, strlen(next), NULL);
        free(next);
        buf_free(&out);
        if (status == STORE_OK)
            won++;
        else if (status != STORE_CONFLICT)
            return 1;
    }
    store_close(store);
    return 0;
}

static int creator(const char *dir)
{
    struct store *store = scratch_store(dir);
    int won = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char *name = xasprintf("once/%d", i);
        won += store_put_if_absent(store, name, "x", 1, NULL) == STORE_OK;
        free(name);
    }
    store_close(store);
    return won;
}

/* In a child: tells the parent and is gone at once, for what the parent had allocated is no leak of
 * the child's. */
static _Noreturn void tell(int fd, int result)
{
    (void)!write(fd, &result, sizeof result);
    (void)kill(getpid(), SIGKILL);
    abort();
}

/* The sum of what n children tell. */
static int told(int fd, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        int result;
        assert_int_equal(read(fd, &result, sizeof result), sizeof result);
        sum += result;
    }
    while (wait(NULL) > 0)
        continue;
    close(fd);
    return sum;
}

/* Runs work in RACERS processes at once; the sum of what they return. */
static int race(int (*work)(const char *dir), const char *dir)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    for (int i = 0; i < RACERS; i++)
        if (fork() == 0)
            tell(fds[1], work(dir));
    close(fds[1]);
    return told(fds[0], RACERS);
}

static void racing_swaps_have_one_winner_for_each_version(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    assert_int_equal(scratch_put(&s, "n", "0"), STORE_OK);
    assert_int_equal(race(racer, s.dir), 0);
    char *expected = xasprintf("%d", RACERS * ROUNDS);
    scratch_assert(&s, "n", expected);
    free(expected);
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    scratch_remove(&s);
}

static void racing_creates_have_one_winner_each(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    assert_int_equal(race(creator, s.dir), ROUNDS);
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    scratch_remove(&s);
}

/* Runs as somebody whom modes bind; root is not. */
static void unprivileged(struct scratch *s, int (*work)(const char *dir))
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    if (fork() == 0) {
        bool root = getuid() == 0;
        tell(fds[1], root && (setgid(65534) != 0 || setuid(65534) != 0) ? 99 : work(s->dir));
    }
    close(fds[1]);
    assert_int_equal(told(fds[0], 1), 0);
}

static int expect_denied(const char *dir)
{
    struct store *store = scratch_store(dir);
    struct buf out = BUF_INIT;
    struct store_names names;
    struct store_token token = {"x"};
    struct error err = ERROR_INIT;
    bool exists;
    int wrong = 0;
    wrong += store_get(store, "secret/a", &out, NULL, NULL) != STORE_DENIED;
    wrong += store_list(store, "secret/", &names, NULL) != STORE_DENIED;
    wrong += store_exists(store, "secret/", &exists, NULL) != STORE_DENIED;
    wrong += store_put(store, "fixed/a", "x", 1, &err) != STORE_DENIED || !*error_text(&err);
    wrong += store_put_if_absent(store, "fixed/b", "x", 1, NULL) != STORE_DENIED;
    wrong += store_put(store, "fixed/c/d", "x", 1, NULL) != STORE_DENIED;
    wrong += store_delete(store, "fixed/a", NULL) != STORE_DENIED;
    wrong += store_delete_prefix(store, "fixed/", NULL) != STORE_DENIED;
    wrong += store_put_if_match(store, "fixed/a", &token, "x", 1, NULL) != STORE_DENIED;
    error_clear(&err);
    buf_free(&out);
    store_close(store);
    return wrong;
}

static void what_is_not_permitted_is_denied_and_changes_nothing(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "secret/a", "x");
    scratch_write(&s, "fixed/a", "old");
    char *secret = scratch_path(&s, "secret"), *fixed = scratch_path(&s, "fixed");
    assert_int_equal(chmod(s.dir, 0755), 0);
    assert_int_equal(chmod(secret, 0), 0);
    assert_int_equal(chmod(fixed, 0555), 0);
    unprivileged(&s, expect_denied);
    assert_int_equal(chmod(secret, 0700), 0);
    assert_int_equal(chmod(fixed, 0700), 0);
    scratch_assert(&s, "fixed/a", "old");
    assert_int_equal(scratch_count(&s, ".tmp."), 0);
    free(secret);
    free(fixed);
    scratch_remove(&s);
}

/* The name that this process will give its next temporary, as a child knows that has its memory. */
static struct ulid next_ulid(void)
{
    struct ulid id = {""};
    int answer[2];
    assert_int_equal(pipe(answer), 0);
    pid_t child = fork();
    if (child == 0) {
        id = ulid_new();
        _exit(write(answer[1], &id, sizeof id) == (ssize_t)sizeof id ? 0 : 1);
    }
    assert_int_equal(read(answer[0], &id, sizeof id), sizeof id);
    close(answer[0]);
    close(answer[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return id;
}

static void a_temporary_that_a_fork_left_is_in_nobodys_way(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    setenv("CLUSTER_TEST_CLOCK", "4000000000000", 1); /* one millisecond for all of it */
    (void)ulid_new();
    struct ulid id = next_ulid();
    char *name = xasprintf("a/.tmp.%s", id.text);
    scratch_write(&s, name, "theirs");
    assert_int_equal(store_put(s.store, "a/b", "mine", 4, NULL), STORE_OK);
    unsetenv("CLUSTER_TEST_CLOCK");
    scratch_assert(&s, "a/b", "mine");
    scratch_assert(&s, name, "theirs");
    free(name);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(racing_swaps_have_one_winner_for_each_version),
        cmocka_unit_test(racing_creates_have_one_winner_each),
        cmocka_unit_test(a_temporary_that_a_fork_left_is_in_nobodys_way),
        cmocka_unit_test(what_is_not_permitted_is_denied_and_changes_nothing),
    };
    return RUN(tests);
}
