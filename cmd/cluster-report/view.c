#include "view.h"

#include "common/xalloc.h"

#include <string.h>

static jv object_or_empty(jv value)
{
    if (jv_get_kind(value) == JV_KIND_OBJECT)
        return value;
    jv_free(value);
    return jv_object();
}

/* A member that is an object; invalid if it is anything else. */
static jv object_member(const jv *section, const char *key)
{
    jv member = json_get(section, key);
    if (jv_get_kind(member) == JV_KIND_OBJECT)
        return member;
    jv_free(member);
    return jv_invalid();
}

/* What cluster-exec found or left on disk; before it ran (or if it could not know), what the sweep
 * read, not what it would make of it. */
static jv ledger_on_disk(const struct view *view, const char **cas)
{
    *cas = json_peek_string(&view->outcome, "cas");
    jv state = object_member(&view->outcome, "state");
    if (jv_is_valid(state))
        return state;
    *cas = json_peek_string(&view->ledger, "cas");
    if (!json_peek_bool(&view->ledger, "found", false))
        return jv_invalid();
    state = object_member(&view->ledger, "base");
    return jv_is_valid(state) ? state : object_member(&view->ledger, "state");
}

void view_open(struct view *view, const struct doc *doc)
{
    *view = (struct view){
        .doc = doc,
        .config = doc_peek(doc, "config"),
        .store = doc_peek(doc, "store"),
        .lock = doc_peek(doc, "lock"),
        .ledger = doc_peek(doc, "ledger"),
        .outcome = doc_peek(doc, "outcome"),
    };
    view->on_disk = ledger_on_disk(view, &view->cas);
    jv revision = json_get(&view->on_disk, "applied_revision");
    view->recorded = object_or_empty(json_get(&revision, "resources"));
    jv_free(revision);
}

void view_close(struct view *view)
{
    jv_free(view->recorded);
    jv_free(view->on_disk);
    jv_free(view->outcome);
    jv_free(view->ledger);
    jv_free(view->lock);
    jv_free(view->store);
    jv_free(view->config);
}

jv view_map(const struct view *view, const char *key)
{
    return object_or_empty(json_get(&view->on_disk, key));
}

const char *view_config(const struct view *view, const char *key)
{
    const char *text = json_peek_string(&view->config, key);
    return text ? text : "";
}

char *view_location(const struct view *view, const char *name)
{
    const char *display = json_peek_string(&view->store, "display");
    if (!display)
        return xstrdup(name); /* relative to a root that is not known */
    size_t len = strlen(display);
    return xasprintf("%s%s%s", display, len > 0 && display[len - 1] == '/' ? "" : "/", name);
}

jv view_held_lock(const struct view *view)
{
    if (json_peek_bool(&view->lock, "acquired", false))
        return jv_invalid();
    return json_get(&view->lock, "observed");
}
