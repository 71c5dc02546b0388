#include "people.h"

#include <stdlib.h>
#include <string.h>

/* A word as a shell takes it. */
static void put_shell_word(const struct text *text, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    if (word[strspn(word, plain)] == '\0') {
        text_safe(text, word);
        return;
    }
    struct buf quoted = BUF_INIT;
    for (const char *c = word; *c; c++) {
        if (*c == '\'')
            buf_puts(&quoted, "'\\''");
        else
            buf_putc(&quoted, *c);
    }
    text_printf(text, "'");
    text_safe(text, buf_text(&quoted));
    text_printf(text, "'");
    buf_free(&quoted);
}

void people_command(const struct text *text, const struct view *view, const char *words)
{
    const char *dir = view_config(view, "dir");
    text_printf(text, "cluster ");
    if (*dir && strcmp(dir, ".") != 0) {
        text_printf(text, "--config ");
        put_shell_word(text, dir);
        text_printf(text, " ");
    }
    text_printf(text, "%s", words);
}

/* Which cluster, where it is stored, and how its ledger and lock stand. */
static void put_header(const struct text *text, const struct view *view, const jv *report)
{
    const char *name = json_peek_string(&view->config, "name");
    text_styled(text, STYLE_BOLD, name ? name : "cluster");
    text_printf(text, "  ");
    text_safe(text, view_config(view, "file"));
    text_printf(text, "\n");
    jv seen = json_get(report, "state_observations");
    if (jv_is_valid(view->store) && jv_is_valid(view->ledger) && jv_is_valid(seen)) {
        text_safe(text, json_peek_string(&seen, "state_path"));
        if (jv_is_valid(view->on_disk)) {
            text_printf(text, "  revision %lld, ",
                        (long long)json_peek_int(&seen, "state_revision", 0));
            text_count(text, (size_t)json_peek_int(&seen, "resource_count", 0), "resource");
        } else {
            bool there = json_peek_bool(&seen, "state_found", false) ||
                         doc_has_diag(view->doc, "state_read_error");
            text_printf(text, there ? "  not readable" : "  no ledger yet");
        }
        text_printf(text, "\n");
    }
    jv_free(seen);
    text_printf(text, "\n");
}

static void put_lock(const struct text *text, const struct view *view)
{
    jv held = view_held_lock(view);
    const char *id = json_peek_string(&held, "lock_id");
    const char *operation = json_peek_string(&held, "operation");
    if (jv_is_valid(held)) {
        text_styled(text, STYLE_YELLOW, "Locked");
        text_printf(text, " by ");
        text_safe(text, operation ? operation : "somebody");
        if (json_has(&held, "pid"))
            text_printf(text, ", process %lld", (long long)json_peek_int(&held, "pid", 0));
        if (json_has(&held, "age_seconds"))
            text_printf(text, ", for %lld s", (long long)json_peek_int(&held, "age_seconds", 0));
        if (json_has(&held, "heartbeat_age_seconds"))
            text_printf(text, ", last heartbeat %lld s ago",
                        (long long)json_peek_int(&held, "heartbeat_age_seconds", 0));
        if (json_peek_bool(&held, "stale", false))
            text_printf(text, "; its holder is dead and the next command takes it over");
        text_printf(text, "\n");
        if (id && !json_peek_bool(&held, "stale", false)) {
            text_printf(text, "  to break it, once you are sure that nobody runs: ");
            people_command(text, view, "force-unlock ");
            put_shell_word(text, id);
            text_printf(text, "\n");
        }
        text_printf(text, "\n");
    }
    jv_free(held);
}

static size_t count(const jv *report, const char *list, const char *key, const char *word)
{
    size_t n = 0;
    jv elements = json_get(report, list);
    for (int i = 0, all = jv_is_valid(elements) ? jv_array_length(jv_copy(elements)) : 0; i < all;
         i++) {
        jv element = jv_array_get(jv_copy(elements), i);
        n += json_string_is(&element, key, word);
        jv_free(element);
    }
    jv_free(elements);
    return n;
}

