/*
 * gq_expect.h - .gq texts with the places of their errors marked, for unit tests and the fuzzer.
 *
 * In a marked text a "^" stands before each character at which an error must be reported. The
 * language has no "^" outside of strings, so the mark can be taken out again.
 */
#ifndef CLUSTER_GQ_EXPECT_H
#define CLUSTER_GQ_EXPECT_H

#include "common/buf.h"
#include "common/json.h"
#include "common/xalloc.h"
#include "lang/query.h"

#include <stdlib.h>
#include <string.h>

/* Everything that a property can be, keyed and unkeyed, with and without @embed. */
static const char gq_schema[] =
    "interface Named { name: String }\n"
    "node Person implements Named {\n"
    "    name: String @key\n"
    "    nick: String?\n"
    "    age: I32?\n"
    "    score: F64?\n"
    "    visits: U64\n"
    "    active: Bool?\n"
    "    born: Date?\n"
    "    seen: DateTime?\n"
    "    logins: [DateTime]?\n"
    "    status: enum(active, on-leave, gone)?\n"
    "    tags: [String]?\n"
    "    lucky: [I32]?\n"
    "    photo: Blob?\n"
    "    bio: String?\n"
    "    embedding: Vector(3)?\n"
    "}\n"
    "node Company { name: String @key city: String? }\n"
    "node Doc {\n"
    "    slug: String @key\n"
    "    body: String\n"
    "    vec: Vector(2) @embed(body)\n"
    "    raw: Blob\n"
    "}\n"
    "node Note { title: String? text: String? vec: Vector(2) @embed(text) }\n"
    "edge Knows: Person -> Person {\n"
    "    since: Date? weight: F64? note: String? photo: Blob?\n"
    "    vec: Vector(3)?\n"
    "}\n"
    "edge WorksAt: Person -> Company { role: String }\n"
    "edge Contains: Company -> Doc\n";

static inline struct source gq_source(const char *text, size_t len)
{
    return (struct source){"t.gq", text, len, "graphs.g.queries"};
}

/* Where an error is: "3:7". */
struct gq_place {
    unsigned line, column;
};

enum { GQ_MAX_PLACES = 8 };

/* Takes the marks out of a text. The text is to be freed. */
static inline char *gq_unmark(const char *marked, struct gq_place places[GQ_MAX_PLACES],
                              size_t *count)
{
    struct buf out = BUF_INIT;
    struct gq_place at = {1, 1};
    *count = 0;
    for (const char *c = marked; *c; c++) {
        if (*c == '^' && *count < GQ_MAX_PLACES) {
            places[(*count)++] = at;
            continue;
        }
        if (*c == '\n')
            at = (struct gq_place){at.line + 1, 1};
        else if (((unsigned char)*c & 0xc0) != 0x80)
            at.column++;
        buf_putc(&out, *c);
    }
    buf_puts(&out, "");
    return buf_detach(&out);
}

/* What was reported, one line each, sorted: "3:7 T6" ("3:7" without a rule). To be freed. */
static inline int gq_compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline char *gq_join_sorted(char **lines, size_t count)
{
    struct buf out = BUF_INIT;
    qsort(lines, count, sizeof *lines, gq_compare_lines);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&out, "%s\n", lines[i]);
        free(lines[i]);
    }
    buf_puts(&out, "");
    return buf_detach(&out);
}

/* "t.gq:3:7: T6: …" becomes "3:7 T6". */
static inline char *gq_place_and_rule(const char *message)
{
    static const char file[] = "t.gq:";
    struct buf out = BUF_INIT;
    if (strncmp(message, file, sizeof file - 1) != 0)
        return xstrdup(message); /* differs from all that is expected */
    message += sizeof file - 1;
    size_t place = strspn(message, "0123456789:"); /* with the last colon */
    buf_append(&out, message, place - (place > 0));
    const char *rule = message + place + strspn(message + place, " ");
    size_t digits = *rule == 'T' ? strspn(rule + 1, "0123456789") : 0;
    if (digits && rule[digits + 1] == ':')
        buf_printf(&out, " %.*s", (int)digits + 1, rule);
    return buf_detach(&out);
}

static inline char *gq_found(const struct diags *diags)
{
    enum { MOST = 64 };
    char *lines[MOST] = {NULL};
    size_t count = 0;
    int length = jv_array_length(jv_copy(diags->list));
    for (int i = 0; i < length && count < MOST; i++) {
        jv diag = jv_array_get(jv_copy(diags->list), i);
        const char *message = json_peek_string(&diag, "message");
        lines[count++] = gq_place_and_rule(message);
        jv_free(diag);
    }
    return gq_join_sorted(lines, count);
}

/* What was expected, in the same form: rules are words ("T6 T7"), one for each mark; "-" is an
 * error without a number. */
static inline char *gq_expected(const char *rules, const struct gq_place *places, size_t count)
{
    char *lines[GQ_MAX_PLACES] = {NULL};
    for (size_t i = 0; i < count; i++) {
        size_t len = strcspn(rules, " ");
        struct buf one = BUF_INIT;
        buf_printf(&one, "%u:%u", places[i].line, places[i].column);
        if (*rules != '-')
            buf_printf(&one, " %.*s", (int)len, rules);
        rules += len + (rules[len] == ' ');
        lines[i] = buf_detach(&one);
    }
    return gq_join_sorted(lines, count);
}

#endif
