/*
 * interrupt.h - SIGINT, SIGTERM and SIGHUP while something is being changed.
 *
 * From interrupt_defer() on they are held back, in this process and in the drivers it starts, so
 * that the step under way is finished. Before each further step interrupt_pending() is asked; if
 * one has come, no further operation is begun, what did happen is recorded, and the run ends with
 * the error `interrupted`. No handler runs at any time.
 */
#ifndef CLUSTER_EXEC_INTERRUPT_H
#define CLUSTER_EXEC_INTERRUPT_H

void interrupt_defer(void);
/* The number of a signal that has come since, 0 if none has. */
int interrupt_pending(void);

#endif
