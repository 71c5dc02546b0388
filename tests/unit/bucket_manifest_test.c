/*
 * The manifest of a graph in a bucket: what is known of a commit whatever became of the answer. The
 * store is one on a disk behind a script of faults.
 */
#include "common/xalloc.h"
#include "graph/bucket_manifest.h"
#include "scratch.h"
#include "store/store_impl.h"

/* A store whose puts follow a script, one letter each; when it has ended they pass. */
struct fake {
    struct store base;
    struct store *disk;
    const char *puts;
    const char *gets;
    /* A put that has not arrived yet. */
    struct store_token late_token;
    struct buf late;
};

static struct scratch scratch;
static struct fake fake;

static struct digest snapshot(int n)
{
    return digest_of(&n, sizeof n);
}

/* Somebody else's commits, n of them. */
static void overtake(int n)
{
    for (int i = 0; i < n; i++) {
        struct manifest manifest;
        manifest_init(&manifest);
        assert_int_equal(manifest_read(fake.disk, &manifest, NULL), STORE_OK);
        struct digest other = snapshot(1000 + i);
        assert_int_equal(manifest_commit(fake.disk, &manifest, manifest.version + 1, &other, NULL),
                         GRAPH_OK);
        manifest_clear(&manifest);
    }
}

static enum store_status put_now(const char *name, const struct store_token *token,
                                 const void *data, size_t len, struct error *err)
{
    return token ? store_put_if_match(fake.disk, name, token, data, len, err)
                 : store_put_if_absent(fake.disk, name, data, len, err);
}

static enum store_status arrive_late(void)
{
    struct error ignored = ERROR_INIT;
    enum store_status status = store_put_if_match(fake.disk, MANIFEST_NAME, &fake.late_token,
                                                  fake.late.data, fake.late.len, &ignored);
    error_clear(&ignored);
    return status;
}

static enum store_status put(const char *name, const struct store_token *token, const void *data,
                             size_t len, struct error *err)
{
    char what = *fake.puts ? *fake.puts++ : 'p';
    switch (what) {
    case 'l': /* it landed, the answer did not come */
        assert_int_equal(put_now(name, token, data, len, err), STORE_OK);
        return store_fail(STORE_UNAVAILABLE, err, "lost");
    case 'o': /* it landed, others came on top of it before the answer was asked for again */
    case 'O':
        assert_int_equal(put_now(name, token, data, len, err), STORE_OK);
        overtake(what == 'o' ? 3 : MANIFEST_COMMITS + 2);
        return store_fail(STORE_CONFLICT, err, "changed");
    case 'n': /* it is still under way */
        if (token)
            fake.late_token = *token;
        buf_clear(&fake.late);
        buf_append(&fake.late, data, len);
        return store_fail(STORE_UNAVAILABLE, err, "no answer");
    case 'a': /* what was under way arrives now */
        assert_int_equal(arrive_late(), STORE_OK);
        return put_now(name, token, data, len, err);
    case 'b': /* somebody else comes before it */
        overtake(1);
        return put_now(name, token, data, len, err);
    case 'r': /* the graph is removed */
        assert_int_equal(store_delete(fake.disk, name, NULL), STORE_OK);
        return store_fail(STORE_UNAVAILABLE, err, "no answer");
    case 'd':
        return store_fail(STORE_DENIED, err, "denied");
    default:
        return put_now(name, token, data, len, err);
    }
}

static enum store_status fake_put_if_absent(struct store *store, const char *name, const void *data,
                                            size_t len, struct error *err)
{
    (void)store;
    return put(name, NULL, data, len, err);
}

static enum store_status fake_put_if_match(struct store *store, const char *name,
                                           const struct store_token *token, const void *data,
                                           size_t len, struct error *err)
{
    (void)store;
    return put(name, token, data, len, err);
}

static enum store_status fake_get(struct store *store, const char *name, struct buf *out,
                                  struct store_token *token, struct error *err)
{
    (void)store;
    if (*fake.gets && *fake.gets++ == 'u')
        return store_fail(STORE_UNAVAILABLE, err, "no answer");
    return store_get(fake.disk, name, out, token, err);
}

static char *fake_location(const struct store *store, const char *name)
{
    (void)store;
    return xasprintf("s3://fake/%s", name);
}

static int set_up(void **state)
{
    (void)state;
    static const struct store_ops ops = {.get = fake_get,
                                         .put_if_absent = fake_put_if_absent,
                                         .put_if_match = fake_put_if_match,
                                         .location = fake_location};
    scratch = scratch_make();
    fake = (struct fake){.base = {&ops, true}, .disk = scratch.store, .puts = "", .gets = ""};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_free(&fake.late);
    scratch_remove(&scratch);
    return 0;
}

