#include "graph/lines.h"

#include "common/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 1024 * 1024 };

void lines_init(struct lines *lines, int fd)
{
    *lines = (struct lines){.fd = fd, .cap = 2 * CHUNK};
    lines->data = xmalloc(lines->cap + 1); /* and a NUL */
}

void lines_free(struct lines *lines)
{
    free(lines->data);
    lines->data = NULL;
}

/* Reads one more chunk behind what is there. */
static bool fill(struct lines *lines, struct error *err)
{
    if (lines->start > 0) {
        memmove(lines->data, lines->data + lines->start, lines->end - lines->start);
        lines->end -= lines->start;
        lines->scanned -= lines->start;
        lines->start = 0;
    }
    if (lines->cap - lines->end < CHUNK) {
        lines->cap *= 2;
        lines->data = xreallocarray(lines->data, lines->cap + 1, 1);
    }
    ssize_t n;
    do {
        n = read(lines->fd, lines->data + lines->end, CHUNK);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return error_set(err, NULL, "cannot read the data: %s", strerror(errno));
    lines->finished = n == 0;
    lines->end += (size_t)n;
    lines->data[lines->end] = '\0';
    return true;
}

/* Where the current line ends (at its newline, or at the end of the data); NULL: not read yet. */
static char *line_end(struct lines *lines)
{
    char *newline = memchr(lines->data + lines->scanned, '\n', lines->end - lines->scanned);
    if (newline)
        return newline;
    lines->scanned = lines->end;
    return lines->finished ? lines->data + lines->end : NULL;
}

enum lines_status lines_next(struct lines *lines, const char **text, size_t *len, struct error *err)
{
    bool too_long = false;
    char *end;
    while (!(end = line_end(lines))) {
        if (lines->end - lines->start > LINES_MAX) { /* forget what came: memory is bounded */
            too_long = true;
            lines->start = lines->scanned = lines->end;
        }
        if (!fill(lines, err))
            return LINES_ERROR;
    }
    if (end == lines->data + lines->end && lines->start == lines->end && !too_long)
        return LINES_END;
    *text = lines->data + lines->start;
    *len = (size_t)(end - *text);
    too_long = too_long || *len > LINES_MAX;
    lines->start = (size_t)(end - lines->data) + (end < lines->data + lines->end);
    lines->scanned = lines->start;
    lines->number++;
    return too_long ? LINES_TOO_LONG : LINES_LINE;
}
