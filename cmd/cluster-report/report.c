#include "report.h"

#include "common/program.h"
#include "needs.h"
#include "people.h"
#include "public.h"
#include "warnings.h"

void report_write(struct doc *doc, enum report_command command, enum report_form form,
                  struct buf *out)
{
    needs_check(doc, command);
    warnings_add(doc, command);
    struct view view;
    view_open(&view, doc);
    jv report = public_report(&view, command);
    if (form == REPORT_JSON) {
        json_write_canonical(&report, out);
        buf_putc(out, '\n');
    } else {
        struct text text = {out, form == REPORT_COLOURED_TEXT};
        people_report(&text, &view, command, &report);
    }
    jv_free(report);
    view_close(&view);
}

int report_exit_status(const struct doc *doc, bool detailed)
{
    int status = doc_exit_status(doc);
    if (status != EXIT_DONE || !detailed)
        return status;
    jv changes = doc_peek(doc, "changes");
    bool pending = jv_is_valid(changes) && jv_array_length(jv_copy(changes)) > 0;
    jv_free(changes);
    return pending ? EXIT_CHANGES : EXIT_DONE;
}
