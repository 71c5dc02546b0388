#include "common/address.h"
#include "common/composite.h"
#include "common/doc.h"
#include "common/failpoint.h"
#include "common/io.h"
#include "common/process.h"
#include "common/program.h"
#include "common/suggest.h"
#include "common/timestamp.h"
#include "common/ulid.h"
#include "common/utf8.h"
#include "common/xalloc.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void addresses_split_and_join(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "graph",     "graph.",    "graph.1x",
                                      "graph.a.b",  "query.a",   "query.a.",  "query.a.b.c",
                                      "policy.a.b", "nothing.a", "graph.a b", "graph.../x"};
    struct address address;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(address_parse(bad[i], &address));
    assert_true(address_parse("query.knowledge.find-person", &address));
    assert_int_equal(address.kind, ADDRESS_QUERY);
    assert_string_equal(address.graph, "knowledge");
    assert_string_equal(address.name, "find-person");
    char *blob = address_blob_name(&address, "abc");
    assert_string_equal(blob, "__cluster/resources/query/knowledge/find-person/abc.gq");
    free(blob);
    address_clear(&address);
    assert_true(address_parse("policy.base", &address));
    assert_null(address.graph);
    blob = address_blob_name(&address, "abc");
    assert_string_equal(blob, "__cluster/resources/policy/base/abc.yaml");
    free(blob);
    address_clear(&address);
    assert_true(address_parse("graph.g", &address));
    assert_null(address_blob_name(&address, "abc"));
    address_clear(&address);
}

/* The expected value is what `printf 'graph\0g\0schema\0…' | sha256sum` gives. */
static void a_composite_is_the_digest_of_its_parts(void **state)
{
    (void)state;
    jv resources = jv_object();
    jv entry = jv_object();
    json_set_string(&entry, "digest", "aa");
    json_set(&resources, "schema.g", jv_copy(entry));
    json_set(&resources, "query.g.b", jv_copy(entry));
    json_set(&resources, "query.g.a", jv_copy(entry));
    json_set(&resources, "query.gg.a", jv_copy(entry));
    json_set(&resources, "graph.g", entry);
    static const char bytes[] = "graph\0g\0schema\0aa\0query\0a\0aa\0query\0b\0aa";
    struct digest expected = digest_of(bytes, sizeof bytes);
    assert_string_equal(composite_of("g", &resources).hex, expected.hex);
    composite_refresh_all(&resources);
    jv graph = json_get(&resources, "graph.g");
    assert_string_equal(json_peek_string(&graph, "digest"), expected.hex);
    jv_free(graph);
    static const char empty[] = "graph\0h\0schema\0";
    assert_string_equal(composite_of("h", &resources).hex, digest_of(empty, sizeof empty).hex);
    jv_free(resources);
}

