#include "common/progress.h"

#include "common/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool progress_wanted(bool asked)
{
    return asked || isatty(STDERR_FILENO);
}

void progress_say(bool wanted, const char *format, ...)
{
    if (!wanted)
        return;
    va_list ap;
    va_start(ap, format);
    char *line = xvasprintf(format, ap);
    va_end(ap);
    fprintf(stderr, "%s\n", line); /* of no consequence if it fails */
    free(line);
}