/* Reads what is there now, past all faults. */
static struct manifest present(void)
{
    struct manifest manifest;
    manifest_init(&manifest);
    struct error err = ERROR_INIT;
    if (manifest_read(fake.disk, &manifest, &err) != STORE_OK)
        fail_msg("%s", error_text(&err));
    return manifest;
}

static void expect_present(int64_t version, const struct digest *expected)
{
    struct manifest now = present();
    assert_int_equal(now.version, version);
    assert_string_equal(now.snapshot.hex, expected->hex);
    manifest_clear(&now);
}

/* One commit from what is there, with faults. */
static enum graph_status commit(const char *puts, const char *gets, bool conflict)
{
    struct manifest base = present();
    struct digest next = snapshot(7);
    struct error err = ERROR_INIT;
    fake.puts = puts;
    fake.gets = gets;
    enum graph_status status = manifest_commit(&fake.base, &base, base.version + 1, &next, &err);
    assert_true((status == GRAPH_OK) == (err.message == NULL));
    assert_int_equal(conflict, err.code && strcmp(err.code, "graph_conflict") == 0);
    error_clear(&err);
    manifest_clear(&base);
    fake.puts = fake.gets = "";
    return status;
}

/* A graph of version 1, with snapshot 1. */
static void make(void)
{
    struct manifest none;
    manifest_init(&none);
    struct digest first = snapshot(1);
    assert_int_equal(manifest_commit(&fake.base, &none, 1, &first, NULL), GRAPH_OK);
    manifest_clear(&none);
}

static void a_commit_moves_the_manifest(void **state)
{
    (void)state;
    struct digest first = snapshot(1), next = snapshot(7);
    make();
    expect_present(1, &first);
    assert_int_equal(commit("", "", false), GRAPH_OK);
    expect_present(2, &next);
}

static void the_last_commits_are_listed_and_no_more(void **state)
{
    (void)state;
    make();
    overtake(MANIFEST_COMMITS + 5);
    struct manifest now = present();
    assert_int_equal(jv_array_length(jv_copy(now.commits)), MANIFEST_COMMITS);
    assert_int_equal(now.version, MANIFEST_COMMITS + 6);
    manifest_clear(&now);
}

static void a_commit_whose_answer_was_lost_is_ours(void **state)
{
    (void)state;
    struct digest next = snapshot(7);
    make();
    assert_int_equal(commit("l", "", false), GRAPH_OK);
    expect_present(2, &next);
}

static void a_commit_that_others_built_upon_is_still_ours(void **state)
{
    (void)state;
    make();
    assert_int_equal(commit("o", "", false), GRAPH_OK);
    struct manifest now = present();
    assert_int_equal(now.version, 5);
    manifest_clear(&now);
}

static void after_too_many_other_commits_nothing_is_claimed(void **state)
{
    (void)state;
    make();
    assert_int_equal(commit("O", "", false), GRAPH_UNKNOWN);
}

static void who_comes_second_loses(void **state)
{
    (void)state;
    struct digest other = snapshot(1000);
    make();
    assert_int_equal(commit("b", "", true), GRAPH_FAILED);
    expect_present(2, &other);
}

/* The point of the fence: "nothing was changed" stays true. */
static void a_commit_that_was_given_up_can_never_arrive(void **state)
{
    (void)state;
    struct digest first = snapshot(1);
    make();
    assert_int_equal(commit("n", "", false), GRAPH_FAILED);
    assert_int_equal(arrive_late(), STORE_CONFLICT);
    expect_present(1, &first);
}

static void a_commit_that_arrives_before_the_fence_is_ours(void **state)
{
    (void)state;
    struct digest next = snapshot(7);
    make();
    assert_int_equal(commit("na", "", false), GRAPH_OK);
    expect_present(2, &next);
}

static void another_commit_before_the_fence_settles_it(void **state)
{
    (void)state;
    make();
    assert_int_equal(commit("nb", "", true), GRAPH_FAILED);
}

static void without_a_fence_or_a_look_it_is_unknown(void **state)
{
    (void)state;
    make();
    assert_int_equal(commit("nn", "", false), GRAPH_UNKNOWN);
    assert_int_equal(commit("n", "u", false), GRAPH_UNKNOWN);
    assert_int_equal(commit("l", "u", false), GRAPH_UNKNOWN);
}

