/*
 * measure.c - runs a command several times and says what it cost.
 *
 *     measure [-n RUNS] [-b COMMAND] [-i FILE] -- COMMAND [ARG]...
 *
 * Prints one line: median and smallest wall time, median processor time of all its processes, all
 * in microseconds, and the largest resident set that any one of its processes had, in KiB
 * (wait4(2) counts descendants that were waited for, so a shell's pipeline is measured whole).
 *
 * -n RUNS (5), -b a shell command run before each run, not timed, -i the command's standard input.
 * What the command prints is dropped; if it fails, so does measure.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_RUNS = 1000 };

struct cost {
    int64_t wall, processor, resident;
};

static int64_t now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* this clock is always there */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t microseconds(const struct timeval *t)
{
    return (int64_t)t->tv_sec * 1000000 + t->tv_usec;
}

/* In the child: becomes the command. */
static void become(const char *input, char **command)
{
    int in = open(input, O_RDONLY), out = open("/dev/null", O_WRONLY);
    if (in < 0 || out < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0) {
        fprintf(stderr, "measure: cannot open %s: %s\n", input, strerror(errno));
        _exit(1);
    }
    (void)close(in); /* both were duplicated */
    (void)close(out);
    execvp(command[0], command);
    fprintf(stderr, "measure: cannot run %s: %s\n", command[0], strerror(errno));
    _exit(1);
}

static int run_once(const char *input, char **command, struct cost *cost)
{
    int64_t begin = now();
    pid_t child = fork();
    if (child == 0)
        become(input, command);
    int status;
    struct rusage usage;
    while (child > 0 && wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
            child = -1;
    if (child < 0) {
        fprintf(stderr, "measure: cannot run %s: %s\n", command[0], strerror(errno));
        return 1;
    }
    cost->wall = now() - begin;
    cost->processor = microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime);
    cost->resident = usage.ru_maxrss;
    if (status == 0)
        return 0;
    fprintf(stderr, "measure: %s failed (wait status %d)\n", command[0], status);
    return 1;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* n values are sorted; the median is the middle one, of an even number the lower. */
static int64_t median(int64_t *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    return values[(n - 1) / 2];
}

static int measure(int runs, char *before, const char *input, char **command)
{
    static int64_t wall[MOST_RUNS], processor[MOST_RUNS];
    int64_t resident = 0;
    char shell[] = "/bin/sh", flag[] = "-c";
    char *prepare[] = {shell, flag, before, NULL};
    for (int i = 0; i < runs; i++) {
        struct cost cost;
        if (before && run_once("/dev/null", prepare, &cost) != 0)
            return 1;
        if (run_once(input, command, &cost) != 0)
            return 1;
        wall[i] = cost.wall;
        processor[i] = cost.processor;
        if (cost.resident > resident)
            resident = cost.resident;
    }
    int64_t middle = median(wall, runs);
    printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", middle, wall[0],
           median(processor, runs), resident);
    return 0;
}

int main(int argc, char **argv)
{
    int runs = 5, option;
    char *before = NULL;
    const char *input = "/dev/null";
    while ((option = getopt(argc, argv, "+n:b:i:")) != -1) {
        char *end = NULL;
        switch (option) {
        case 'n':
            runs = (int)strtol(optarg, &end, 10);
            if (*end || runs < 1 || runs > MOST_RUNS) {
                fprintf(stderr, "measure: -n takes 1 to %d\n", MOST_RUNS);
                return 64;
            }
            break;
        case 'b':
            before = optarg;
            break;
        case 'i':
            input = optarg;
            break;
        default:
            fprintf(stderr, "usage: measure [-n RUNS] [-b COMMAND] [-i FILE] -- COMMAND...\n");
            return 64;
        }
    }
    if (optind == argc) {
        fprintf(stderr, "usage: measure [-n RUNS] [-b COMMAND] [-i FILE] -- COMMAND...\n");
        return 64;
    }
    return measure(runs, before, input, argv + optind);
}
