/* From bytes to records and back to line numbers: lib/graph/lines, record, linemap, complaints. */
#include "graph/complaints.h"
#include "graph/datum.h"
#include "graph/linemap.h"
#include "graph/lines.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A descriptor that gives these bytes. */
static int file_of(const void *data, size_t len)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fflush(file), 0);
    int fd = dup(fileno(file));
    assert_true(fd >= 0);
    fclose(file);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* The lines joined with "|". */
static char *split(const char *data)
{
    int fd = file_of(data, strlen(data));
    struct lines lines;
    struct buf joined = BUF_INIT;
    const char *text;
    size_t len;
    lines_init(&lines, fd);
    buf_puts(&joined, "");
    while (lines_next(&lines, &text, &len, NULL) == LINES_LINE) {
        buf_append(&joined, text, len);
        buf_printf(&joined, "%d|", (int)lines.number);
        assert_true(text[len] == '\n' || text[len] == '\0');
    }
    lines_free(&lines);
    close(fd);
    return buf_detach(&joined);
}

static void every_line_comes_with_its_number(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},           {"a", "a1|"},           {"a\n", "a1|"},
        {"a\nb", "a1|b2|"}, {"\n\nx\n", "1|2|x3|"}, {"\n", "1|"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *joined = split(cases[i][0]);
        assert_string_equal(joined, cases[i][1]);
        free(joined);
    }
}

static void lines_longer_than_a_chunk_are_whole(void **state)
{
    (void)state;
    size_t big = (size_t)5 * 1024 * 1024 + 17;
    char *data = malloc(2 * big + 2);
    memset(data, 'x', 2 * big + 2);
    data[big] = '\n';
    int fd = file_of(data, 2 * big + 2);
    struct lines lines;
    const char *text;
    size_t len;
    lines_init(&lines, fd);
    assert_int_equal(lines_next(&lines, &text, &len, NULL), LINES_LINE);
    assert_int_equal(len, big);
    assert_int_equal(lines_next(&lines, &text, &len, NULL), LINES_LINE);
    assert_int_equal(len, big + 1);
    assert_int_equal(lines_next(&lines, &text, &len, NULL), LINES_END);
    lines_free(&lines);
    close(fd);
    free(data);
}

static void a_line_beyond_the_limit_is_skipped_and_the_next_one_read(void **state)
{
    (void)state;
    size_t big = (size_t)LINES_MAX + 5 * 1024 * 1024;
    char *data = malloc(big + 3);
    memset(data, 'x', big);
    memcpy(data + big, "\ny\n", 3);
    int fd = file_of(data, big + 3);
    struct lines lines;
    const char *text;
    size_t len;
    lines_init(&lines, fd);
    assert_int_equal(lines_next(&lines, &text, &len, NULL), LINES_TOO_LONG);
    assert_int_equal(lines_next(&lines, &text, &len, NULL), LINES_LINE);
    assert_int_equal(lines.number, 2);
    assert_int_equal(len, 1);
    assert_int_equal(lines_next(&lines, &text, &len, NULL), LINES_END);
    assert_true(lines.cap < (size_t)4 * LINES_MAX);
    lines_free(&lines);
    close(fd);
    free(data);
}

static void a_read_error_is_an_error(void **state)
{
    (void)state;
    int fd = open("/", O_RDONLY | O_DIRECTORY);
    struct lines lines;
    const char *text;
    size_t len;
    struct error err = ERROR_INIT;
    lines_init(&lines, fd);
    assert_int_equal(lines_next(&lines, &text, &len, &err), LINES_ERROR);
    assert_non_null(err.message);
    error_clear(&err);
    lines_free(&lines);
    close(fd);
}

static bool parse(struct datum *datum, const char *line)
{
    struct buf why = BUF_INIT;
    bool ok = datum_parse(datum, line, strlen(line), &why);
    assert_true(ok == (why.len == 0));
    assert_null(memchr(buf_text(&why), '\n', why.len));
    buf_free(&why);
    return ok;
}

static void assert_slice(struct slice slice, const char *text)
{
    assert_int_equal(slice.len, strlen(text));
    assert_memory_equal(slice.text, text, slice.len);
}

