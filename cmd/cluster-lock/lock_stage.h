/*
 * lock_stage.h - the parts of cluster-lock.
 *
 *     signals.c   signals as events, from the moment something would have to be undone
 *     acquire.c   take the lock, wait for it, say who holds it
 *     run.c       the command: its process group, its input and output
 *     hold.c      all of it together: acquire, run, release, pass on
 *     release.c   force-unlock
 */
#ifndef CLUSTER_LOCK_STAGE_H
#define CLUSTER_LOCK_STAGE_H

#include "common/doc.h"
#include "ledger/lock.h"
#include "store/store.h"

#include <signal.h>

/* SIGINT, SIGTERM and SIGHUP (but not those that were ignored at the start) and SIGCHLD, blocked
 * and readable from fd. */
struct signals {
    int fd;
    sigset_t before; /* the mask to run the command with */
};

/* False with err set if the kernel gives none. */
bool signals_catch(struct signals *signals, struct error *err);
/* Lets them act again. */
void signals_uncatch(struct signals *signals);
/* The next one that is pending, or 0. */
int signals_next(const struct signals *signals);
/* Waits up to ms; returns a pending SIGINT, SIGTERM or SIGHUP, or 0. */
int signals_sleep(const struct signals *signals, int ms);
/* Dies by the signal, as whoever sent it expects. */
void signals_die(struct signals *signals, int number);

/* How the document's lock section starts: {acquired, operation, path}. */
jv lock_section(const struct store *store, bool acquired, const char *operation);

/* The words of the message about a held lock; to be freed. */
char *lock_held_message(const jv *observed, const char *config_dir);

/* What is done about a lock that is held. */
struct patience {
    long timeout;   /* seconds to wait for it */
    long take_over; /* in a bucket: seconds without a heartbeat after which it is taken over; 0:
                       never */
};

/*
 * Takes the lock, with as much patience as said. True: it is taken, the document has its
 * section. False: the document says why not and is halted, or *interrupted is the signal that ended
 * the waiting.
 */
bool acquire(struct doc *doc, struct store *store, const char *operation,
             const struct patience *patience, const struct signals *signals, struct lock *lock,
             int *interrupted);

struct run_result {
    int exit_status; /* 128 + signal if it was killed */
    int interrupted; /* a signal that was passed on to it, or 0 */
    struct buf out;
};

/*
 * Runs `sh -c command` in a process group of its own with `in` on its stdin, and waits until the
 * whole group is gone. Signals that come meanwhile go to the group. False with err set if it could
 * not be started. The result is to be freed with buf_free(&result->out).
 */
bool run_command(const char *command, const struct buf *in, const struct signals *signals,
                 struct run_result *result, struct error *err);

/* Runs the command under the lock, or without one if the document says so, and writes what the
 * document has become to stdout. Consumes doc. Returns the exit status. */
int hold_and_run(struct doc *doc, const char *operation, const char *command,
                 const struct patience *patience);

/* force-unlock: removes the lock with this id, or (id NULL) one whose holder is dead. */
void force_unlock(struct doc *doc, const char *id);

/* Opens the document's store; NULL, said in the document and halted, if that cannot be. */
struct store *open_store(struct doc *doc);

#endif
