/*
 * migration_expect.h - pairs of schemas and the plan between them, for the unit tests.
 */
#ifndef CLUSTER_MIGRATION_EXPECT_H
#define CLUSTER_MIGRATION_EXPECT_H

#include "common/xalloc.h"
#include "lang/migration.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static inline struct schema *compile(const char *text)
{
    struct diags diags;
    struct source src = {"t.pg", text, strlen(text), "p"};
    diags_init(&diags);
    struct schema *schema = schema_compile(&src, &diags);
    if (!schema) {
        jv first = jv_array_get(jv_copy(diags.list), 0);
        print_message("%s\n", json_peek_string(&first, "message"));
        jv_free(first);
    }
    assert_non_null(schema);
    diags_free(&diags);
    return schema;
}

static inline jv plan_of(const char *accepted, const char *desired)
{
    struct schema *a = compile(accepted), *b = compile(desired);
    jv plan = migration_plan(a, b);
    schema_free(a);
    schema_free(b);
    return plan;
}

static inline void expect_json(const char *accepted, const char *desired, const char *expected)
{
    struct buf out = BUF_INIT;
    jv plan = plan_of(accepted, desired);
    json_write_canonical(&plan, &out);
    assert_string_equal(buf_text(&out), expected);
    jv_free(plan);
    buf_free(&out);
}

static inline const char *field(const jv *step, const char *key)
{
    const char *text = json_peek_string(step, key);
    return text ? text : "";
}

/* One line a step: its kind and the names in it; of an unsupported change the entity and code. */
static inline char *summary(const jv *plan)
{
    static const char *const keys[] = {"name", "type_name", "property_name", "from",
                                       "to",   "entity",    "code"};
    struct buf out = BUF_INIT;
    jv steps = json_get(plan, "steps");
    jv_array_foreach (steps, i, step) {
        if (json_string_is(&step, "kind", "unsupported_change"))
            assert_true(*field(&step, "reason"));
        buf_printf(&out, "%s%s", i ? "\n" : "", field(&step, "kind"));
        if (json_has(&step, "type_kind"))
            buf_printf(&out, " %s", field(&step, "type_kind"));
        for (size_t k = 0; k < COUNT(keys); k++)
            if (json_has(&step, keys[k]))
                buf_printf(&out, " %s", field(&step, keys[k]));
        if (json_has(&step, "constraint")) {
            jv constraint = json_get(&step, "constraint");
            buf_putc(&out, ' ');
            json_write_canonical(&constraint, &out);
            jv_free(constraint);
        }
        jv_free(step);
    }
    jv_free(steps);
    return buf_detach(&out);
}

/* steps: as summary() writes them. The plan is supported unless one of them is no support. */
static inline void expect(const char *accepted, const char *desired, const char *steps)
{
    jv plan = plan_of(accepted, desired);
    char *found = summary(&plan);
    if (strcmp(found, steps) != 0)
        print_message("%s\n=>\n%s\n", accepted, desired);
    assert_string_equal(found, steps);
    assert_int_equal(json_peek_bool(&plan, "supported", false),
                     strstr(steps, "unsupported_change") == NULL);
    free(found);
    jv_free(plan);
}

struct change {
    const char *accepted, *desired, *steps;
};

static inline void expect_all(const struct change *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(cases[i].accepted, cases[i].desired, cases[i].steps);
}

#endif