static void a_record_gives_its_parts_with_escapes_decoded(void **state)
{
    (void)state;
    struct datum r = {0};
    assert_true(parse(&r, "{\"data\":{\"a\\u0062\":[1,{\"x\":null}],\"c\":\"\\ud83d\\ude00\\n\"},"
                          "\"id\":\"i\\\"d\",\"type\":\"Per\\u0073on\"}"));
    assert_slice(r.type, "Person");
    assert_slice(r.id, "i\"d");
    assert_null(r.edge.text);
    assert_int_equal(r.member_count, 2);
    assert_memory_equal(r.members[0].name, "ab", 2);
    static const enum jtoken_kind kinds[] = {JTOKEN_LIST,   JTOKEN_NUMBER, JTOKEN_OBJECT,
                                             JTOKEN_STRING, JTOKEN_NULL,   JTOKEN_END,
                                             JTOKEN_END};
    assert_int_equal(r.members[0].count, 7);
    for (int i = 0; i < 7; i++)
        assert_int_equal(r.tokens[i].kind, kinds[i]);
    assert_int_equal(r.members[1].first, 7);
    assert_int_equal(r.members[1].count, 1);
    assert_int_equal(r.tokens[7].len, 5);
    assert_memory_equal(r.tokens[7].text, "😀\n", 5);
    assert_true(parse(&r, "{\"edge\":\"E\",\"from\":\"a\",\"to\":\"b\"}"));
    assert_slice(r.from, "a");
    assert_slice(r.to, "b");
    assert_null(r.type.text);
    assert_int_equal(r.member_count, 0);
    datum_free(&r);
}

static void what_is_no_record_is_refused_with_one_phrase(void **state)
{
    (void)state;
    static const char *const bad[] = {"x",
                                      "",
                                      "{",
                                      "{}",
                                      "[]",
                                      "1",
                                      "null",
                                      "true",
                                      "\"x\"",
                                      "{\"type\":\"A\"} x",
                                      "{\"type\":\"A\",\"type\":\"A\"}",
                                      "{\"type\":\"A\",\"edge\":\"B\"}",
                                      "{\"type\":null}",
                                      "{\"type\":true}",
                                      "{\"type\":[\"A\"]}",
                                      "{\"type\":{\"A\":1}}",
                                      "{\"type\":\"A\",\"data\":1}",
                                      "{\"type\":\"A\",\"data\":[]}",
                                      "{\"type\":\"A\",\"data\":null}",
                                      "{\"type\":\"A\",\"x\":1}",
                                      "{\"type\":\"\\ud800\"}",
                                      "{\"type\":\"\\udc00\\ud800\"}",
                                      "{\"type\":\"\\ud800\\n\"}",
                                      "{\"type\":\"\\ud800\\u0041\"}",
                                      "{\"type\":\"\xff\"}",
                                      "{\"type\":\"\xc0\x80\"}",
                                      "{\"type\":\"\xed\xa0\x80\"}",
                                      "{\"type\":\"\xf4\x90\x80\x80\"}",
                                      "{\"type\":\"A\",}",
                                      "{'type':\"A\"}",
                                      "{\"type\":\"A\",\"data\":{\"n\":NaN}}",
                                      "{\"type\":\"A\",\"data\":{\"n\":01}}",
                                      "{\"type\":\"A\",\"data\":{\"n\":+1}}",
                                      "{\"type\":\"A\" /* x */}",
                                      "{\"type\":\"\\x\"}",
                                      "\xef\xbb\xbf{\"type\":\"A\"}",
                                      "{\"id\":\"x\"}"};
    struct datum r = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(parse(&r, bad[i]));
    assert_true(parse(&r, "{\"type\":\"\\\\ud800\"}"));
    datum_free(&r);
}

static void deep_nesting_is_refused_and_no_deeper_than_that(void **state)
{
    (void)state;
    struct datum r = {0};
    for (int depth = DATUM_DEPTH - 3; depth < 100000; depth = depth * 3 + 1) {
        struct buf line = BUF_INIT;
        buf_puts(&line, "{\"type\":\"A\",\"data\":{\"x\":");
        for (int i = 0; i < depth; i++)
            buf_putc(&line, '[');
        for (int i = 0; i < depth; i++)
            buf_putc(&line, ']');
        buf_puts(&line, "}}");
        assert_int_equal(parse(&r, buf_text(&line)), depth + 2 <= DATUM_DEPTH);
        buf_free(&line);
    }
    datum_free(&r);
}

static void every_prefix_of_a_record_is_read_without_a_crash(void **state)
{
    (void)state;
    const char *whole =
        "{\"type\":\"A\\u00e9\",\"id\":\"\\ud83d\\ude00\",\"data\":{\"x\":[1e5,-0.5,"
        "true,{\"y\":\"\\\"z\"}],\"k\":null}}";
    struct datum r = {0};
    for (size_t n = 0; n < strlen(whole); n++) {
        char *part = strndup(whole, n); /* of its own, so that reading past its end is seen */
        assert_false(parse(&r, part));
        free(part);
    }
    assert_true(parse(&r, whole));
    datum_free(&r);
}

