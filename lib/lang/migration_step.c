/* The steps as JSON. See migration_internal.h. */
#include "common/xalloc.h"
#include "lang/migration_internal.h"

#include <stdlib.h>

static jv step(const char *kind, const struct schema_type *type)
{
    jv out = jv_object();
    json_set_string(&out, "kind", kind);
    if (type)
        json_set_string(&out, "type_kind", schema_kind_name(type->kind));
    return out;
}

static jv property_step(const char *kind, const struct schema_type *type, const char *property)
{
    jv out = step(kind, type);
    json_set_string(&out, "type_name", type->name);
    if (property)
        json_set_string(&out, "property_name", property);
    return out;
}

static void add(struct plan *plan, jv out)
{
    plan->steps = jv_array_append(plan->steps, out);
}

void step_add_type(struct plan *plan, const struct schema_type *type)
{
    jv out = step("add_type", type);
    json_set_string(&out, "name", type->name);
    add(plan, out);
}

void step_rename_type(struct plan *plan, const struct schema_type *type, const char *from)
{
    jv out = step("rename_type", type);
    json_set_string(&out, "from", from);
    json_set_string(&out, "to", type->name);
    add(plan, out);
}

void step_drop_type(struct plan *plan, const struct schema_type *type)
{
    jv out = step("drop_type", type);
    json_set_string(&out, "name", type->name);
    json_set_string(&out, "mode", "soft");
    add(plan, out);
}

/* [{name, value}], sorted by name: description comes before instruction. */
static jv metadata(const char *description, const char *instruction)
{
    const char *const names[] = {"description", "instruction"};
    const char *const values[] = {description, instruction};
    jv list = jv_array();
    for (int i = 0; i < 2; i++) {
        if (!values[i])
            continue;
        jv one = jv_object();
        json_set_string(&one, "name", names[i]);
        json_set_string(&one, "value", values[i]);
        list = jv_array_append(list, one);
    }
    return list;
}

void step_type_metadata(struct plan *plan, const struct schema_type *type)
{
    jv out = step("update_type_metadata", type);
    json_set_string(&out, "name", type->name);
    json_set(&out, "annotations", metadata(type->description, type->instruction));
    add(plan, out);
}

void step_add_property(struct plan *plan, const struct schema_type *type,
                       const struct schema_property *property)
{
    jv out = property_step("add_property", type, property->name);
    json_set(&out, "property_type", property_type_json(&property->type));
    add(plan, out);
}

void step_rename_property(struct plan *plan, const struct schema_type *type, const char *from,
                          const char *to)
{
    jv out = property_step("rename_property", type, NULL);
    json_set_string(&out, "from", from);
    json_set_string(&out, "to", to);
    add(plan, out);
}

void step_extend_enum(struct plan *plan, const struct schema_type *type, const char *property,
                      jv added_values)
{
    jv out = property_step("extend_enum", type, property);
    json_set(&out, "added_values", added_values);
    add(plan, out);
}

void step_property_metadata(struct plan *plan, const struct schema_type *type,
                            const struct schema_property *property)
{
    jv out = property_step("update_property_metadata", type, property->name);
    json_set(&out, "annotations", metadata(property->description, NULL));
    add(plan, out);
}

void step_drop_property(struct plan *plan, const struct schema_type *type, const char *property)
{
    jv out = property_step("drop_property", type, property);
    json_set_string(&out, "mode", "soft");
    add(plan, out);
}

void step_add_index(struct plan *plan, const struct schema_type *type,
                    const struct schema_constraint *index)
{
    jv out = property_step("add_constraint", type, NULL);
    jv names = jv_array(), constraint = jv_object();
    for (size_t i = 0; i < index->name_count; i++)
        names = jv_array_append(names, jv_string(index->sorted_names[i]));
    json_set(&constraint, "Index", names);
    json_set(&out, "constraint", constraint);
    add(plan, out);
}

void step_unsupported(struct plan *plan, const struct schema_type *type, const char *property,
                      const char *code, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    char *reason = xvasprintf(format, ap);
    va_end(ap);
    char *entity = xasprintf("%s:%s%s%s", schema_kind_name(type->kind), type->name,
                             property ? "." : "", property ? property : "");
    jv out = step("unsupported_change", NULL);
    json_set_string(&out, "entity", entity);
    json_set_string(&out, "reason", reason);
    if (code)
        json_set_string(&out, "code", code);
    add(plan, out);
    plan->supported = false;
    free(reason);
    free(entity);
}
