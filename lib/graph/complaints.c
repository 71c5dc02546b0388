#include "graph/complaints.h"

#include "common/buf.h"
#include "common/xalloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One line, whatever the data held. */
static char *harmless(const char *text)
{
    char *copy = xstrdup(text);
    for (char *at = copy; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = ' ';
    return copy;
}

void complaints_add(struct complaints *complaints, uint64_t line, const char *text)
{
    complaints->total++;
    size_t n = complaints->shown_count;
    struct complaint *shown = complaints->shown;
    if (n == COMPLAINTS_SHOWN) {
        if (line >= shown[n - 1].line)
            return;
        free(shown[--n].text);
    }
    size_t at = n;
    while (at > 0 && shown[at - 1].line > line) {
        shown[at] = shown[at - 1];
        at--;
    }
    shown[at] = (struct complaint){line, harmless(text)};
    complaints->shown_count = n + 1;
}

void complaints_write(const struct complaints *complaints, FILE *out)
{
    for (size_t i = 0; i < complaints->shown_count; i++) {
        const struct complaint *c = &complaints->shown[i];
        if (c->line)
            fprintf(out, "line %" PRIu64 ": %s\n", c->line, c->text);
        else
            fprintf(out, "in the graph already: %s\n", c->text);
    }
    if (complaints->total > complaints->shown_count)
        fprintf(out, "and %" PRIu64 " more\n", complaints->total - complaints->shown_count);
}

void complaints_free(struct complaints *complaints)
{
    for (size_t i = 0; i < complaints->shown_count; i++)
        free(complaints->shown[i].text);
    *complaints = (struct complaints){0};
}