/* The last line of a run that found errors; false if it found none. */
static bool put_failure(const struct text *text, const char *what, const jv *report)
{
    if (json_peek_bool(report, "ok", false))
        return false;
    text_styled(text, STYLE_RED, what);
    text_printf(text, ": ");
    text_count(text, count(report, "diagnostics", "severity", "error"), "error");
    text_printf(text, ".\n");
    return true;
}

static void report_validate(const struct text *text, const struct view *view, const jv *report)
{
    static const char *const kinds[] = {"graph", "schema", "query", "policy"};
    put_header(text, view, report);
    people_diagnostics(text, report);
    if (put_failure(text, "The configuration is not valid", report))
        return;
    text_styled(text, STYLE_GREEN, "The configuration is valid");
    text_printf(text, ": ");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        text_printf(text, i ? ", " : "");
        text_count(text, count(report, "resources", "kind", kinds[i]), kinds[i]);
    }
    text_printf(text, ".\n");
}

static void put_plan_summary(const struct text *text, const jv *report)
{
    size_t create = count(report, "changes", "operation", "create");
    size_t update = count(report, "changes", "operation", "update");
    size_t remove = count(report, "changes", "operation", "delete");
    size_t back = count(report, "changes", "disposition", "blocked") +
                  count(report, "changes", "disposition", "deferred");
    if (create + update + remove == 0) {
        jv seen = json_get(report, "state_observations");
        text_styled(text, STYLE_GREEN, "No changes.");
        text_printf(text, json_peek_bool(&seen, "state_found", false)
                              ? " The ledger says what the configuration says.\n"
                              : "\n");
        jv_free(seen);
        return;
    }
    text_styled(text, STYLE_BOLD, "Plan:");
    text_printf(text, " %zu to create, %zu to update, %zu to delete", create, update, remove);
    if (back)
        text_printf(text, "; %zu of them held back", back);
    text_printf(text, ".\n");
}

static void report_plan(const struct text *text, const struct view *view, const jv *report)
{
    put_header(text, view, report);
    people_changes(text, report, false);
    people_blast_radius(text, report);
    people_approvals(text, view, report);
    people_reasons(text, report);
    people_diagnostics(text, report);
    if (put_failure(text, "The plan is not complete", report))
        return;
    put_plan_summary(text, report);
    if (!jv_is_valid(view->on_disk)) {
        text_printf(text, "There is no ledger yet; before the first apply make it: ");
        people_command(text, view, "import");
        text_printf(text, "\n");
    }
}

static void put_held_back(const struct text *text, long long n)
{
    if (n > 0)
        text_printf(text, ", %lld held back", n);
}

static void report_apply(const struct text *text, const struct view *view, const jv *report)
{
    long long applied = json_peek_int(report, "applied_count", 0);
    long long held_back = json_peek_int(report, "deferred_count", 0);
    put_header(text, view, report);
    /* Dispositions are final only if cluster-exec said so: before it, nothing was applied. */
    if (jv_is_valid(view->outcome)) {
        people_changes(text, report, true);
        people_reasons(text, report);
    }
    people_diagnostics(text, report);
    if (!json_peek_bool(report, "ok", false)) {
        text_styled(text, STYLE_RED, "Apply failed:");
        text_printf(text, " %lld applied", applied);
        put_held_back(text, held_back);
        text_printf(text, ".\n");
    } else if (json_peek_bool(report, "converged", false)) {
        text_styled(text, STYLE_GREEN, "Apply complete:");
        if (applied == 0 && held_back == 0)
            text_printf(text, " nothing to do");
        else
            text_printf(text, " %lld applied", applied);
        text_printf(text, ". The cluster is what the configuration says.\n");
    } else {
        text_styled(text, STYLE_YELLOW, "Apply has not converged:");
        text_printf(text, " %lld applied", applied);
        put_held_back(text, held_back);
        text_printf(text, ". To see what remains: ");
        people_command(text, view, "plan");
        text_printf(text, "\n");
    }
}

