#include "common/program.h"

#include "common/suggest.h"
#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <jv.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The one thing that is global: which program speaks. Set once, before anything else runs. */
static const char *own_name = "cluster";
static const char *own_usage = "";

const char *program_name(void)
{
    return own_name;
}

static void out_of_memory(void *unused)
{
    (void)unused;
    die_out_of_memory();
}

/* A program started with a closed descriptor must not have its first open() taken for stdin. What
 * is written to a stdout that was closed is lost: that stays an error (EBADF). */
static void open_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY); /* takes the lowest: fd */
}

static void say(const char *format, va_list ap) __attribute__((format(printf, 1, 0)));
static void say(const char *format, va_list ap)
{
    char *message = xvasprintf(format, ap);
    fprintf(stderr, "%s: %s\n", own_name, message);
    free(message);
}

void program_message(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    say(format, ap);
    va_end(ap);
}

int program_fail(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    say(format, ap);
    va_end(ap);
    return EXIT_ERROR;
}

int program_usage_error(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    say(format, ap);
    va_end(ap);
    fprintf(stderr, "%.*s\ntry '%s --help'\n", (int)strcspn(own_usage, "\n"), own_usage, own_name);
    return EXIT_USAGE_ERROR;
}

static const struct option_spec *find_option(const struct option_spec *options, const char *name,
                                             size_t len)
{
    for (; options->name; options++)
        if (strlen(options->name) == len && memcmp(options->name, name, len) == 0)
            return options;
    return NULL;
}

static _Noreturn void unknown_option(const struct option_spec *options, const char *arg, size_t len)
{
    char *name = xstrndup(arg, len);
    struct suggestion near;
    suggest_begin(&near, name);
    for (; options->name; options++)
        suggest_offer(&near, options->name);
    const char *best = suggest_best(&near);
    int status = program_usage_error("unknown option --%s%s%s", name,
                                     best ? "; did you mean --" : "", best ? best : "");
    free(name);
    exit(status);
}

static _Noreturn void print_and_exit(const char *first, const char *second)
{
    bool bad = printf("%s%s", first, second) < 0;
    bad |= fflush(stdout) != 0;
    exit(bad ? EXIT_ERROR : EXIT_DONE);
}

/* Takes one --option (and its argument); returns the index after it. */
static int take_option(const struct option_spec *options, int argc, char **argv, int at)
{
    const char *arg = argv[at] + 2;
    size_t len = strcspn(arg, "=");
    const char *inline_value = arg[len] == '=' ? arg + len + 1 : NULL;
    const struct option_spec *option = find_option(options, arg, len);
    if (!option)
        unknown_option(options, arg, len);
    if (option->flag) {
        if (inline_value)
            exit(program_usage_error("option --%s takes no argument", option->name));
        *option->flag = true;
        return at + 1;
    }
    if (!inline_value && at + 1 >= argc)
        exit(program_usage_error("option --%s needs an argument", option->name));
    *option->value = inline_value ? inline_value : argv[at + 1];
    return at + (inline_value ? 1 : 2);
}

int program_start(const char *name, const char *usage, const struct option_spec *options, int argc,
                  char **argv)
{
    own_name = name;
    own_usage = usage;
    open_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    jv_nomem_handler(out_of_memory, NULL);
    /* Operands are gathered behind the options, so that both may stand in any order. */
    char **operands = xcalloc((size_t)argc + 1, sizeof *operands);
    int at = 1, n = 0;
    while (at < argc) {
        if (argv[at][0] != '-' || !argv[at][1]) {
            operands[n++] = argv[at++];
        } else if (strcmp(argv[at], "--") == 0) {
            for (at++; at < argc; at++)
                operands[n++] = argv[at];
        } else if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
            print_and_exit(usage, "");
        } else if (strcmp(argv[at], "--version") == 0) {
            print_and_exit(name, " " CLUSTER_VERSION "\n");
        } else if (argv[at][1] != '-') {
            exit(program_usage_error("unknown option %s", argv[at]));
        } else {
            at = take_option(options, argc, argv, at);
        }
    }
    memcpy(argv + argc - n, operands, (size_t)n * sizeof *operands);
    free(operands);
    return argc - n;
}

bool program_parse_seconds(const char *text, long *seconds)
{
    size_t len = strlen(text);
    if (len == 0 || len > 10 || strspn(text, "0123456789") != len)
        return false;
    long value = strtol(text, NULL, 10);
    if (value > 1000000000)
        return false;
    *seconds = value;
    return true;
}
