/* Lines of a load: any bytes are refused with a reason or make a record whose values are checked.
 */
#include "graph/cell.h"
#include "graph/datum.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char schema_text[] =
    "node A { a: String? b: Blob? c: Bool? d: I32? e: I64? f: U32? g: U64? h: F32? i: F64? j: Date?"
    " k: DateTime? l: Vector(2)? m: enum(x, y-1)? n: [String]? o: [Bool]? p: [I32]? q: [U64]?"
    " r: [F32]? s: [F64]? t: [Date]? u: [DateTime]?"
    " @range(d, -5..5) @range(i, 0.5..) @check(a, \"^[a-z]*$\") }";

/* A value is taken or refused with a reason, and can be written as an id if it can be one. */
static void check_member(const struct cell_rule *rule, const struct datum *datum,
                         const struct member *member)
{
    struct cell cell = {0};
    struct buf why = BUF_INIT, id = BUF_INIT;
    bool ok = cell_from_json(rule, datum->tokens + member->first, member->count, &cell, &why);
    if (ok != (why.len == 0))
        abort();
    if (ok && cell.kind != CELL_NULL && cell.kind != CELL_BLOB)
        cell_append_id(&cell, &rule->property->type, &id);
    cell_free(&cell);
    buf_free(&why);
    buf_free(&id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source src = {"fuzz", schema_text, sizeof schema_text - 1, "fuzz"};
    struct diags diags;
    diags_init(&diags);
    struct schema *schema = schema_compile(&src, &diags);
    if (!schema)
        abort();
    const struct schema_type *type = schema_find(schema, SCHEMA_NODE, "A");
    char *line = malloc(size + 1); /* what the parser may read, and no more */
    if (!line)
        abort();
    if (size)
        memcpy(line, data, size);
    line[size] = '\0';
    struct datum datum = {0};
    struct buf why = BUF_INIT;
    if (datum_parse(&datum, line, size, &why) != (why.len == 0))
        abort();
    for (size_t i = 0; why.len == 0 && i < datum.member_count; i++) {
        for (size_t j = 0; j < type->property_count; j++) {
            struct cell_rule rule;
            cell_rule_init(&rule, type, type->properties[j]);
            check_member(&rule, &datum, &datum.members[i]);
            cell_rule_free(&rule);
        }
    }
    datum_free(&datum);
    buf_free(&why);
    free(line);
    schema_free(schema);
    diags_free(&diags);
    return 0;
}
