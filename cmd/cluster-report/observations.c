#include "observations.h"

#include <stdlib.h>

static void set_location(jv *out, const char *key, const struct view *view, const char *name)
{
    char *location = view_location(view, name);
    json_set_string(out, key, location);
    free(location);
}

static void set_if_known(jv *out, const char *key, const char *text)
{
    if (text)
        json_set_string(out, key, text);
}

static void add_ledger(jv *out, const struct view *view)
{
    jv revision = json_get(&view->on_disk, "applied_revision");
    json_set_bool(out, "state_found",
                  jv_is_valid(view->on_disk) || json_peek_bool(&view->ledger, "found", false));
    set_if_known(out, "applied_config_digest", json_peek_string(&revision, "config_digest"));
    json_set_int(out, "state_revision", json_peek_int(&view->on_disk, "state_revision", 0));
    set_if_known(out, "state_cas", view->cas);
    json_set_int(out, "resource_count", jv_object_length(jv_copy(view->recorded)));
    jv_free(revision);
}

static void copy_if_there(jv *out, const char *key, const jv *from, const char *from_key)
{
    if (json_has(from, from_key))
        json_set(out, key, json_get(from, from_key));
}

static void add_lock(jv *out, const struct view *view)
{
    bool acquired = json_peek_bool(&view->lock, "acquired", false);
    jv held = view_held_lock(view);
    json_set_bool(out, "locked", jv_is_valid(held));
    json_set_bool(out, "lock_acquired", acquired);
    if (acquired)
        copy_if_there(out, "acquired_lock_id", &view->lock, "lock_id");
    copy_if_there(out, "lock_id", &held, "lock_id");
    copy_if_there(out, "lock_operation", &held, "operation");
    copy_if_there(out, "lock_created_at", &held, "created_at");
    copy_if_there(out, "lock_pid", &held, "pid");
    copy_if_there(out, "lock_age_seconds", &held, "age_seconds");
    jv_free(held);
}

jv observations_of(const struct view *view)
{
    jv out = jv_object();
    set_location(&out, "state_path", view, "__cluster/state.json");
    set_location(&out, "lock_path", view, "__cluster/lock.json");
    add_ledger(&out, view);
    add_lock(&out, view);
    return out;
}