static void times_are_rfc_3339(void **state)
{
    (void)state;
    int64_t ms = 0;
    assert_true(timestamp_parse("2026-01-02T03:04:05.678Z", &ms));
    assert_string_equal(timestamp_format(ms).text, "2026-01-02T03:04:05.678Z");
    assert_true(timestamp_parse("2026-01-02T04:34:05.678+01:30", &ms));
    assert_string_equal(timestamp_format(ms).text, "2026-01-02T03:04:05.678Z");
    assert_true(timestamp_parse("1969-12-31T23:59:59.9Z", &ms));
    assert_int_equal(ms, -100);
    assert_string_equal(timestamp_format(ms).text, "1969-12-31T23:59:59.900Z");
    assert_true(timestamp_parse("2024-02-29t00:00:00z", &ms));
    static const char *const bad[] = {"",
                                      "2026-01-02",
                                      "2026-13-02T00:00:00Z",
                                      "2026-02-30T00:00:00Z",
                                      "2025-02-29T00:00:00Z",
                                      "2026-01-02T24:00:00Z",
                                      "2026-01-02T00:00:00",
                                      "2026-01-02T00:00:00.Z",
                                      "2026-01-02T00:00:00Zx",
                                      "2026-01-02T00:00:00+24:00",
                                      "2026-01-02 00:00:00Z"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(timestamp_parse(bad[i], &ms));
}

static void ulids_sort_by_the_order_they_were_made_in(void **state)
{
    (void)state;
    struct ulid last = ulid_new();
    for (int i = 0; i < 1000; i++) {
        struct ulid next = ulid_new();
        assert_true(ulid_is_valid(next.text));
        assert_true(strcmp(last.text, next.text) < 0);
        last = next;
    }
    assert_false(ulid_is_valid("01ARZ3NDEKTSV4RRFFQ69G5FA"));
    assert_false(ulid_is_valid("01ARZ3NDEKTSV4RRFFQ69G5FAU"));
    assert_false(ulid_is_valid("81ARZ3NDEKTSV4RRFFQ69G5FAV"));
    assert_true(ulid_is_valid("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
}

static void utf_8_is_checked_by_the_rfc(void **state)
{
    (void)state;
    static const char *const good[] = {"", "a", "é", "€", "😀", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xe2\x82",
                                      "\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(utf8_is_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
    assert_int_equal(utf8_check("ab\xff", 3), 2);
}

static const char *nearest(const char *word)
{
    static const char *const known[] = {"schema", "queries", "policies", "storage"};
    struct suggestion s;
    suggest_begin(&s, word);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        suggest_offer(&s, known[i]);
    return suggest_best(&s);
}

static void the_nearest_spelling_is_suggested(void **state)
{
    (void)state;
    assert_string_equal(nearest("shcema"), "schema");
    assert_string_equal(nearest("Storage"), "storage");
    assert_string_equal(nearest("querys"), "queries");
    assert_null(nearest("graphs"));
    assert_null(nearest("x"));
}

static void a_program_gets_its_input_and_gives_its_output(void **state)
{
    (void)state;
    struct process_result result;
    struct error err = ERROR_INIT;
    size_t n = 3000000;
    char *big = xmalloc(n);
    memset(big, 'x', n);
    assert_true(process_run((char *[]){"cat", NULL}, big, n, &result, &err));
    assert_int_equal(result.exit_status, 0);
    assert_int_equal(result.out.len, n);
    process_result_clear(&result);
    /* A program that does not read its input is no failure to run it. */
    assert_true(
        process_run((char *[]){"sh", "-c", "echo no >&2; exit 3", NULL}, big, n, &result, &err));
    assert_int_equal(result.exit_status, 3);
    assert_string_equal(buf_text(&result.err), "no\n");
    process_result_clear(&result);
    assert_true(process_run((char *[]){"sh", "-c", "kill -9 $$", NULL}, "", 0, &result, &err));
    assert_int_equal(result.signal, 9);
    process_result_clear(&result);
    /* Under valgrind posix_spawn() cannot tell that the exec failed; the child then ends with 127.
     */
    assert_true(!process_run((char *[]){"/no/such/program", NULL}, "", 0, &result, &err) ||
                result.exit_status == 127);
    process_result_clear(&result);
    error_clear(&err);
    free(big);
}

static void files_that_cannot_be_read_say_why(void **state)
{
    (void)state;
    char dir[] = "/tmp/cluster-common.XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *file = xasprintf("%s/f", dir), *fifo = xasprintf("%s/fifo", dir);
    int fd = open(file, O_CREAT | O_WRONLY, 0600);
    struct error err = ERROR_INIT;
    assert_true(io_write_all(fd, "hello", 5, &err));
    close(fd);
    struct buf out = BUF_INIT;
    assert_true(io_read_file(file, 100, &out, &err));
    assert_string_equal(buf_text(&out), "hello");
    buf_clear(&out);
    assert_false(io_read_file(file, 4, &out, &err));
    assert_int_equal(errno, EFBIG);
    assert_false(io_read_file(dir, 100, &out, &err));
    assert_int_equal(errno, EISDIR);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_false(io_read_file(fifo, 100, &out, &err));
    assert_int_equal(errno, EINVAL);
    assert_false(io_read_file("/no/such/file", 100, &out, &err));
    assert_int_equal(errno, ENOENT);
    buf_free(&out);
    error_clear(&err);
    unlink(file);
    unlink(fifo);
    rmdir(dir);
    free(file);
    free(fifo);
}

static bool parses(const char *text)
{
    struct doc doc;
    struct error err = ERROR_INIT;
    bool ok = doc_parse(text, strlen(text), &doc, &err);
    if (ok)
        doc_free(&doc);
    else
        assert_non_null(err.message);
    error_clear(&err);
    return ok;
}

static void a_document_of_another_format_or_shape_is_none(void **state)
{
    (void)state;
    assert_true(parses("{\"format\":\"cluster-run/1\"}"));
    assert_true(parses("{\"format\":\"cluster-run/1\",\"of_mine\":[1]}"));
    assert_false(parses("{\"format\":\"cluster-run/2\"}"));
    assert_false(parses("{}"));
    assert_false(parses("[]"));
    assert_false(parses("{\"format\":\"cluster-run/1\",\"changes\":{}}"));
    assert_false(parses("{\"format\":\"cluster-run/1\",\"changes\":[{\"resource\":\"graph.a\"}]}"));
    assert_false(parses("{\"format\":\"cluster-run/1\",\"halt\":\"yes\"}"));
    assert_false(parses("{\"format\":\"cluster-run/1\",\"config\":{\"dir\":\".\"}}"));
}

static void the_exit_status_follows_the_errors(void **state)
{
    (void)state;
    struct doc doc;
    doc_init(&doc);
    assert_int_equal(doc_exit_status(&doc), EXIT_DONE);
    doc_warning(&doc, "state_lock_held", "", "as a warning");
    assert_int_equal(doc_exit_status(&doc), EXIT_DONE);
    doc_error(&doc, "some_error", "x", "%d", 1);
    assert_int_equal(doc_exit_status(&doc), EXIT_ERROR);
    assert_false(doc_halted(&doc));
    assert_false(doc_need(&doc, "changes"));
    assert_true(doc_halted(&doc));
    assert_true(doc_has_diag(&doc, "stage_input_missing"));
    doc_error(&doc, "state_lock_held", "", "held");
    assert_int_equal(doc_exit_status(&doc), EXIT_LOCK_HELD);
    struct diags diags;
    diags_init(&diags);
    diags_error(&diags, "one_more", "y", "more");
    doc_add_diags(&doc, &diags);
    assert_true(doc_has_diag(&doc, "one_more"));
    diags_free(&diags);
    doc_free(&doc);
}

static void failpoints_act_by_name(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    unsetenv("CLUSTER_FAILPOINTS");
    assert_true(FAILPOINT("a.b", &err));
    setenv("CLUSTER_FAILPOINTS", "x=crash,a.b=error,c=exec:true", 1);
#ifdef CLUSTER_TEST
    assert_false(FAILPOINT("a.b", &err));
    assert_string_equal(err.code, "injected_failpoint");
#endif
    assert_true(FAILPOINT("a", &err));
    assert_true(FAILPOINT("c", &err));
    unsetenv("CLUSTER_FAILPOINTS");
    error_clear(&err);
}

static void seconds_are_whole_and_bounded(void **state)
{
    (void)state;
    long seconds = -1;
    assert_true(program_parse_seconds("0", &seconds));
    assert_true(program_parse_seconds("90", &seconds));
    assert_int_equal(seconds, 90);
    assert_false(program_parse_seconds("", &seconds));
    assert_false(program_parse_seconds("-1", &seconds));
    assert_false(program_parse_seconds("1.5", &seconds));
    assert_false(program_parse_seconds("9999999999", &seconds));
}

static void an_array_grows_and_a_message_gets_its_prefix(void **state)
{
    (void)state;
    size_t cap = 0;
    int *list = NULL;
    for (size_t n = 0; n < 100; n++) {
        list = xgrow(list, n, &cap, sizeof *list);
        list[n] = (int)n;
    }
    assert_int_equal(list[99], 99);
    free(list);
    struct error err = ERROR_INIT;
    assert_string_equal(error_text(&err), "");
    assert_false(error_set(&err, "code", "b"));
    assert_false(error_prefix(&err, "a%d", 1));
    assert_string_equal(error_text(&err), "a1: b");
    assert_false(error_set(NULL, NULL, "nobody asks"));
    error_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_split_and_join),
        cmocka_unit_test(a_composite_is_the_digest_of_its_parts),
        cmocka_unit_test(times_are_rfc_3339),
        cmocka_unit_test(ulids_sort_by_the_order_they_were_made_in),
        cmocka_unit_test(utf_8_is_checked_by_the_rfc),
        cmocka_unit_test(the_nearest_spelling_is_suggested),
        cmocka_unit_test(a_program_gets_its_input_and_gives_its_output),
        cmocka_unit_test(files_that_cannot_be_read_say_why),
        cmocka_unit_test(a_document_of_another_format_or_shape_is_none),
        cmocka_unit_test(the_exit_status_follows_the_errors),
        cmocka_unit_test(failpoints_act_by_name),
        cmocka_unit_test(seconds_are_whole_and_bounded),
        cmocka_unit_test(an_array_grows_and_a_message_gets_its_prefix),
    };
    signal(SIGPIPE, SIG_IGN); /* as program_start() does */
    return RUN(tests);
}
