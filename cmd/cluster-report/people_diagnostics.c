/*
 * The part of a report that lists diagnostics: errors first, as they matter most.
 */
#include "people.h"

static void put_diagnostic(const struct text *text, const jv *diagnostic, bool error)
{
    const char *path = json_peek_string(diagnostic, "path");
    text_styled(text, error ? STYLE_RED : STYLE_YELLOW, error ? "Error" : "Warning");
    text_printf(text, " ");
    text_styled(text, STYLE_BOLD, json_peek_string(diagnostic, "code"));
    if (path && *path) {
        text_printf(text, " at ");
        text_safe(text, path);
    }
    text_printf(text, "\n");
    text_lines(text, json_peek_string(diagnostic, "message"), 2);
    text_printf(text, "\n");
}

void people_diagnostics(const struct text *text, const jv *report)
{
    jv diagnostics = json_get(report, "diagnostics");
    int n = jv_array_length(jv_copy(diagnostics));
    for (int errors = 1; errors >= 0; errors--)
        for (int i = 0; i < n; i++) {
            jv diagnostic = jv_array_get(jv_copy(diagnostics), i);
            bool error = json_string_is(&diagnostic, "severity", "error");
            if (error == (errors == 1))
                put_diagnostic(text, &diagnostic, error);
            jv_free(diagnostic);
        }
    jv_free(diagnostics);
}
