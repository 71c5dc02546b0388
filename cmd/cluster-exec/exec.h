/*
 * exec.h - one run of cluster-exec: its context, and the steps that share it.
 *
 * The steps of an apply, in order, each in the file of its name: changes_load, checks_pass,
 * graphs_create, graphs_migrate, catalog_publish, graphs_delete, record_changes, ledger_commit. A
 * step that returns false has aborted the run (exec_abort): nothing more is done and the ledger is
 * not written; what graphs did is left to the sweep, by their sidecars.
 *
 * A graph operation that fails does not abort: exec->stopped is set, its change becomes blocked, so
 * do those that depend on it, and what did succeed is recorded.
 */
#ifndef CLUSTER_EXEC_H
#define CLUSTER_EXEC_H

#include "common/address.h"
#include "common/doc.h"
#include "ledger/ledger.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>

enum change_operation { CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE };
enum disposition {
    DISPOSITION_APPLIED,
    DISPOSITION_DERIVED,
    DISPOSITION_DEFERRED,
    DISPOSITION_BLOCKED
};

struct change {
    jv json;                /* as it came, and as the outcome shows it */
    const char *resource;   /* owned by json */
    struct address address; /* all zero for one of an unknown kind, which is never applied */
    enum change_operation operation;
    const char *before, *after; /* digests, owned by json; NULL if absent */
    enum disposition disposition;
    char *message; /* why it was blocked in this run, for its status; NULL: nothing to add */
};

struct exec {
    struct doc *doc;
    struct store *store;
    char *driver;
    char *actor;   /* NULL: nobody said */
    char *lock_id; /* of the lock that is held for us; NULL: none */
    bool progress; /* say on stderr what is being done */

    bool apply;      /* the document has changes; else it is a refresh or an import */
    bool found;      /* there was a ledger */
    char *cas;       /* of the ledger that was read; NULL when there was none */
    jv state, base;  /* the ledger, amended; the ledger, as read (null when there was none) */
    jv config;       /* sections of the document, looked at only */
    jv resources;    /* {address: resource}, the desired ones */
    jv dependencies; /* [{from, to}] */
    jv sources;      /* {digest: text} */
    jv sweep;        /* {completed, pending_graphs, consumed_approvals} */

    struct change *changes; /* in the order of the document */
    size_t n;
    jv index; /* {address: index into changes} */

    bool moving;            /* the checks have passed, work has begun */
    bool interrupted;       /* a signal came: nothing further is begun, what was done is recorded */
    bool stopped;           /* a graph operation failed: no further one is begun */
    const char *abort_code; /* why the run was aborted; NULL: it was not */
    jv completed;           /* operation ids of sidecars that may go once the ledger is written */
    jv consumed;            /* approvals to be rewritten then, as in sweep.consumed_approvals */
    bool written;           /* the ledger was */
    char new_cas[LEDGER_CAS_LEN + 1];
    bool converged;
};

/* exec.c */

struct exec_options {
    const char *as; /* argument of --as, NULL without */
    bool plan;      /* the document is a saved plan */
    bool progress;
};

/*
 * The whole run: applies the changes of the document, or, without changes, writes what the sweep
 * and the observation made of the ledger; fills `outcome`. Needs `config`, `store` and `ledger`;
 * with changes also `resources`, `dependencies`, `sources` and `sweep`.
 */
void exec_run(struct doc *doc, const struct exec_options *options);

