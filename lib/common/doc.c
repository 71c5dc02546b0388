#include "common/doc.h"

#include "common/doc_shape.h"
#include "common/io.h"
#include "common/program.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void doc_init(struct doc *doc)
{
    doc->root = jv_object();
    json_set_string(&doc->root, "format", DOC_FORMAT);
    json_set(&doc->root, "diagnostics", jv_array());
}

void doc_free(struct doc *doc)
{
    jv_free(doc->root);
    doc->root = jv_null();
}

static bool check_document(const jv *root, struct error *err)
{
    if (jv_get_kind(*root) != JV_KIND_OBJECT)
        return error_set(err, NULL, "it is no JSON object");
    const char *format = json_peek_string(root, "format");
    if (!format)
        return error_set(err, NULL, "it has no \"format\"; expected \"%s\"", DOC_FORMAT);
    if (strcmp(format, DOC_FORMAT) != 0)
        return error_set(err, NULL, "its format is \"%.60s\"; this program reads \"%s\"", format,
                         DOC_FORMAT);
    return shape_check(root, &doc_shape, "", err);
}

bool doc_parse(const char *text, size_t len, struct doc *doc, struct error *err)
{
    doc->root = json_parse(text, len, err);
    if (!jv_is_valid(doc->root))
        return false;
    if (!check_document(&doc->root, err)) {
        doc_free(doc);
        return false;
    }
    return true;
}

bool doc_read(int fd, struct doc *doc)
{
    struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    bool ok = io_read_all(fd, IO_MAX_DOCUMENT, &text, &err);
    if (ok && text.len == 0)
        ok = error_set(&err, NULL, "it is empty (did the stage before this one fail?)");
    ok = ok && doc_parse(text.data, text.len, doc, &err);
    if (!ok)
        program_message("no run document on stdin: %s", error_text(&err));
    error_clear(&err);
    buf_free(&text);
    return ok;
}

bool doc_write(int fd, const struct doc *doc)
{
    struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    json_write_canonical(&doc->root, &text);
    buf_putc(&text, '\n');
    bool ok = io_write_all(fd, text.data, text.len, &err);
    if (!ok)
        program_message("cannot pass the run document on: %s", error_text(&err));
    error_clear(&err);
    buf_free(&text);
    return ok;
}

int doc_finish(struct doc *doc)
{
    int status = doc_exit_status(doc);
    if (!doc_write(STDOUT_FILENO, doc))
        status = EXIT_ERROR;
    doc_free(doc);
    return status;
}

bool doc_has(const struct doc *doc, const char *section)
{
    return json_has(&doc->root, section);
}

jv doc_peek(const struct doc *doc, const char *section)
{
    return json_get(&doc->root, section);
}

jv doc_take(struct doc *doc, const char *section)
{
    return json_take(&doc->root, section);
}

void doc_set(struct doc *doc, const char *section, jv value)
{
    json_set(&doc->root, section, value);
}

bool doc_need(struct doc *doc, const char *section)
{
    if (doc_has(doc, section))
        return true;
    doc_error(doc, "stage_input_missing", section,
              "%s needs the section \"%s\", which %s fills; run that stage first", program_name(),
              section, doc_section_owner(section));
    doc_halt(doc);
    return false;
}

static void add(struct doc *doc, enum severity severity, const char *code, const char *path,
                const char *format, va_list ap) __attribute__((format(printf, 5, 0)));
static void add(struct doc *doc, enum severity severity, const char *code, const char *path,
                const char *format, va_list ap)
{
    char *message = xvasprintf(format, ap);
    json_append(&doc->root, "diagnostics", diag_make(severity, code, path, message));
    free(message);
}

void doc_error(struct doc *doc, const char *code, const char *path, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    add(doc, SEVERITY_ERROR, code, path, format, ap);
    va_end(ap);
}

void doc_warning(struct doc *doc, const char *code, const char *path, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    add(doc, SEVERITY_WARNING, code, path, format, ap);
    va_end(ap);
}

void doc_add_diags(struct doc *doc, struct diags *diags)
{
    jv list = doc_take(doc, "diagnostics");
    if (jv_get_kind(list) != JV_KIND_ARRAY) {
        jv_free(list);
        list = jv_array();
    }
    doc_set(doc, "diagnostics", jv_array_concat(list, diags->list));
    diags_init(diags);
}

/* True if a diagnostic has severity (when not NULL) and code (when not NULL). */
static bool any_diag(const struct doc *doc, const char *severity, const char *code)
{
    jv list = doc_peek(doc, "diagnostics");
    bool any = false;
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    for (int i = 0; !any && i < n; i++) {
        jv diag = jv_array_get(jv_copy(list), i);
        any = (!severity || json_string_is(&diag, "severity", severity)) &&
              (!code || json_string_is(&diag, "code", code));
        jv_free(diag);
    }
    jv_free(list);
    return any;
}

bool doc_has_errors(const struct doc *doc)
{
    return any_diag(doc, "error", NULL);
}

bool doc_has_diag(const struct doc *doc, const char *code)
{
    return any_diag(doc, NULL, code);
}

int doc_exit_status(const struct doc *doc)
{
    if (any_diag(doc, "error", "state_lock_held"))
        return EXIT_LOCK_HELD;
    if (any_diag(doc, "error", "actor_required"))
        return EXIT_USAGE_ERROR;
    return doc_has_errors(doc) ? EXIT_ERROR : EXIT_DONE;
}

void doc_halt(struct doc *doc)
{
    json_set_bool(&doc->root, "halt", true);
}

bool doc_halted(const struct doc *doc)
{
    return json_peek_bool(&doc->root, "halt", false);
}
