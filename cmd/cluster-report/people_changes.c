/*
 * The part of a report that lists changes, what they affect and what holds them back.
 */
#include "people.h"

#include "steps.h"

#include <string.h>

enum { SHORT_DIGEST = 8, WIDEST_COLUMN = 60 };

static jv list_of(const jv *report, const char *key)
{
    jv list = json_get(report, key);
    return jv_is_valid(list) ? list : jv_array();
}

/* The width of a column that holds every element's `key`, within reason. */
static size_t column_width(const jv *list, const char *key)
{
    size_t width = 0;
    for (int i = 0, n = jv_array_length(jv_copy(*list)); i < n; i++) {
        jv element = jv_array_get(jv_copy(*list), i);
        const char *words = json_peek_string(&element, key);
        size_t own = words ? text_width(words) : 0;
        width = own > width ? own : width;
        jv_free(element);
    }
    return width < WIDEST_COLUMN ? width : WIDEST_COLUMN;
}

static void put_operation(const struct text *text, const jv *change)
{
    const char *operation = json_peek_string(change, "operation");
    bool create = strcmp(operation, "create") == 0, update = strcmp(operation, "update") == 0;
    text_printf(text, "  ");
    text_style(text, create ? STYLE_GREEN : update ? STYLE_YELLOW : STYLE_RED);
    text_printf(text, "%c %s", create ? '+' : update ? '~' : '-', operation);
    text_style(text, STYLE_PLAIN);
    text_printf(text, "  ");
}

/* 3f2a91c0 -> 88ab1234, or the one there is; a binding change has one digest on both sides. */
static void put_digests(const jv *change, struct buf *column)
{
    const char *before = json_peek_string(change, "before_digest");
    const char *after = json_peek_string(change, "after_digest");
    if (json_peek_bool(change, "binding_change", false))
        buf_puts(column, "[bindings]");
    else if (before && after)
        buf_printf(column, "%.*s -> %.*s", SHORT_DIGEST, before, SHORT_DIGEST, after);
    else if (before || after)
        buf_printf(column, "%.*s", SHORT_DIGEST, before ? before : after);
}

/* What becomes of the change; "" for what a plan will simply do. */
static enum style put_disposition(const jv *change, bool done, struct buf *column)
{
    const char *disposition = json_peek_string(change, "disposition");
    const char *reason = json_peek_string(change, "reason");
    if (!disposition)
        return STYLE_PLAIN;
    if (strcmp(disposition, "applied") == 0) {
        buf_puts(column, done ? "applied" : "");
        return STYLE_GREEN;
    }
    if (strcmp(disposition, "derived") == 0) {
        buf_puts(column, "derived");
        return STYLE_DIM;
    }
    buf_printf(column, "%s%s%s", disposition, reason ? ": " : "", reason ? reason : "");
    return strcmp(disposition, "blocked") == 0 ? STYLE_RED : STYLE_YELLOW;
}

/* The width of the column of digests. */
static size_t digests_width(const jv *changes)
{
    size_t width = 0;
    for (int i = 0, n = jv_array_length(jv_copy(*changes)); i < n; i++) {
        jv change = jv_array_get(jv_copy(*changes), i);
        struct buf digests = BUF_INIT;
        put_digests(&change, &digests);
        width = digests.len > width ? digests.len : width;
        buf_free(&digests);
        jv_free(change);
    }
    return width;
}

/* The widths of a listing's columns, and whether it tells what was done or what will be. */
struct listing {
    size_t resource, digests;
    bool done;
};

static void put_change(const struct text *text, const jv *change, const struct listing *listing)
{
    struct buf digests = BUF_INIT, note = BUF_INIT;
    put_digests(change, &digests);
    enum style style = put_disposition(change, listing->done, &note);
    put_operation(text, change);
    if (digests.len || note.len)
        text_pad(text, json_peek_string(change, "resource"), listing->resource);
    else
        text_safe(text, json_peek_string(change, "resource"));
    if (digests.len || note.len)
        text_printf(text, "  ");
    if (note.len) {
        text_pad(text, buf_text(&digests), listing->digests);
        text_printf(text, "  ");
        text_styled(text, style, buf_text(&note));
    } else {
        text_safe(text, buf_text(&digests));
    }
    text_printf(text, "\n");
    buf_free(&digests);
    buf_free(&note);
    jv migration = json_get(change, "migration");
    if (jv_is_valid(migration))
        steps_write(text, &migration);
    jv_free(migration);
}

void people_changes(const struct text *text, const jv *report, bool done)
{
    jv changes = list_of(report, "changes");
    struct listing listing = {column_width(&changes, "resource"), digests_width(&changes), done};
    int n = jv_array_length(jv_copy(changes));
    for (int i = 0; i < n; i++) {
        jv change = jv_array_get(jv_copy(changes), i);
        put_change(text, &change, &listing);
        jv_free(change);
    }
    if (n)
        text_printf(text, "\n");
    jv_free(changes);
}