static void report_approve(const struct text *text, const struct view *view, const jv *report)
{
    put_header(text, view, report);
    people_diagnostics(text, report);
    if (put_failure(text, "Nothing was approved", report) || !json_has(report, "approval_id"))
        return;
    text_styled(text, STYLE_GREEN, "Approved:");
    text_printf(text, " ");
    text_safe(text, json_peek_string(report, "operation"));
    text_printf(text, " of ");
    text_safe(text, json_peek_string(report, "resource"));
    text_printf(text, ", by ");
    text_safe(text, json_peek_string(report, "approved_by"));
    text_printf(text, " (");
    text_safe(text, json_peek_string(report, "approval_id"));
    text_printf(text, "). It holds for exactly this change; the next apply uses it.\n");
}

/* Every address of the table -> its status, "recorded" for one without. */
static jv words_of(const jv *report)
{
    jv all = json_get(report, "resource_digests");
    jv statuses = json_get(report, "resource_statuses");
    all = jv_object_merge(all, jv_copy(statuses));
    jv words = jv_object();
    for (int i = jv_object_iter(all); jv_object_iter_valid(all, i);
         i = jv_object_iter_next(all, i)) {
        jv key = jv_object_iter_key(all, i);
        jv status = json_get(&statuses, jv_string_value(key));
        const char *word = json_peek_string(&status, "status");
        words = jv_object_set(words, key, jv_string(word ? word : "recorded"));
        jv_free(status);
    }
    jv_free(statuses);
    jv_free(all);
    return words;
}

/* "12 resources: 11 applied, 1 drifted." */
static void put_status_summary(const struct text *text, const jv *report)
{
    static const char *const words[] = {"applied", "drifted", "blocked",  "error",
                                        "pending", "planned", "applying", "recorded"};
    jv all = words_of(report);
    text_count(text, (size_t)jv_object_length(jv_copy(all)), "resource");
    for (size_t w = 0, shown = 0; w < sizeof words / sizeof *words; w++) {
        size_t n = 0;
        for (int i = jv_object_iter(all); jv_object_iter_valid(all, i);
             i = jv_object_iter_next(all, i)) {
            jv word = jv_object_iter_value(all, i);
            n += strcmp(jv_string_value(word), words[w]) == 0;
            jv_free(word);
        }
        if (n)
            text_printf(text, "%s%zu %s", shown++ ? ", " : ": ", n, words[w]);
    }
    text_printf(text, ".\n");
    jv_free(all);
}

static void report_status(const struct text *text, const struct view *view, const jv *report)
{
    put_header(text, view, report);
    people_table(text, report);
    put_lock(text, view);
    people_diagnostics(text, report);
    if (!put_failure(text, "The status is not complete", report))
        put_status_summary(text, report);
}

static void report_sync(const struct text *text, const struct view *view, const jv *report,
                        bool import)
{
    bool written = json_peek_bool(&view->outcome, "state_written", false);
    put_header(text, view, report);
    people_table(text, report);
    people_diagnostics(text, report);
    if (put_failure(text, import ? "Import failed" : "Refresh found errors", report))
        return;
    text_styled(text, STYLE_GREEN,
                import ? (written ? "Imported: " : "Nothing to import: ")
                       : (written ? "Refreshed: " : "Nothing new: "));
    put_status_summary(text, report);
}

static void report_force_unlock(const struct text *text, const struct view *view, const jv *report)
{
    put_header(text, view, report);
    put_lock(text, view);
    people_diagnostics(text, report);
    if (json_peek_bool(report, "lock_removed", false)) {
        text_styled(text, STYLE_GREEN, "The lock is removed.");
        text_printf(text, "\n");
    } else if (!put_failure(text, "No lock was removed", report)) {
        text_printf(text, "No lock was removed.\n");
    }
}

void people_report(const struct text *text, const struct view *view, enum report_command command,
                   const jv *report)
{
    switch (command) {
    case REPORT_VALIDATE:
        report_validate(text, view, report);
        break;
    case REPORT_PLAN:
        report_plan(text, view, report);
        break;
    case REPORT_APPLY:
        report_apply(text, view, report);
        break;
    case REPORT_APPROVE:
        report_approve(text, view, report);
        break;
    case REPORT_STATUS:
        report_status(text, view, report);
        break;
    case REPORT_REFRESH:
    case REPORT_IMPORT:
        report_sync(text, view, report, command == REPORT_IMPORT);
        break;
    case REPORT_FORCE_UNLOCK:
        report_force_unlock(text, view, report);
        break;
    }
}
