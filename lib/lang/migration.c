#include "lang/migration.h"

#include "common/xalloc.h"
#include "lang/migration_internal.h"

#include <stdlib.h>

static struct match_item *type_items(const struct schema *schema, enum schema_kind kind,
                                     size_t *count)
{
    const struct schema_type *const *types = schema_types(schema, kind, count);
    struct match_item *items = xcalloc(*count, sizeof *items);
    for (size_t i = 0; i < *count; i++)
        items[i] = (struct match_item){types[i]->name, types[i]->rename_from, types[i]};
    return items;
}

static void match_kind(struct plan *plan, enum schema_kind kind)
{
    size_t before_count, after_count;
    struct match_item *before = type_items(plan->accepted, kind, &before_count);
    struct match_item *after = type_items(plan->desired, kind, &after_count);
    matching_init(&plan->kinds[kind], before, before_count, after, after_count);
    free(before);
    free(after);
}

static void plan_declaration(struct plan *plan, const struct schema_type *type,
                             const struct match_new *found)
{
    switch (found->match) {
    case MATCH_NEW:
        step_add_type(plan, type);
        break;
    case MATCH_NO_OLD:
        step_unsupported(plan, type, NULL, NULL, "there is no %s \"%s\" to rename",
                         schema_kind_name(type->kind), type->rename_from);
        break;
    case MATCH_TAKEN:
        step_unsupported(plan, type, NULL, NULL,
                         "%s \"%s\" goes on under another name already and cannot be renamed",
                         schema_kind_name(type->kind), type->rename_from);
        break;
    default:
        plan_type(plan, found->old, type);
    }
}

static void plan_kind(struct plan *plan, enum schema_kind kind)
{
    size_t count;
    const struct schema_type *const *types = schema_types(plan->desired, kind, &count);
    for (size_t i = 0; i < count; i++)
        plan_declaration(plan, types[i], &plan->kinds[kind].desired[i]);
    types = schema_types(plan->accepted, kind, &count);
    for (size_t i = 0; i < count; i++) {
        if (matching_successor(&plan->kinds[kind], types[i]->name))
            continue;
        if (kind == SCHEMA_INTERFACE)
            step_unsupported(plan, types[i], NULL, NULL, "an interface cannot be dropped");
        else
            step_drop_type(plan, types[i]);
    }
}

jv migration_plan(const struct schema *accepted, const struct schema *desired)
{
    struct plan plan = {
        .accepted = accepted, .desired = desired, .steps = jv_array(), .supported = true};
    for (enum schema_kind kind = SCHEMA_INTERFACE; kind <= SCHEMA_EDGE; kind++)
        match_kind(&plan, kind);
    for (enum schema_kind kind = SCHEMA_INTERFACE; kind <= SCHEMA_EDGE; kind++)
        plan_kind(&plan, kind);
    for (enum schema_kind kind = SCHEMA_INTERFACE; kind <= SCHEMA_EDGE; kind++)
        matching_free(&plan.kinds[kind]);
    jv out = jv_object();
    json_set_bool(&out, "supported", plan.supported);
    json_set(&out, "steps", plan.steps);
    return out;
}