static void rows_are_traced_to_their_lines(void **state)
{
    (void)state;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    struct linemaps maps = {.db = db};
    struct linemap a = {.table = 1}, b = {.table = 2};
    struct error err = ERROR_INIT;
    uint64_t lines_a[300], lines_b[300], line = 0;
    for (int i = 0; i < 300; i++) { /* runs, alternation, and no order at all */
        line += i < 100 ? 1 : i < 200 ? 2 : (uint64_t)(i * i % 7 + 1);
        lines_a[i] = line++;
        assert_true(linemap_add(&maps, &a, 10 + i, lines_a[i], &err));
        lines_b[i] = line;
        if (i % 3 == 0)
            assert_true(linemap_add(&maps, &b, 5 + i, lines_b[i], &err));
    }
    for (int i = 0; i < 300; i++) {
        uint64_t found;
        assert_true(linemap_find(&maps, &a, 10 + i, &found, &err));
        assert_int_equal(found, lines_a[i]);
        assert_true(linemap_find(&maps, &b, 5 + i, &found, &err));
        assert_int_equal(found, i % 3 == 0 ? lines_b[i] : 0);
    }
    uint64_t found = 1;
    assert_true(linemap_find(&maps, &a, 9, &found, &err));
    assert_int_equal(found, 0);
    linemaps_free(&maps);
    sqlite3_close(db);
}

static void evenly_mixed_lines_need_no_table(void **state)
{
    (void)state;
    struct linemaps maps = {0}; /* no database: it would be used if it were needed */
    struct linemap map = {.table = 1};
    for (int64_t i = 0; i < 1000; i++)
        assert_true(linemap_add(&maps, &map, 1 + i, (uint64_t)(7 + 3 * i), NULL));
    uint64_t line;
    assert_true(linemap_find(&maps, &map, 1000, &line, NULL));
    assert_int_equal(line, 7 + 3 * 999);
    linemaps_free(&maps);
}

static char *written(const struct complaints *complaints)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    complaints_write(complaints, out);
    fclose(out);
    return text;
}

static void the_first_complaints_by_line_are_kept_and_all_are_counted(void **state)
{
    (void)state;
    struct complaints complaints = {0};
    for (uint64_t i = 0; i < 100; i++)
        complaints_add(&complaints, 1 + (i * 37) % 100, "bad\nline\x7f");
    assert_int_equal(complaints.total, 100);
    assert_int_equal(complaints.shown_count, COMPLAINTS_SHOWN);
    for (size_t i = 0; i < COMPLAINTS_SHOWN; i++)
        assert_int_equal(complaints.shown[i].line, i + 1);
    char *text = written(&complaints);
    assert_true(strncmp(text, "line 1: bad line \nline 2: ", 26) == 0);
    assert_non_null(strstr(text, "80"));
    free(text);
    complaints_free(&complaints);
}

static void a_complaint_about_old_rows_has_no_line(void **state)
{
    (void)state;
    struct complaints complaints = {0};
    complaints_add(&complaints, 3, "b");
    complaints_add(&complaints, 0, "a");
    char *text = written(&complaints);
    assert_string_equal(text, "in the graph already: a\nline 3: b\n");
    free(text);
    complaints_free(&complaints);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_comes_with_its_number),
        cmocka_unit_test(lines_longer_than_a_chunk_are_whole),
        cmocka_unit_test(a_line_beyond_the_limit_is_skipped_and_the_next_one_read),
        cmocka_unit_test(a_read_error_is_an_error),
        cmocka_unit_test(a_record_gives_its_parts_with_escapes_decoded),
        cmocka_unit_test(what_is_no_record_is_refused_with_one_phrase),
        cmocka_unit_test(deep_nesting_is_refused_and_no_deeper_than_that),
        cmocka_unit_test(every_prefix_of_a_record_is_read_without_a_crash),
        cmocka_unit_test(rows_are_traced_to_their_lines),
        cmocka_unit_test(evenly_mixed_lines_need_no_table),
        cmocka_unit_test(the_first_complaints_by_line_are_kept_and_all_are_counted),
        cmocka_unit_test(a_complaint_about_old_rows_has_no_line),
    };
    return RUN(tests);
}
