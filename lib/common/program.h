/*
 * program.h - what every main() starts with, and its options.
 *
 * Calling sequence:
 *
 *     static const char usage[] = "usage: cluster-diff [--preview] < document\n…";
 *     int main(int argc, char **argv)
 *     {
 *         bool preview = false;
 *         const struct option_spec options[] = {
 *             {"preview", .flag = &preview}, {"as", .value = &actor}, {0}};
 *         int at = program_start("cluster-diff", usage, options, argc, argv);
 *         … operands are argv[at] .. argv[argc - 1] …
 *
 * program_start() serves --help and --version and ends the program with 64 on a wrong option, for
 * these have nothing to clean up.
 */
#ifndef CLUSTER_PROGRAM_H
#define CLUSTER_PROGRAM_H

#include <stdbool.h>

enum exit_status {
    EXIT_DONE = 0,
    EXIT_ERROR = 1,        /* an error diagnostic */
    EXIT_CHANGES = 2,      /* plan --detailed-exitcode: changes are pending */
    EXIT_USAGE_ERROR = 64, /* EX_USAGE */
    EXIT_LOCK_HELD = 75,   /* EX_TEMPFAIL: try again later */
};

/* An option without an argument sets *flag, one with an argument sets *value (the last one wins).
 * Names are long names without the dashes; the list ends with a NULL name. */
struct option_spec {
    const char *name;
    bool *flag;
    const char **value;
};

/*
 * Names the program for messages, arranges that running out of memory (also in libjq) ends it with
 * a message, ignores SIGPIPE (a closed pipe is then a write error like any other), makes sure that
 * descriptors 0 to 2 are open, parses the options. Options and operands may stand in any order;
 * after "--" all are operands. Operands are moved behind the options in argv; returns the index of
 * the first. `usage` is the whole --help text; its first line, "usage: …", is what a usage error
 * shows.
 */
int program_start(const char *name, const char *usage, const struct option_spec *options, int argc,
                  char **argv);

/* Prints "name: message" and the usage line to stderr; returns 64. */
int program_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints "name: message" to stderr; returns 1. */
int program_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "name: message" to stderr. */
void program_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *program_name(void);

/* Whole seconds 0 to 10^9 of an option's argument; false if text is no such number. */
bool program_parse_seconds(const char *text, long *seconds);

#endif