/* At most three of the affected, and how many more. */
static void put_affected(const struct text *text, const jv *affected)
{
    enum { SHOWN = 3 };
    int n = jv_array_length(jv_copy(*affected));
    for (int i = 0; i < n && i < SHOWN; i++) {
        jv address = jv_array_get(jv_copy(*affected), i);
        text_printf(text, i ? ", " : "");
        text_safe(text, jv_string_value(address));
        jv_free(address);
    }
    if (n > SHOWN)
        text_printf(text, " and %d more", n - SHOWN);
    text_printf(text, "\n");
}

void people_blast_radius(const struct text *text, const jv *report)
{
    jv radius = list_of(report, "blast_radius");
    size_t width = column_width(&radius, "resource");
    int n = jv_array_length(jv_copy(radius));
    if (n) {
        text_styled(text, STYLE_BOLD, "What depends on a change");
        text_printf(text, "\n");
    }
    for (int i = 0; i < n; i++) {
        jv entry = jv_array_get(jv_copy(radius), i);
        jv affected = json_get(&entry, "affected");
        text_printf(text, "  ");
        text_pad(text, json_peek_string(&entry, "resource"), width);
        text_printf(text, "  ");
        put_affected(text, &affected);
        jv_free(affected);
        jv_free(entry);
    }
    if (n)
        text_printf(text, "\n");
    jv_free(radius);
}

static void put_approve_command(const struct text *text, const struct view *view,
                                const char *resource)
{
    text_printf(text, "    ");
    people_command(text, view, "approve ");
    text_safe(text, resource);
    text_printf(text, " --as YOU\n");
}

void people_approvals(const struct text *text, const struct view *view, const jv *report)
{
    jv gates = list_of(report, "approvals_required");
    size_t width = column_width(&gates, "resource");
    int n = jv_array_length(jv_copy(gates));
    if (n) {
        text_styled(text, STYLE_BOLD, "What needs a person's approval");
        text_printf(text, "\n");
    }
    for (int i = 0; i < n; i++) {
        jv gate = jv_array_get(jv_copy(gates), i);
        bool satisfied = json_peek_bool(&gate, "satisfied", false);
        text_printf(text, "  ");
        text_pad(text, json_peek_string(&gate, "resource"), width);
        text_printf(text, "  ");
        text_styled(text, satisfied ? STYLE_GREEN : STYLE_RED, satisfied ? "approved" : "missing ");
        text_printf(text, "  ");
        text_safe(text, json_peek_string(&gate, "reason"));
        text_printf(text, "\n");
        if (!satisfied)
            put_approve_command(text, view, json_peek_string(&gate, "resource"));
        jv_free(gate);
    }
    if (n)
        text_printf(text, "\n");
    jv_free(gates);
}

/* What a person can do about a reason. */
static const char *advice_on(const char *reason)
{
    static const struct {
        const char *reason, *advice;
    } table[] = {
        {"approval_required", "a person has to approve it first, with cluster approve"},
        {"cluster_recovery_pending",
         "an operation on the graph was interrupted and is not settled; "
         "the diagnostics say what to do"},
        {"dependency_not_applied", "what it depends on is not applied"},
        {"apply_unsupported_kind", "apply has no way to make this change"},
        {"skipped_after_failure", "not started, because an operation before it failed"},
        {"graph_create_failed", "the graph could not be created; the diagnostics say why"},
        {"schema_apply_failed", "the schema could not be applied; the diagnostics say why"},
        {"graph_delete_failed", "the graph could not be deleted; the diagnostics say why"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(reason, table[i].reason) == 0)
            return table[i].advice;
    return "the diagnostics say why";
}

/* reason -> true, for each change that is not applied. */
static jv reasons_of(const jv *report)
{
    jv reasons = jv_object();
    jv changes = list_of(report, "changes");
    for (int i = 0, n = jv_array_length(jv_copy(changes)); i < n; i++) {
        jv change = jv_array_get(jv_copy(changes), i);
        const char *reason = json_peek_string(&change, "reason");
        if (reason)
            json_set_bool(&reasons, reason, true);
        jv_free(change);
    }
    jv_free(changes);
    return reasons;
}

void people_reasons(const struct text *text, const jv *report)
{
    jv reasons = reasons_of(report);
    jv keys = json_sorted_keys(&reasons);
    int n = jv_array_length(jv_copy(keys));
    if (n) {
        text_styled(text, STYLE_BOLD, "What holds a change back");
        text_printf(text, "\n");
    }
    for (int i = 0; i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        const char *reason = jv_string_value(key);
        text_printf(text, "  ");
        text_pad(text, reason, 24);
        text_printf(text, "  %s", advice_on(reason));
        text_printf(text, "\n");
        jv_free(key);
    }
    if (n)
        text_printf(text, "\n");
    jv_free(keys);
    jv_free(reasons);
}
