#include "common/diag.h"

#include "common/xalloc.h"

#include <stdlib.h>

jv diag_make(enum severity severity, const char *code, const char *path, const char *message)
{
    jv diag = jv_object();
    json_set_string(&diag, "code", code);
    json_set_string(&diag, "severity", severity == SEVERITY_ERROR ? "error" : "warning");
    json_set_string(&diag, "path", path); /* jv_string repairs what is not UTF-8 */
    json_set_string(&diag, "message", message);
    return diag;
}

void diags_init(struct diags *diags)
{
    diags->list = jv_array();
    diags->errors = 0;
}

void diags_free(struct diags *diags)
{
    jv_free(diags->list);
    diags->list = jv_null();
}

static void add(struct diags *diags, enum severity severity, const char *code, const char *path,
                const char *format, va_list ap) __attribute__((format(printf, 5, 0)));
static void add(struct diags *diags, enum severity severity, const char *code, const char *path,
                const char *format, va_list ap)
{
    char *message = xvasprintf(format, ap);
    diags->list = jv_array_append(diags->list, diag_make(severity, code, path, message));
    diags->errors += severity == SEVERITY_ERROR;
    free(message);
}

void diags_error(struct diags *diags, const char *code, const char *path, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    add(diags, SEVERITY_ERROR, code, path, format, ap);
    va_end(ap);
}

void diags_warning(struct diags *diags, const char *code, const char *path, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    add(diags, SEVERITY_WARNING, code, path, format, ap);
    va_end(ap);
}
