#include "common/error.h"

#include "common/xalloc.h"

#include <stdarg.h>
#include <stdlib.h>

bool error_set(struct error *err, const char *code, const char *format, ...)
{
    if (!err)
        return false;
    va_list ap;
    va_start(ap, format);
    char *message = xvasprintf(format, ap);
    va_end(ap);
    free(err->message);
    err->code = code;
    err->message = message;
    return false;
}

bool error_prefix(struct error *err, const char *format, ...)
{
    if (!err)
        return false;
    va_list ap;
    va_start(ap, format);
    char *prefix = xvasprintf(format, ap);
    va_end(ap);
    char *message = xasprintf("%s: %s", prefix, error_text(err));
    free(prefix);
    free(err->message);
    err->message = message;
    return false;
}

const char *error_text(const struct error *err)
{
    return err->message ? err->message : "";
}

void error_clear(struct error *err)
{
    free(err->message);
    *err = (struct error)ERROR_INIT;
}
