#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static const int deferred[] = {SIGINT, SIGTERM, SIGHUP};

void interrupt_defer(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof deferred / sizeof *deferred; i++)
        sigaddset(&set, deferred[i]);
    (void)sigprocmask(SIG_BLOCK, &set, NULL); /* fails only for a wrong first argument */
}

int interrupt_pending(void)
{
    sigset_t set;
    if (sigpending(&set) != 0)
        return 0;
    for (size_t i = 0; i < sizeof deferred / sizeof *deferred; i++)
        if (sigismember(&set, deferred[i]) == 1)
            return deferred[i];
    return 0;
}
