/*
 * The part of a report that lists every resource with its status, and the graphs that were deleted.
 */
#include "people.h"

#include <string.h>

enum { STATUS_COLUMN = 8, WIDEST_COLUMN = 60 };

static enum style style_of(const char *status)
{
    if (strcmp(status, "applied") == 0)
        return STYLE_GREEN;
    return strcmp(status, "drifted") == 0 || strcmp(status, "pending") == 0 ? STYLE_YELLOW
                                                                            : STYLE_RED;
}

/* Conditions and message, as far as there are any. */
static void put_details(const struct text *text, const jv *status)
{
    jv conditions = json_get(status, "conditions");
    int n = jv_get_kind(conditions) == JV_KIND_ARRAY ? jv_array_length(jv_copy(conditions)) : 0;
    for (int i = 0; i < n; i++) {
        jv condition = jv_array_get(jv_copy(conditions), i);
        text_printf(text, i ? ", " : "  ");
        text_safe(text, jv_get_kind(condition) == JV_KIND_STRING ? jv_string_value(condition) : "");
        jv_free(condition);
    }
    jv_free(conditions);
    const char *message = json_peek_string(status, "message");
    if (message && *message) {
        text_printf(text, n ? ": " : "  ");
        text_safe(text, message);
    }
}

/* The version of a graph that was last seen. */
static void put_version(const struct text *text, const jv *observations, const char *address)
{
    jv observation = json_get(observations, address);
    if (json_has(&observation, "manifest_version") &&
        json_string_is(&observation, "kind", "graph")) {
        int64_t version = json_peek_int(&observation, "manifest_version", -1);
        if (version >= 0)
            text_printf(text, "  version %lld", (long long)version);
    }
    jv_free(observation);
}

/* What the rows are made of. */
struct table {
    jv digests, statuses, observations;
    size_t width; /* of the addresses */
};

static void put_row(const struct text *text, const struct table *table, const char *address)
{
    jv status = json_get(&table->statuses, address);
    const char *word = json_peek_string(&status, "status");
    const char *digest = json_peek_string(&table->digests, address);
    word = word ? word : "recorded";
    text_printf(text, "  ");
    text_pad(text, address, table->width);
    text_printf(text, "  ");
    text_style(text, style_of(word));
    text_pad(text, word, STATUS_COLUMN);
    text_style(text, STYLE_PLAIN);
    text_printf(text, "  ");
    struct buf details = BUF_INIT;
    struct text behind = {&details, text->colour};
    put_version(&behind, &table->observations, address);
    put_details(&behind, &status);
    text_printf(text, "%-*.8s%s", details.len ? 8 : 0, digest ? digest : "-", buf_text(&details));
    buf_free(&details);
    text_printf(text, "\n");
    jv_free(status);
}

/* How many there were. */
static int put_tombstones(const struct text *text, const jv *observations)
{
    int shown = 0;
    jv keys = json_sorted_keys(observations);
    for (int i = 0, n = jv_array_length(jv_copy(keys)); i < n; i++) {
        jv key = jv_array_get(jv_copy(keys), i);
        jv observation = json_get(observations, jv_string_value(key));
        if (json_string_is(&observation, "kind", "tombstone")) {
            const char *actor = json_peek_string(&observation, "actor");
            text_printf(text, "  ");
            text_safe(text, jv_string_value(key));
            text_printf(text, " was deleted");
            text_printf(text, " at ");
            text_safe(text, json_peek_string(&observation, "deleted_at"));
            text_printf(text, actor ? " by " : "");
            text_safe(text, actor);
            text_printf(text, "\n");
            shown++;
        }
        jv_free(observation);
        jv_free(key);
    }
    jv_free(keys);
    return shown;
}

void people_table(const struct text *text, const jv *report)
{
    struct table table = {json_get(report, "resource_digests"),
                          json_get(report, "resource_statuses"), json_get(report, "observations"),
                          0};
    jv all = jv_object_merge(jv_copy(table.digests), jv_copy(table.statuses));
    jv keys = json_sorted_keys(&all);
    int n = jv_array_length(jv_copy(keys));
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < n; i++) {
            jv key = jv_array_get(jv_copy(keys), i);
            size_t width = text_width(jv_string_value(key));
            if (pass == 1)
                put_row(text, &table, jv_string_value(key));
            else if (width > table.width)
                table.width = width < WIDEST_COLUMN ? width : WIDEST_COLUMN;
            jv_free(key);
        }
    if (put_tombstones(text, &table.observations) + n > 0)
        text_printf(text, "\n");
    jv_free(keys);
    jv_free(all);
    jv_free(table.observations);
    jv_free(table.statuses);
    jv_free(table.digests);
}
