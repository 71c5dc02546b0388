#include "recover.h"

#include "common/address.h"
#include "common/driver.h"
#include "common/timestamp.h"
#include "common/xalloc.h"
#include "ledger/amend.h"
#include "ledger/graph_root.h"
#include "ledger/ledger.h"

#include <stdlib.h>
#include <string.h>

/* Conditions that the sweep puts on a graph, and takes away again when the matter is settled. */
#define CREATE_INCOMPLETE "graph_create_incomplete"
#define STATE_PENDING "actual_applied_state_pending"

/* One sidecar and what was found of its graph. */
struct case_file {
    const jv *sidecar;
    const char *operation_id, *kind, *graph, *intended;
    char *graph_address, *schema_address;
    char *location;   /* of the root, for messages and the driver */
    bool looked;      /* the store could tell whether the root is there */
    bool exists;      /* something is under the root */
    bool opens;       /* the driver described it */
    bool no_graph;    /* the driver says that there is no graph here */
    char *live;       /* its schema digest, when it opens */
    int64_t version;  /* its manifest version, -1: unknown */
    char *why;        /* why it could not be looked at or opened */
    const char *name; /* of the sidecar's file, for messages */
};

void recovery_init(struct recovery *r, struct store *store, const char *driver, jv state)
{
    r->store = store;
    r->driver = driver;
    r->state = state;
    r->completed = jv_array();
    r->pending = jv_object();
    r->consumed = jv_array();
    diags_init(&r->diags);
}

void recovery_free(struct recovery *r)
{
    jv_free(r->state);
    jv_free(r->completed);
    jv_free(r->pending);
    jv_free(r->consumed);
    diags_free(&r->diags);
}

static void look(struct recovery *r, struct case_file *c)
{
    struct error err = ERROR_INIT;
    c->location = graph_root_location(r->store, c->graph);
    c->looked = graph_root_exists(r->store, c->graph, &c->exists, &err) == STORE_OK;
    if (!c->looked)
        c->why = xstrdup(error_text(&err));
    bool describe = c->looked && c->exists && strcmp(c->kind, "graph_delete") != 0;
    if (describe) {
        struct driver_answer answer = driver_describe(r->driver, c->location);
        c->opens = answer.status == DRIVER_OK;
        c->no_graph = answer.status == DRIVER_NO_GRAPH;
        c->version = json_peek_int(&answer.value, "manifest_version", -1);
        if (c->opens)
            c->live = xstrdup(json_peek_string(&answer.value, "schema_digest"));
        else
            c->why = xstrdup(answer.message);
        driver_answer_clear(&answer);
    }
    error_clear(&err);
}

static void retire(struct recovery *r, const struct case_file *c)
{
    r->completed = jv_array_append(r->completed, jv_string(c->operation_id));
}

static void keep(struct recovery *r, const struct case_file *c)
{
    json_set_bool(&r->pending, c->graph, true);
}

static bool complained_of(const struct recovery *r, const char *address)
{
    return amend_has_condition(&r->state, address, CREATE_INCOMPLETE) ||
           amend_has_condition(&r->state, address, STATE_PENDING);
}

/* What an earlier sweep complained of is settled; `status` NULL: there is nothing left to speak of.
 */
static void settle(struct recovery *r, const char *address, const char *status)
{
    if (!complained_of(r, address))
        return;
    if (status && amend_peek_digest(&r->state, address))
        amend_status(&r->state, address, status, NULL, NULL);
    else
        amend_clear_status(&r->state, address);
}

/* Retired without a change to what is recorded: rows 1, 2 and 7. */
static void retire_settled(struct recovery *r, const struct case_file *c, const char *status)
{
    settle(r, c->graph_address, status);
    settle(r, c->schema_address, status);
    retire(r, c);
}

/* Rows 3 and 4. */
static void roll_forward(struct recovery *r, const struct case_file *c)
{
    amend_record(&r->state, c->schema_address, c->live);
    amend_composite(&r->state, c->graph);
    amend_status(&r->state, c->graph_address, "applied", NULL, NULL);
    amend_status(&r->state, c->schema_address, "applied", NULL, NULL);
    struct timestamp now = timestamp_now();
    const struct sighting seen = {
        .address = c->graph_address,
        .uri = c->location,
        .observed_at = now.text,
        .root = SIGHTING_EXISTS,
        .manifest_version = c->version,
        .schema_digest = c->live,
        .desired_schema_digest = c->intended,
    };
    amend_sighting(&r->state, &seen);
    amend_recovered(&r->state, c->sidecar, now.text);
    diags_warning(&r->diags, "cluster_recovery_rolled_forward", c->graph_address,
                  "operation %s (%s) had reached graph '%s' when its run died; the ledger now "
                  "records it, nothing else is to be done",
                  c->operation_id, c->kind, c->graph);
    retire(r, c);
}

static void warn_pending(struct recovery *r, const struct case_file *c, const char *what)
{
    diags_warning(&r->diags, "cluster_recovery_pending", c->graph_address,
                  "operation %s (%s) on graph '%s' is unsettled: %s; changes to the graph are "
                  "blocked until it is",
                  c->operation_id, c->kind, c->graph, what);
    keep(r, c);
}

/* Row 5: nothing is ever deleted without being asked, so a person has to. Exit 4 of the driver is
 * the plain case; another failure may pass. */
static void refuse_incomplete(struct recovery *r, const struct case_file *c)
{
    char *message = xasprintf("the create of graph '%s' did not finish: %s does not open: %s",
                              c->graph, c->location, c->why);
    amend_status(&r->state, c->graph_address, "error", CREATE_INCOMPLETE, message);
    diags_error(&r->diags, CREATE_INCOMPLETE, c->graph_address,
                "%s; if that stays so, remove %s and apply again", message, c->location);
    free(message);
    keep(r, c);
}

