#include "print.h"

#include "common/io.h"

#include <unistd.h>

static bool write_out(struct buf *text, struct error *err)
{
    bool ok = io_write_all(STDOUT_FILENO, buf_text(text), text->len, err);
    buf_free(text);
    return ok || error_prefix(err, "standard output");
}

bool print_json(const jv *value, struct error *err)
{
    struct buf text = BUF_INIT;
    json_write_canonical(value, &text);
    buf_putc(&text, '\n');
    return write_out(&text, err);
}

bool print_json_lines(const jv *list, struct error *err)
{
    struct buf text = BUF_INIT;
    jv_array_foreach (*list, i, item) {
        json_write_canonical(&item, &text);
        buf_putc(&text, '\n');
        jv_free(item);
    }
    return write_out(&text, err);
}

static const char *text_of(const jv *object, const char *key)
{
    const char *text = json_peek_string(object, key);
    return text ? text : "-";
}

static long long number_of(const jv *object, const char *key)
{
    return (long long)json_peek_int(object, key, 0);
}

bool print_log(const jv *list, struct error *err)
{
    struct buf text = BUF_INIT;
    buf_printf(&text, "%7s  %-24s  %-9s  %10s  %10s  %5s  %s\n", "VERSION", "TIME", "OPERATION",
               "NODES", "EDGES", "STEPS", "ACTOR");
    jv_array_foreach (*list, i, commit) {
        buf_printf(
            &text, "%7lld  %-24s  %-9s  %10lld  %10lld  %5lld  %s\n", number_of(&commit, "version"),
            text_of(&commit, "time"), text_of(&commit, "operation"), number_of(&commit, "nodes"),
            number_of(&commit, "edges"), number_of(&commit, "steps"), text_of(&commit, "actor"));
        jv_free(commit);
    }
    return write_out(&text, err);
}

bool print_dropped(const jv *list, struct error *err)
{
    struct buf text = BUF_INIT;
    buf_printf(&text, "%-24s  %s\n", "TIME", "NAME");
    jv_array_foreach (*list, i, drop) {
        buf_printf(&text, "%-24s  %s\n", text_of(&drop, "time"), text_of(&drop, "name"));
        jv_free(drop);
    }
    return write_out(&text, err);
}
