#include "findings.h"

#include "common/xalloc.h"

#include <stdlib.h>

void findings_init(struct findings *findings)
{
    diags_init(&findings->cluster);
    findings->graphs = jv_object();
}

void findings_free(struct findings *findings)
{
    diags_free(&findings->cluster);
    jv_free(findings->graphs);
}

void findings_add(struct findings *findings, const char *graph, const char *code, const char *path,
                  const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    char *message = xvasprintf(format, ap);
    va_end(ap);
    json_append(&findings->graphs, graph, diag_make(SEVERITY_ERROR, code, path, message));
    free(message);
}

bool findings_has(const struct findings *findings, const char *graph)
{
    return json_has(&findings->graphs, graph);
}