/* Row 6: neither what the ledger records nor what the operation wanted. */
static void refuse_other_schema(struct recovery *r, const struct case_file *c)
{
    char *message = xasprintf("operation %s (%s) died, and the graph's schema %s is neither the "
                              "recorded one nor the one it was to get",
                              c->operation_id, c->kind, c->live);
    amend_status(&r->state, c->graph_address, "drifted", STATE_PENDING, message);
    amend_status(&r->state, c->schema_address, "drifted", STATE_PENDING, message);
    free(message);
    char *what = xasprintf("its live schema %s is neither the recorded one nor the intended one "
                           "(if it is right, remove %s and run refresh)",
                           c->live, c->name);
    warn_pending(r, c, what);
    free(what);
}

static void recover_create(struct recovery *r, const struct case_file *c)
{
    const char *recorded = amend_peek_digest(&r->state, c->schema_address);
    if (!c->looked)
        warn_pending(r, c, c->why);
    else if (!c->exists || c->no_graph)
        retire_settled(r, c, NULL); /* 1 */
    else if (!c->opens)
        refuse_incomplete(r, c); /* 5 */
    else if (recorded && strcmp(c->live, recorded) == 0)
        retire_settled(r, c, "applied"); /* 2 */
    else if (strcmp(c->live, c->intended) == 0)
        roll_forward(r, c); /* 4 */
    else
        refuse_other_schema(r, c); /* 6 */
}

static void recover_schema(struct recovery *r, const struct case_file *c)
{
    const char *recorded = amend_peek_digest(&r->state, c->schema_address);
    if (!c->looked || (c->exists && !c->opens))
        warn_pending(r, c, c->why); /* 5s */
    else if (!c->exists)
        warn_pending(r, c, "its root is gone"); /* 5s */
    else if (recorded && strcmp(c->live, recorded) == 0)
        retire_settled(r, c, "applied"); /* 2 */
    else if (strcmp(c->live, c->intended) == 0 && amend_peek_digest(&r->state, c->graph_address))
        roll_forward(r, c); /* 3 */
    else
        refuse_other_schema(r, c); /* 6 */
}

/* Row 7b: the root is gone and the ledger still has the graph. */
static void roll_delete_forward(struct recovery *r, const struct case_file *c)
{
    struct timestamp now = timestamp_now();
    const char *approval_id = json_peek_string(c->sidecar, "approval_id");
    amend_tombstone(&r->state, c->graph, now.text, approval_id,
                    json_peek_string(c->sidecar, "actor"));
    jv records = json_get(&r->state, "approval_records");
    bool consumed = !approval_id || json_has(&records, approval_id);
    jv_free(records); /* before the change: what is shared would be copied */
    if (!consumed)
        amend_consume(&r->state, &r->consumed, approval_id, now.text, c->operation_id);
    amend_recovered(&r->state, c->sidecar, now.text);
    diags_warning(&r->diags, "cluster_recovery_rolled_forward", c->graph_address,
                  "graph '%s' was deleted by operation %s before its run died; the ledger now "
                  "says so, nothing else is to be done",
                  c->graph, c->operation_id);
    retire(r, c);
}

static void recover_delete(struct recovery *r, const struct case_file *c)
{
    if (!c->looked) {
        warn_pending(r, c, c->why);
    } else if (c->exists) { /* 8 */
        diags_warning(&r->diags, "graph_delete_incomplete", c->graph_address,
                      "the delete of graph '%s' did not finish and %s is still there; removal can "
                      "be repeated: apply again, the approval still holds",
                      c->graph, c->location);
        retire(r, c);
    } else if (amend_has_graph(&r->state, c->graph)) {
        roll_delete_forward(r, c);
    } else {
        retire_settled(r, c, NULL); /* 7 */
    }
}

void recover_sidecar(struct recovery *r, const jv *sidecar)
{
    char *name = ledger_sidecar_name(json_peek_string(sidecar, "operation_id"));
    struct case_file c = {
        .sidecar = sidecar,
        .operation_id = json_peek_string(sidecar, "operation_id"),
        .kind = json_peek_string(sidecar, "kind"),
        .graph = json_peek_string(sidecar, "graph_id"),
        .intended = json_peek_string(sidecar, "desired_schema_digest"),
        .name = name,
    };
    if (!c.intended)
        c.intended = ""; /* matches no live schema */
    c.graph_address = address_graph(c.graph);
    c.schema_address = address_schema(c.graph);
    look(r, &c);
    if (strcmp(c.kind, "graph_create") == 0)
        recover_create(r, &c);
    else if (strcmp(c.kind, "schema_apply") == 0)
        recover_schema(r, &c);
    else
        recover_delete(r, &c);
    free(c.graph_address);
    free(c.schema_address);
    free(c.location);
    free(c.live);
    free(c.why);
    free(name);
}

void recover_approval(struct recovery *r, const jv *artifact)
{
    const char *id = json_peek_string(artifact, "approval_id");
    if (json_peek_string(artifact, "consumed_at"))
        return;
    jv records = json_get(&r->state, "approval_records");
    jv record = json_get(&records, id);
    jv_free(records);
    if (jv_get_kind(record) == JV_KIND_OBJECT) {
        const char *at = json_peek_string(&record, "consumed_at");
        struct timestamp now = timestamp_now();
        jv entry = jv_object();
        json_set_string(&entry, "approval_id", id);
        json_set_string(&entry, "consumed_at", at ? at : now.text);
        json_set_string(&entry, "consumed_by_operation",
                        json_peek_string(&record, "consumed_by_operation"));
        r->consumed = jv_array_append(r->consumed, entry);
    }
    jv_free(record);
}
