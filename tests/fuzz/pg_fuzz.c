/*
 * Any bytes as a .pg schema: a clear answer, never a crash; and what compiles needs no migration
 * to itself.
 */
#include "lang/migration.h"
#include "lang/schema.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diags diags;
    struct source src = {"fuzz.pg", (const char *)data, size, "graphs.fuzz.schema"};
    diags_init(&diags);
    struct schema *schema = schema_compile(&src, &diags);
    if ((schema == NULL) != (diags.errors > 0))
        abort();
    if (schema) {
        jv plan = migration_plan(schema, schema);
        jv steps = json_get(&plan, "steps");
        if (!json_peek_bool(&plan, "supported", false) || jv_array_length(steps) != 0)
            abort();
        jv_free(plan);
        schema_free(schema);
    }
    diags_free(&diags);
    return 0;
}