static void a_fence_shuts_out_who_started_before_it(void **state)
{
    (void)state;
    struct manifest base;
    make();
    base = present();
    struct manifest fenced = present();
    assert_int_equal(manifest_fence(&fake.base, &fenced, NULL), STORE_OK);
    assert_int_equal(manifest_fence(&fake.base, &fenced, NULL), STORE_CONFLICT);
    struct digest next = snapshot(7);
    struct error err = ERROR_INIT;
    assert_int_equal(manifest_commit(&fake.base, &base, 2, &next, &err), GRAPH_FAILED);
    assert_string_equal(err.code, "graph_conflict");
    error_clear(&err);
    manifest_clear(&base);
    manifest_clear(&fenced);
}

static void what_is_refused_did_not_happen(void **state)
{
    (void)state;
    struct digest first = snapshot(1);
    make();
    assert_int_equal(commit("d", "", false), GRAPH_FAILED);
    assert_int_equal(commit("d", "u", false), GRAPH_FAILED);
    expect_present(1, &first);
}

static void a_graph_that_was_removed_does_not_come_back(void **state)
{
    (void)state;
    make();
    assert_int_equal(commit("r", "", true), GRAPH_FAILED);
    struct error err = ERROR_INIT;
    struct manifest now;
    manifest_init(&now);
    assert_int_equal(manifest_read(&fake.base, &now, &err), STORE_NOT_FOUND);
    manifest_clear(&now);
    error_clear(&err);
}

static enum graph_status create(const char *puts, const char **code)
{
    struct manifest none;
    manifest_init(&none);
    struct digest first = snapshot(1);
    struct error err = ERROR_INIT;
    fake.puts = puts;
    enum graph_status status = manifest_commit(&fake.base, &none, 1, &first, &err);
    *code = err.code;
    error_clear(&err);
    manifest_clear(&none);
    return status;
}

static void a_create_knows_what_became_of_it(void **state)
{
    (void)state;
    const char *code;
    assert_int_equal(create("d", &code), GRAPH_FAILED);
    assert_int_equal(create("n", &code), GRAPH_UNKNOWN);
    assert_int_equal(create("l", &code), GRAPH_OK);
    assert_int_equal(create("", &code), GRAPH_FAILED);
    assert_string_equal(code, "graph_conflict");
}

static void what_is_no_manifest_is_refused(void **state)
{
    (void)state;
    make();
    struct buf good = BUF_INIT;
    assert_int_equal(store_get(fake.disk, MANIFEST_NAME, &good, NULL, NULL), STORE_OK);
    struct manifest manifest = present();
    static const char bad_write[] =
        "{\"commits\":[],\"format\":1,\"manifest_version\":1,\"write\":\"x\",\"snapshot\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\"}";
    static const char no_format[] =
        "{\"commits\":[],\"format\":0,\"manifest_version\":1,"
        "\"write\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"snapshot\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\"}";
    static const char no_version[] =
        "{\"commits\":[],\"format\":1,\"manifest_version\":0,"
        "\"write\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"snapshot\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\"}";
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"format\":2}",
        "{\"commits\":[],\"format\":1,\"manifest_version\":1,\"snapshot\":\"x\",\"write\":\"x\"}",
        bad_write,
        no_format,
        no_version,
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error err = ERROR_INIT;
        assert_int_equal(store_put(fake.disk, MANIFEST_NAME, bad[i], strlen(bad[i]), NULL),
                         STORE_OK);
        assert_int_equal(manifest_read(&fake.base, &manifest, &err), STORE_INVALID);
        assert_non_null(err.message);
        assert_int_equal(manifest.version, 1);
        error_clear(&err);
    }
    assert_int_equal(store_put(fake.disk, MANIFEST_NAME, good.data, good.len, NULL), STORE_OK);
    assert_int_equal(manifest_read(&fake.base, &manifest, NULL), STORE_OK);
    manifest_clear(&manifest);
    buf_free(&good);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_commit_moves_the_manifest),
        TEST(the_last_commits_are_listed_and_no_more),
        TEST(a_commit_whose_answer_was_lost_is_ours),
        TEST(a_commit_that_others_built_upon_is_still_ours),
        TEST(after_too_many_other_commits_nothing_is_claimed),
        TEST(who_comes_second_loses),
        TEST(a_commit_that_was_given_up_can_never_arrive),
        TEST(a_commit_that_arrives_before_the_fence_is_ours),
        TEST(another_commit_before_the_fence_settles_it),
        TEST(without_a_fence_or_a_look_it_is_unknown),
        TEST(a_fence_shuts_out_who_started_before_it),
        TEST(what_is_refused_did_not_happen),
        TEST(a_graph_that_was_removed_does_not_come_back),
        TEST(a_create_knows_what_became_of_it),
        TEST(what_is_no_manifest_is_refused),
    };
    return RUN(tests);
}
