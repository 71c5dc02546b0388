#include "common/digest.h"
#include "common/json.h"
#include "common/shape.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *canonical(const char *text)
{
    struct error err = ERROR_INIT;
    jv value = json_parse(text, strlen(text), &err);
    assert_true(jv_is_valid(value));
    struct buf out = BUF_INIT;
    json_write_canonical(&value, &out);
    jv_free(value);
    return buf_detach(&out);
}

static void expect_canonical(const char *text, const char *expected)
{
    char *is = canonical(text);
    assert_string_equal(is, expected);
    free(is);
}

static void canonical_json_is_rfc_8785(void **state)
{
    (void)state;
    expect_canonical("{\"b\":1, \"a\" : [true,null,false]}", "{\"a\":[true,null,false],\"b\":1}");
    expect_canonical("[9007199254740991,-5,0]", "[9007199254740991,-5,0]");
    /* RFC 8785, 3.2.2.2: escapes */
    expect_canonical("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"",
                     "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    expect_canonical("\"\\u007f\\b\\f\\r\\t\"", "\"\x7f\\b\\f\\r\\t\"");
    /* RFC 8785, 3.2.3: the published sorting example, by UTF-16 code units */
    expect_canonical("{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
                     "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\","
                     "\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
                     "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
                     "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
                     "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
                     "\"😀\":\"Emoji: Grinning Face\","
                     "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

/* In whatever order the members came: forwards, backwards, with one out of place. */
static void the_members_of_large_objects_are_sorted(void **state)
{
    (void)state;
    enum { MANY = 100 };
    for (int order = 0; order < 3; order++) {
        jv object = jv_object();
        struct buf expected = BUF_INIT, out = BUF_INIT;
        for (int i = 0; i < MANY; i++) {
            int number = order == 1 ? MANY - 1 - i : order == 2 ? (i + 1) % MANY : i;
            char key[16];
            snprintf(key, sizeof key, "k%02d", number);
            json_set_int(&object, key, number);
            buf_printf(&expected, "%s\"k%02d\":%d", i ? "," : "{", i, i);
        }
        buf_putc(&expected, '}');
        json_write_canonical(&object, &out);
        assert_string_equal(buf_text(&out), buf_text(&expected));
        jv_free(object);
        buf_free(&out);
        buf_free(&expected);
    }
}

static void a_fraction_kept_for_others_reads_back_the_same(void **state)
{
    (void)state;
    expect_canonical("[0.1,1.5,1e300]", "[0.1,1.5,1e+300]");
}

static void pretty_json_is_two_spaces_and_a_newline(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    const char *text = "{\"b\":[1,{}],\"a\":[]}";
    jv value = json_parse(text, strlen(text), &err);
    struct buf out = BUF_INIT;
    json_write_pretty(&value, &out);
    assert_string_equal(out.data, "{\n  \"a\": [],\n  \"b\": [\n    1,\n    {}\n  ]\n}\n");
    buf_free(&out);
    jv_free(value);
}

static void refuse(const char *text, size_t len)
{
    struct error err = ERROR_INIT;
    jv value = json_parse(text, len, &err);
    assert_false(jv_is_valid(value));
    assert_non_null(err.message);
    error_clear(&err);
}

static void what_is_not_one_json_text_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",      "   ",  "{",        "[1,",      "nan",     "[NaN]", "1e999", "{} {}",
        "[1] x", "\xff", "\"\x80\"", "{\"a\":}", "\"\\x\"", "truE",  "[1}",   "\xef\xbb\xbf{}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refuse(bad[i], strlen(bad[i]));
    refuse("{}\0{}", 5);
}

static void deep_nesting_is_refused_not_a_crash(void **state)
{
    (void)state;
    size_t n = 100000;
    char *text = malloc(n);
    memset(text, '[', n);
    refuse(text, n);
    free(text);
}

static void members_are_looked_at_without_being_taken(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    const char *text = "{\"s\":\"x\",\"i\":7,\"b\":true}";
    jv value = json_parse(text, strlen(text), &err);
    assert_string_equal(json_peek_string(&value, "s"), "x");
    assert_null(json_peek_string(&value, "i"));
    assert_int_equal(json_peek_int(&value, "i", -1), 7);
    assert_int_equal(json_peek_int(&value, "s", -1), -1);
    assert_true(json_peek_bool(&value, "b", false));
    assert_true(json_peek_bool(&value, "none", true));
    assert_true(json_has(&value, "b"));
    assert_false(json_has(&value, "none"));
    assert_true(json_string_is(&value, "s", "x"));
    json_append(&value, "list", jv_number(1));
    json_append(&value, "list", jv_number(2));
    json_delete(&value, "s");
    json_set_bool(&value, "b", false);
    json_set_int(&value, "i", 8);
    struct buf out = BUF_INIT;
    json_write_canonical(&value, &out);
    assert_string_equal(out.data, "{\"b\":false,\"i\":8,\"list\":[1,2]}");
    buf_free(&out);
    jv_free(value);
    jv number = jv_number(1);
    assert_false(json_has(&number, "x"));
    assert_null(json_peek_string(&number, "x"));
}

static const struct shape lock_shape = {
    .kind = SHAPE_OBJECT,
    .fields = (const struct shape_field[]){
        {"version", true, &shape_int},
        {"who", false, &shape_string_or_null},
        {"tags", false, &shape_strings},
        {"digest", false, &shape_digest},
        {"word", false,
         &(const struct shape){.kind = SHAPE_WORD,
                               .words = (const char *const[]){"one", "two", NULL}}},
        {"map", false, &(const struct shape){.kind = SHAPE_MAP, .of = &shape_bool}},
        {0}}};

static bool fits(const char *text, char **message)
{
    struct error err = ERROR_INIT;
    jv value = json_parse(text, strlen(text), &err);
    bool ok = shape_check(&value, &lock_shape, "lock", &err);
    jv_free(value);
    *message = err.message;
    return ok;
}

static void a_shape_names_the_field_that_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text, *names;
    } bad[] = {
        {"[]", "lock"},
        {"{}", "version"},
        {"{\"version\":\"1\"}", "lock.version"},
        {"{\"version\":1.5}", "lock.version"},
        {"{\"version\":-1}", "lock.version"},
        {"{\"version\":1,\"who\":3}", "lock.who"},
        {"{\"version\":1,\"tags\":[\"a\",null]}", "lock.tags[1]"},
        {"{\"version\":1,\"digest\":\"ABC\"}", "lock.digest"},
        {"{\"version\":1,\"word\":\"three\"}", "lock.word"},
        {"{\"version\":1,\"map\":{\"x\":1}}", "lock.map.x"},
        {"{\"version\":1,\"wo\":1}", "lock.wo"},
        {"{\"version\":1,\"versoin\":1}", "did you mean version"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *message = NULL;
        assert_false(fits(bad[i].text, &message));
        assert_non_null(strstr(message, bad[i].names));
        free(message);
    }
    char *message = NULL;
    assert_true(
        fits("{\"version\":1,\"who\":null,\"tags\":[],\"word\":\"two\",\"map\":{\"x\":true}}",
             &message));
    assert_null(message);
}

static void digests_are_sha_256(void **state)
{
    (void)state;
    /* FIPS 180-4 example */
    assert_string_equal(digest_of("abc", 3).hex,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    jv object = jv_object();
    assert_string_equal(digest_of_json(&object).hex, digest_of("{}", 2).hex);
    jv_free(object);
    assert_true(digest_is_hex(digest_of("", 0).hex));
    assert_false(digest_is_hex("abc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_json_is_rfc_8785),
        cmocka_unit_test(the_members_of_large_objects_are_sorted),
        cmocka_unit_test(a_fraction_kept_for_others_reads_back_the_same),
        cmocka_unit_test(pretty_json_is_two_spaces_and_a_newline),
        cmocka_unit_test(what_is_not_one_json_text_is_refused),
        cmocka_unit_test(deep_nesting_is_refused_not_a_crash),
        cmocka_unit_test(members_are_looked_at_without_being_taken),
        cmocka_unit_test(a_shape_names_the_field_that_does_not_fit),
        cmocka_unit_test(digests_are_sha_256),
    };
    return RUN(tests);
}
