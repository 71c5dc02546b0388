/*
 * memory.c - a preloaded library that lets one program run out of memory.
 *
 *     FAULT_STAGE=NAME   the program that it is about, by the name it was started under
 *     FAULT_AT=N         its N-th allocation fails (0: none)
 *     FAULT_STAYS=1      and every one after it
 *     FAULT_COUNT=FILE   gets the number of its allocations when it ends
 *
 * What the dynamic loader allocates before the program's libraries are set up is not counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own, under the names that it keeps for whoever replaces the public ones. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *ptr, size_t size);

static struct {
    bool on, stays;
    unsigned long at, count;
} plan;

__attribute__((constructor)) static void read_plan(void)
{
    const char *stage = getenv("FAULT_STAGE"), *at = getenv("FAULT_AT");
    plan.at = at ? strtoul(at, NULL, 10) : 0;
    plan.stays = getenv("FAULT_STAYS") != NULL;
    plan.on = stage && strcmp(stage, program_invocation_short_name) == 0;
}

__attribute__((destructor)) static void tell_count(void)
{
    const char *file = getenv("FAULT_COUNT");
    if (!plan.on || !file)
        return;
    plan.on = false;
    char text[32];
    int len = snprintf(text, sizeof text, "%lu\n", plan.count);
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return;
    ssize_t ignored = write(fd, text, (size_t)len);
    (void)ignored; /* the reader finds the number missing */
    close(fd);
}

static bool strikes(void)
{
    if (!plan.on)
        return false;
    unsigned long now = __atomic_add_fetch(&plan.count, 1, __ATOMIC_SEQ_CST);
    bool struck = plan.at != 0 && (plan.stays ? now >= plan.at : now == plan.at);
    if (struck)
        errno = ENOMEM;
    return struck;
}

void *malloc(size_t size)
{
    return strikes() ? NULL : __libc_malloc(size);
}

void *calloc(size_t nmemb, size_t size)
{
    return strikes() ? NULL : __libc_calloc(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
    return strikes() ? NULL : __libc_realloc(ptr, size);
}

void *reallocarray(void *ptr, size_t nmemb, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(nmemb, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    return strikes() ? NULL : __libc_realloc(ptr, total);
}
