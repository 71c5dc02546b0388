#include "lock_stage.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
enum { ENDING = sizeof ending / sizeof *ending };

static bool is_ignored(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

bool signals_catch(struct signals *signals, struct error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (int i = 0; i < ENDING; i++)
        if (!is_ignored(ending[i])) /* nohup */
            sigaddset(&set, ending[i]);
    sigprocmask(SIG_BLOCK, &set, &signals->before);
    signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals->fd >= 0)
        return true;
    error_set(err, NULL, "cannot watch signals: %s", strerror(errno));
    sigprocmask(SIG_SETMASK, &signals->before, NULL);
    return false;
}

void signals_uncatch(struct signals *signals)
{
    (void)close(signals->fd);
    signals->fd = -1;
    sigprocmask(SIG_SETMASK, &signals->before, NULL);
}

int signals_next(const struct signals *signals)
{
    struct signalfd_siginfo info;
    return read(signals->fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

int signals_sleep(const struct signals *signals, int ms)
{
    struct pollfd fd = {signals->fd, POLLIN, 0};
    if (poll(&fd, 1, ms) <= 0)
        return 0;
    int number = signals_next(signals);
    return number == SIGCHLD ? 0 : number;
}

void signals_die(struct signals *signals, int number)
{
    signals_uncatch(signals);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}
