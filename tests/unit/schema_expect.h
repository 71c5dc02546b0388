/*
 * schema_expect.h - .pg texts and the errors that they must give, for the unit tests.
 */
#ifndef CLUSTER_SCHEMA_EXPECT_H
#define CLUSTER_SCHEMA_EXPECT_H

#include "common/xalloc.h"
#include "lang/schema.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static inline struct schema *compile(const char *text, struct diags *diags)
{
    struct source src = {"t.pg", text, strlen(text), "graphs.g.schema"};
    diags_init(diags);
    return schema_compile(&src, diags);
}

/* "parse 1:18, catalog 2:3": what was reported and where. */
static inline char *summary(const struct diags *diags)
{
    struct buf out = BUF_INIT;
    jv_array_foreach (diags->list, i, diag) {
        const char *code = json_peek_string(&diag, "code");
        const char *message = json_peek_string(&diag, "message");
        assert_true(strncmp(message, "t.pg:", 5) == 0);
        assert_string_equal(json_peek_string(&diag, "path"), "graphs.g.schema");
        size_t place = strcspn(message + 5, " ") - 1;
        const char *kind = strcmp(code, "schema_parse_error") == 0     ? "parse"
                           : strcmp(code, "schema_catalog_error") == 0 ? "catalog"
                                                                       : code;
        buf_printf(&out, "%s%s %.*s", i ? ", " : "", kind, (int)place, message + 5);
        jv_free(diag);
    }
    return buf_detach(&out);
}

static inline struct schema *good(const char *text)
{
    struct diags diags;
    struct schema *schema = compile(text, &diags);
    char *found = summary(&diags);
    if (*found)
        print_message("%s\n", text);
    assert_string_equal(found, "");
    assert_non_null(schema);
    diags_free(&diags);
    free(found);
    return schema;
}

static inline void bad(const char *text, const char *expected)
{
    struct diags diags;
    struct schema *schema = compile(text, &diags);
    char *found = summary(&diags);
    if (strcmp(found, expected) != 0)
        print_message("%s\n", text);
    assert_string_equal(found, expected);
    assert_null(schema);
    diags_free(&diags);
    free(found);
}

struct failing {
    const char *text, *errors;
};

static inline void all_good(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        schema_free(good(texts[i]));
}

static inline void all_bad(const struct failing *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bad(cases[i].text, cases[i].errors);
}

#endif