/* Reports the error and ends the run: halts the document. Always returns false. */
bool exec_abort(struct exec *exec, const char *code, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with the code and message of err, which is cleared. */
bool exec_abort_error(struct exec *exec, const char *path, struct error *err);
/* True once a signal asks to end (interrupt.h): reported as `interrupted`, and graph work stops. */
bool exec_interrupted(struct exec *exec);
/* True if the lock is still ours or none was taken; else aborts. */
bool exec_fence(struct exec *exec);

/* plan_file.c */

/* Prepares a saved plan: drops its warnings. */
void plan_file_open(struct doc *doc);
/* True if nothing has moved since the plan was made; else aborts with plan_stale. */
bool plan_file_is_current(struct exec *exec);

/* changes.c */

/* Reads the section into exec->changes, and warns of those that will not be applied. False
 * (aborted) if they are not fit to be executed, such as two of one resource. */
bool changes_load(struct exec *exec);
void changes_free(struct exec *exec);
/* The change of an address, NULL if there is none. */
struct change *changes_find(const struct exec *exec, const char *address);
/* The change of the same graph's graph.<id> or schema.<id>; NULL if there is none. */
struct change *changes_of_graph(const struct exec *exec, const char *graph);
struct change *changes_of_schema(const struct exec *exec, const char *graph);
/* The changes of one kind that are still to be applied, in order of graph id: an array of *n, to be
 * freed. */
struct change **changes_select(struct exec *exec, enum address_kind kind,
                               enum change_operation operation, size_t *n);
/* True for an applied create or update. */
bool change_publishes(const struct change *change);
/* It was to be applied and is not. message may be NULL. */
void change_block(struct change *change, const char *reason, const char *message);
/* Blocks, with dependency_not_applied and a warning, what needs a change that was blocked. */
void changes_block_dependents(struct exec *exec);
/* The desired resource of an address; invalid if there is none. */
jv desired_of(const struct exec *exec, const char *address);

/* checks.c */

/* Trusts no disposition: checks each change marked applied before anything moves. False (aborted)
 * with change_not_current, resource_content_changed or apply_approval_invariant_violation for each
 * that fails. */
bool checks_pass(struct exec *exec);

/* gates.c */

/* True if the change is part of the delete of a graph, which needs an approval. */
bool gate_covers(const struct exec *exec, const struct change *change);
/* The artifact in the store that authorizes the delete of a graph now; invalid if there is none. */
jv gate_approval(struct exec *exec, const char *graph);

/* operation.c: one graph operation, fenced by its sidecar */

struct operation {
    struct exec *exec;
    struct change *change;
    const char *kind;    /* of the sidecar */
    const char *failed;  /* code when it fails */
    const char *skipped; /* code when it is not begun */
    char *graph_address; /* graph.<id> */
    char *location;      /* of the graph's root */
    jv sidecar;
    const char *id; /* operation id, owned by sidecar */
};

/* Begins to describe one; nothing is written yet. Free with operation_clear(). */
void operation_init(struct operation *op, struct exec *exec, struct change *change,
                    const char *kind);
void operation_clear(struct operation *op);
/* True if graph work has stopped: the change was then blocked as skipped_after_failure (but not yet
 * its dependents). */
bool operation_skip(struct operation *op);
/* Writes the sidecar. False: that failed, and so has the operation. */
bool operation_begin(struct operation *op);
/* It is done, at this version (-1: unknown): rewrites the sidecar and marks it for retirement. */
void operation_done(struct operation *op, int64_t manifest_version);
/* It failed. The sidecar, if it was written, is removed unless something may have moved. */
void operation_failed(struct operation *op, bool may_have_moved, const char *message);
/* The same, before its sidecar was written. */
void operation_failed_early(struct operation *op, const char *message);
/* exec_fence(), just before something moves: if the lock is gone, the sidecar is taken back. */
bool operation_fence(struct operation *op);

/* graphs.c, deletes.c, catalog.c */

bool graphs_create(struct exec *exec);
bool graphs_migrate(struct exec *exec);
bool graphs_delete(struct exec *exec);
/* Writes the blobs of applied creates and updates. False: aborted, before anything irreversible. */
bool catalog_publish(struct exec *exec);

/* record.c */

/* Puts what happened into exec->state: digests, bindings, statuses, composites, and whether it
 * converged. */
void record_changes(struct exec *exec);

/* commit.c */

/* Writes the ledger if it changed, then retires sidecars and rewrites approvals. False: aborted. */
bool ledger_commit(struct exec *exec);

/* outcome.c */

void outcome_set(struct exec *exec);

#endif
