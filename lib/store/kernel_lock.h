/*
 * kernel_lock.h - a lock that ends with its holder: flock(2) on a control file of a disk store.
 *
 * The kernel drops it when the last process that inherited the descriptor is gone, whatever killed
 * it. The file also holds a line of text that outlives the holder (the lock id that lock.json
 * carries, lib/ledger/lock.h). A bucket has nothing like it: STORE_INVALID there.
 *
 * Looking must not disturb those who try to take it, so a holder also keeps an open file
 * description lock (fcntl(2), F_OFD_SETLK: same life time), which can be asked for without taking
 * anything.
 *
 *     struct kernel_lock lock;
 *     status = kernel_lock_take(store, "__cluster/.lock", &lock, &err);   // STORE_CONFLICT: held
 *     … lock.text is what the last holder wrote …
 *     status = kernel_lock_write(&lock, id, &err);
 *     … children that are started now inherit the lock …
 *     kernel_lock_drop(&lock);
 */
#ifndef CLUSTER_KERNEL_LOCK_H
#define CLUSTER_KERNEL_LOCK_H

#include "store/store.h"

struct kernel_lock {
    int fd;     /* not close-on-exec */
    char *path; /* for messages */
    char *text; /* what the file says */
};

#define KERNEL_LOCK_INIT \
    {                    \
        -1, NULL, NULL   \
    }

/* Takes it without waiting, making the file (durably) if there is none. STORE_CONFLICT if somebody
 * holds it. On anything but STORE_OK *lock needs no drop. */
enum store_status kernel_lock_take(struct store *store, const char *name, struct kernel_lock *lock,
                                   struct error *err);
/* Replaces the file's text and waits for the disk. */
enum store_status kernel_lock_write(struct kernel_lock *lock, const char *text, struct error *err);
/* Drops it, unless a child still has the descriptor. Harmless on KERNEL_LOCK_INIT. */
void kernel_lock_drop(struct kernel_lock *lock);

/* Whether somebody holds it, and the text (appended; nothing if there is no such file). Takes
 * nothing, so no taker is ever disturbed. */
enum store_status kernel_lock_look(struct store *store, const char *name, bool *held,
                                   struct buf *text, struct error *err);

#endif
