/*
 * error.h - why a function failed.
 *
 * A function that can fail takes a `struct error *`, last. On success it leaves it alone; on
 * failure it sets it once. The message is one sentence for a person: what happened, to what, what
 * to do next; no final newline. `code` is a diagnostic code (a string that lives for ever), or NULL
 * where the module does not know what its caller was doing. Free with error_clear().
 */
#ifndef CLUSTER_ERROR_H
#define CLUSTER_ERROR_H

#include <stdbool.h>

struct error {
    const char *code;
    char *message;
};

#define ERROR_INIT \
    {              \
        NULL, NULL \
    }

/* Always returns false, so that a bool function can `return error_set(...)`. err may be NULL. */
bool error_set(struct error *err, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts "text: " before the message that is there. Returns false. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The message, or "" when none was set. */
const char *error_text(const struct error *err);
void error_clear(struct error *err);

#endif
