#include "public.h"

#include "observations.h"

/* ---- parts that several outputs share ---- */

static jv array_or_empty(jv value)
{
    if (jv_get_kind(value) == JV_KIND_ARRAY)
        return value;
    jv_free(value);
    return jv_array();
}

static void add_section(jv *out, const struct view *view, const char *section)
{
    json_set(out, section, array_or_empty(doc_peek(view->doc, section)));
}

static void add_desired_revision(jv *out, const struct view *view)
{
    jv revision = jv_object();
    json_set_string(&revision, "config_digest", json_peek_string(&view->config, "digest"));
    json_set(out, "desired_revision", revision);
}

static void add_desired_digests(jv *out, const struct view *view)
{
    jv digests = jv_object();
    jv resources = array_or_empty(doc_peek(view->doc, "resources"));
    for (int i = 0, n = jv_array_length(jv_copy(resources)); i < n; i++) {
        jv resource = jv_array_get(jv_copy(resources), i);
        json_set(&digests, json_peek_string(&resource, "address"), json_get(&resource, "digest"));
        jv_free(resource);
    }
    jv_free(resources);
    json_set(out, "resource_digests", digests);
}

/* What the ledger says: digests, statuses, observations. */
static void add_recorded(jv *out, const struct view *view)
{
    jv digests = jv_object();
    for (int i = jv_object_iter(view->recorded); jv_object_iter_valid(view->recorded, i);
         i = jv_object_iter_next(view->recorded, i)) {
        jv key = jv_object_iter_key(view->recorded, i);
        jv entry = jv_object_iter_value(view->recorded, i);
        if (json_has(&entry, "digest"))
            json_set(&digests, jv_string_value(key), json_get(&entry, "digest"));
        jv_free(entry);
        jv_free(key);
    }
    json_set(out, "resource_digests", digests);
    json_set(out, "resource_statuses", view_map(view, "resource_statuses"));
    json_set(out, "observations", view_map(view, "observations"));
}

/* ---- one function an output ---- */

static void add_validate(jv *out, const struct view *view)
{
    json_set_string(out, "config_file", view_config(view, "file"));
    add_desired_digests(out, view);
    add_section(out, view, "dependencies");
    jv resources = array_or_empty(doc_peek(view->doc, "resources"));
    jv shown = jv_array();
    for (int i = 0, n = jv_array_length(jv_copy(resources)); i < n; i++) {
        jv resource = jv_array_get(jv_copy(resources), i);
        json_delete(&resource, "applies_to");
        shown = jv_array_append(shown, resource);
    }
    jv_free(resources);
    json_set(out, "resources", shown);
}

static void add_plan(jv *out, const struct view *view)
{
    add_desired_revision(out, view);
    add_desired_digests(out, view);
    add_section(out, view, "dependencies");
    json_set(out, "state_observations", observations_of(view));
    add_section(out, view, "changes");
    json_set_bool(out, "applicable", json_peek_bool(&view->doc->root, "applicable", false));
    add_section(out, view, "blast_radius");
    add_section(out, view, "approvals_required");
}

/* The changes with their final dispositions, or, when the run ended before cluster-exec, as far as
 * they got. */
static jv final_changes(const struct view *view)
{
    jv changes = json_get(&view->outcome, "changes");
    if (jv_is_valid(changes))
        return changes;
    return array_or_empty(doc_peek(view->doc, "changes"));
}

static void add_apply(jv *out, const struct view *view)
{
    const char *actor = json_peek_string(&view->outcome, "actor");
    if (actor)
        json_set_string(out, "actor", actor);
    add_desired_revision(out, view);
    json_set(out, "state_observations", observations_of(view));
    json_set(out, "changes", final_changes(view));
    json_set_int(out, "applied_count", json_peek_int(&view->outcome, "applied_count", 0));
    json_set_int(out, "deferred_count", json_peek_int(&view->outcome, "deferred_count", 0));
    json_set_bool(out, "converged", json_peek_bool(&view->outcome, "converged", false));
    json_set_bool(out, "state_written", json_peek_bool(&view->outcome, "state_written", false));
    json_set(out, "resource_statuses", view_map(view, "resource_statuses"));
}

static void add_approve(jv *out, const struct view *view)
{
    static const char *const fields[] = {"approval_id", "resource", "operation", "approved_by"};
    jv approval = doc_peek(view->doc, "approval");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (json_has(&approval, fields[i]))
            json_set(out, fields[i], json_get(&approval, fields[i]));
    jv_free(approval);
}

jv public_report(const struct view *view, enum report_command command)
{
    jv out = jv_object();
    json_set_bool(&out, "ok", !doc_has_errors(view->doc));
    json_set_string(&out, "config_dir", view_config(view, "dir"));
    switch (command) {
    case REPORT_VALIDATE:
        add_validate(&out, view);
        break;
    case REPORT_PLAN:
        add_plan(&out, view);
        break;
    case REPORT_APPLY:
        add_apply(&out, view);
        break;
    case REPORT_APPROVE:
        add_approve(&out, view);
        break;
    case REPORT_REFRESH:
    case REPORT_IMPORT:
        json_set_string(&out, "operation", report_command_name(command));
        json_set(&out, "state_observations", observations_of(view));
        add_recorded(&out, view);
        break;
    case REPORT_STATUS:
        json_set(&out, "state_observations", observations_of(view));
        add_recorded(&out, view);
        break;
    case REPORT_FORCE_UNLOCK:
        json_set(&out, "state_observations", observations_of(view));
        json_set_bool(&out, "lock_removed", json_peek_bool(&view->lock, "removed", false));
        break;
    }
    add_section(&out, view, "diagnostics");
    return out;
}
