/* YAML that is made to hurt: bounded in depth, number, expansion and time. */
#include "common/buf.h"
#include "common/yaml.h"
#include "test.h"

#include <time.h>

/* Far above what the work takes, even under valgrind, and far below what a missing bound would. */
#define QUICK (120 * (clock_t)CLOCKS_PER_SEC)

static void a_billion_laughs_are_an_error_and_no_hang(void **unused)
{
    (void)unused;
    struct buf text = BUF_INIT;
    buf_puts(&text, "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for (int i = 1; i < 30; i++)
        buf_printf(&text, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                   i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    clock_t start = clock();
    struct yaml *yaml = yaml_parse(text.data, text.len);
    assert_int_equal(yaml->n_problems, 1);
    assert_null(yaml->root);
    assert_true(clock() - start < QUICK);
    yaml_drop(yaml);
    buf_free(&text);
}

static void a_long_text_repeated_by_aliases_is_bounded_too(void **unused)
{
    (void)unused;
    struct buf text = BUF_INIT;
    buf_puts(&text, "a: &a ");
    for (int i = 0; i < 100000; i++)
        buf_puts(&text, "0123456789");
    buf_puts(&text, "\nb: [");
    for (int i = 0; i < 100; i++)
        buf_puts(&text, "*a, ");
    buf_puts(&text, "]\n");
    struct yaml *yaml = yaml_parse(text.data, text.len);
    assert_int_equal(yaml->n_problems, 1);
    assert_null(yaml->root);
    yaml_drop(yaml);
    buf_free(&text);
}

/* `n` times `piece`, refused at once wherever the limit lies. */
static void expect_refused(const char *piece, size_t n)
{
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < n; i++)
        buf_puts(&text, piece);
    clock_t start = clock();
    struct yaml *yaml = yaml_parse(text.data, text.len);
    assert_int_equal(yaml->n_problems, 1);
    assert_int_equal(yaml->problems[0].fault, YAML_MALFORMED);
    assert_null(yaml->root);
    assert_true(clock() - start < QUICK);
    yaml_drop(yaml);
    buf_free(&text);
}

static void deep_nesting_is_an_error_and_no_overflow(void **unused)
{
    (void)unused;
    expect_refused("[", 100000);
    expect_refused("{", 100000);
    expect_refused("{a: ", 100000);
    expect_refused("- ", 100000);
    expect_refused("? ", 100000);
    expect_refused("[!x ", 100000);
}

static void nesting_up_to_the_limit_is_taken(void **unused)
{
    (void)unused;
    struct buf text = BUF_INIT;
    for (int i = 0; i < YAML_MAX_DEPTH; i++)
        buf_putc(&text, '[');
    for (int i = 0; i < YAML_MAX_DEPTH; i++)
        buf_putc(&text, ']');
    struct yaml *yaml = yaml_parse(text.data, text.len);
    assert_int_equal(yaml->n_problems, 0);
    assert_non_null(yaml->root);
    yaml_drop(yaml);
    buf_free(&text);
}

static void the_number_of_values_is_bounded(void **unused)
{
    (void)unused;
    expect_refused("- a\n", YAML_MAX_NODES + 1);
}

static void many_keys_are_checked_in_no_quadratic_time(void **unused)
{
    (void)unused;
    struct buf text = BUF_INIT;
    for (int i = 0; i < 200000; i++)
        buf_printf(&text, "key%d: 1\n", i);
    buf_puts(&text, "key77: 2\n");
    clock_t start = clock();
    struct yaml *yaml = yaml_parse(text.data, text.len);
    assert_true(clock() - start < QUICK);
    assert_int_equal(yaml->n_problems, 1);
    assert_int_equal(yaml->root->n, 200000);
    assert_int_equal(yaml_find(yaml->root, "key77")->line, 78);
    yaml_drop(yaml);
    buf_free(&text);
}

static void every_prefix_of_a_document_is_read_without_a_crash(void **unused)
{
    (void)unused;
    static const char text[] = "a: &x [1, \"two\\n\", 'th''ree', {k: v}]\n"
                               "b: *x\n"
                               "c: |\n  literal\n  text\n"
                               "d: >-\n  folded\n"
                               "? complex\n: value # comment\n";
    for (size_t len = 0; len < sizeof text; len++) {
        struct yaml *yaml = yaml_parse(text, len);
        assert_true(yaml->root || yaml->n_problems > 0);
        yaml_drop(yaml);
    }
    yaml_drop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_billion_laughs_are_an_error_and_no_hang),
        cmocka_unit_test(a_long_text_repeated_by_aliases_is_bounded_too),
        cmocka_unit_test(deep_nesting_is_an_error_and_no_overflow),
        cmocka_unit_test(nesting_up_to_the_limit_is_taken),
        cmocka_unit_test(the_number_of_values_is_bounded),
        cmocka_unit_test(many_keys_are_checked_in_no_quadratic_time),
        cmocka_unit_test(every_prefix_of_a_document_is_read_without_a_crash),
    };
    return RUN(tests);
}
