#include "graphs.h"

#include "common/address.h"
#include "common/driver.h"
#include "common/timestamp.h"
#include "common/xalloc.h"
#include "ledger/amend.h"
#include "ledger/graph_root.h"

#include <stdlib.h>
#include <string.h>

enum sight { SIGHT_GONE, SIGHT_CANNOT_OPEN, SIGHT_OPEN };

/* One graph as it was seen. */
struct view {
    const char *graph, *desired;
    char *address, *schema_address, *location;
    enum sight sight;
    bool exists_known, exists;
    jv described; /* the driver's answer when it opened */
    char *why;    /* when it could not be opened */
};

static void look(struct graph_observer *o, struct view *v)
{
    struct error err = ERROR_INIT;
    v->location = graph_root_location(o->store, v->graph);
    v->exists_known = graph_root_exists(o->store, v->graph, &v->exists, &err) == STORE_OK;
    if (!v->exists_known) {
        v->sight = SIGHT_CANNOT_OPEN;
        v->why = xstrdup(error_text(&err));
    } else if (!v->exists) {
        v->sight = SIGHT_GONE;
        v->why = xasprintf("there is no graph at %s", v->location);
    } else {
        struct driver_answer answer = driver_describe(o->driver, v->location);
        v->sight = answer.status == DRIVER_OK ? SIGHT_OPEN : SIGHT_CANNOT_OPEN;
        v->described = jv_copy(answer.value);
        v->why = answer.message ? xstrdup(answer.message) : NULL;
        driver_answer_clear(&answer);
    }
    error_clear(&err);
}

static bool matches_desired(const struct view *v)
{
    return v->desired && json_string_is(&v->described, "schema_digest", v->desired);
}

static void record_sighting(struct graph_observer *o, const struct view *v)
{
    struct timestamp now = timestamp_now();
    bool open = v->sight == SIGHT_OPEN;
    const struct sighting seen = {
        .address = v->address,
        .uri = v->location,
        .observed_at = now.text,
        .root = !v->exists_known ? SIGHTING_UNKNOWN
                : v->exists      ? SIGHTING_EXISTS
                                 : SIGHTING_GONE,
        .manifest_version = json_peek_int(&v->described, "manifest_version", -1),
        .schema_digest = json_peek_string(&v->described, "schema_digest"),
        .desired_schema_digest = v->desired,
        .error = open ? NULL : v->why,
    };
    amend_sighting(o->state, &seen);
}

static void set_both(struct graph_observer *o, const struct view *v, const char *status,
                     const char *condition, const char *message)
{
    amend_status(o->state, v->address, status, condition, message);
    amend_status(o->state, v->schema_address, status, condition, message);
}

static void record_gone(struct graph_observer *o, const struct view *v)
{
    if (amend_peek_digest(o->state, v->address) || amend_peek_digest(o->state, v->schema_address))
        diags_warning(o->diags, "graph_missing", v->address,
                      "graph '%s' is gone: there is nothing at %s; apply would create it empty, "
                      "so restore it first if its data is wanted",
                      v->graph, v->location);
    amend_unrecord(o->state, v->address);
    amend_unrecord(o->state, v->schema_address);
    set_both(o, v, "drifted", "graph_missing", v->why);
}

static void record_open(struct graph_observer *o, const struct view *v)
{
    amend_record(o->state, v->schema_address, json_peek_string(&v->described, "schema_digest"));
    amend_composite(o->state, v->graph);
    if (matches_desired(v))
        set_both(o, v, "applied", NULL, NULL);
    else
        set_both(o, v, "drifted", "schema_mismatch",
                 "the live schema is not the configured one; the next plan proposes a migration");
}

void graph_observe(struct graph_observer *o, const char *graph, const char *desired_schema,
                   bool pending)
{
    struct view v = {.graph = graph,
                     .desired = desired_schema,
                     .address = address_graph(graph),
                     .schema_address = address_schema(graph),
                     .described = jv_invalid()};
    look(o, &v);
    record_sighting(o, &v);
    /* The sweep of this run may have said it of a create that did not finish. */
    if (v.sight == SIGHT_CANNOT_OPEN &&
        !(pending && amend_has_condition(o->state, v.address, "graph_create_incomplete")))
        diags_error(o->diags, "graph_observation_error", v.address,
                    "graph '%s' at %s cannot be observed: %s", graph, v.location, v.why);
    if (!pending) {
        if (v.sight == SIGHT_GONE)
            record_gone(o, &v);
        else if (v.sight == SIGHT_OPEN)
            record_open(o, &v);
        else
            set_both(o, &v, "error", "graph_observation_error", v.why);
    }
    free(v.address);
    free(v.schema_address);
    free(v.location);
    free(v.why);
    jv_free(v.described);
}
