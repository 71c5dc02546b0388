/* Any bytes as a .gq file: no crash, and what parses can be checked against a schema. */
#include "../unit/gq_expect.h"

#include "common/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct schema *schema; /* compiled once; reachable to the end, so no leak */
    struct diags diags;
    diags_init(&diags);
    if (!schema) {
        struct source pg = {"t.pg", gq_schema, sizeof gq_schema - 1, "graphs.g.schema"};
        schema = schema_compile(&pg, &diags);
        if (!schema)
            abort();
    }
    struct source src = gq_source((const char *)data, size);
    struct query_file *file = query_file_parse(&src, &diags);
    size_t count = 0;
    bool ok = file->errors == 0;
    for (const struct query *q = file->first; q; q = q->next, count++)
        ok = query_typecheck(q, &src, schema, &diags) && ok;
    /* What was found is reported, and nothing is reported of what is right. */
    if (count != file->count || ok != (diags.errors == 0))
        abort();
    query_file_free(file);
    diags_free(&diags);
    return 0;
}
