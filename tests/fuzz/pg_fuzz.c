/*
 * Any bytes as a .pg schema: a clear answer, never a crash; and what compiles needs no migration
 * to itself. A NUL, which no schema holds, separates two schemas: then the plan from the one to the
 * other is made as well.
 */
#include "lang/migration.h"
#include "lang/schema.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct schema *compile(const uint8_t *data, size_t size)
{
    struct diags diags;
    struct source src = {"fuzz.pg", (const char *)data, size, "graphs.fuzz.schema"};
    diags_init(&diags);
    struct schema *schema = schema_compile(&src, &diags);
    if ((schema == NULL) != (diags.errors > 0))
        abort();
    diags_free(&diags);
    return schema;
}

static void check_plan(const struct schema *accepted, const struct schema *desired)
{
    jv plan = migration_plan(accepted, desired);
    jv steps = json_get(&plan, "steps");
    bool supported = json_peek_bool(&plan, "supported", false);
    if (accepted == desired && (!supported || jv_array_length(jv_copy(steps)) != 0))
        abort();
    bool refused = false;
    jv_array_foreach (steps, i, step) {
        refused = refused || json_string_is(&step, "kind", "unsupported_change");
        jv_free(step);
    }
    if (refused == supported)
        abort();
    jv_free(steps);
    jv_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
    size_t len = nul ? (size_t)(nul - data) : size;
    struct schema *first = compile(data, len);
    struct schema *second = nul ? compile(nul + 1, size - len - 1) : NULL;
    if (first)
        check_plan(first, first);
    if (first && second)
        check_plan(first, second);
    schema_free(first);
    schema_free(second);
    return 0;
}
