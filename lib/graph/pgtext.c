#include "graph/pgtext.h"

#include "common/xalloc.h"
#include "graph/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void write_string(const char *text, struct buf *out)
{
    buf_putc(out, '"');
    for (; *text; text++) {
        const char *escaped = strchr("\"\\\n\r\t", *text);
        if (escaped) {
            buf_putc(out, '\\');
            buf_putc(out, "\"\\nrt"[escaped - "\"\\\n\r\t"]);
        } else {
            buf_putc(out, *text);
        }
    }
    buf_putc(out, '"');
}

/* The language knows digits.digits only: no exponent. */
static void write_float(double number, struct buf *out)
{
    struct number_text text = number_shortest(number);
    if (!strpbrk(text.text, "eE")) {
        buf_puts(out, text.text);
        return;
    }
    int digits = 340; /* enough for the smallest subnormal; trailing zeros are cut */
    size_t start = out->len;
    buf_printf(out, "%.*f", fabs(number) >= 1 ? 1 : digits, number);
    while (out->len > start + 2 && out->data[out->len - 1] == '0' && out->data[out->len - 2] != '.')
        out->data[--out->len] = '\0';
}

static void write_literal(const struct literal *literal, struct buf *out)
{
    switch (literal->kind) {
    case LITERAL_NULL:
        buf_puts(out, "null");
        break;
    case LITERAL_BOOL:
        buf_puts(out, literal->boolean ? "true" : "false");
        break;
    case LITERAL_INT:
        buf_printf(out, "%" PRId64, literal->integer);
        break;
    case LITERAL_FLOAT:
        write_float(literal->number, out);
        break;
    case LITERAL_STRING:
        write_string(literal->text, out);
        break;
    case LITERAL_DATE:
    case LITERAL_DATETIME:
        buf_puts(out, literal->kind == LITERAL_DATE ? "date(" : "datetime(");
        write_string(literal->text, out);
        buf_putc(out, ')');
        break;
    case LITERAL_LIST: /* nesting is bounded by the parser */
        buf_putc(out, '[');
        for (size_t i = 0; i < literal->count; i++) {
            buf_puts(out, i ? ", " : "");
            write_literal(&literal->items[i], out);
        }
        buf_putc(out, ']');
        break;
    case LITERAL_NAME:
        buf_puts(out, literal->text);
        break;
    }
}

static void write_annotations(const struct schema_annotation *annotations, size_t count,
                              struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct schema_annotation *a = &annotations[i];
        if (strcmp(a->name, "rename_from") == 0)
            continue;
        buf_printf(out, " @%s", a->name);
        if (!a->has_value)
            continue;
        buf_putc(out, '(');
        write_literal(&a->value, out);
        for (size_t j = 0; j < a->argument_count; j++) {
            buf_printf(out, ", %s=", a->arguments[j].name);
            write_literal(&a->arguments[j].value, out);
        }
        buf_putc(out, ')');
    }
}

static void write_bound(const struct schema_bound *bound, struct buf *out)
{
    if (bound->present && bound->is_float)
        write_float(bound->number, out);
    else if (bound->present)
        buf_printf(out, "%" PRId64, bound->integer);
}

static void write_constraint(const struct schema_constraint *c, struct buf *out)
{
    static const char *const words[] = {
        [CONSTRAINT_KEY] = "key",     [CONSTRAINT_UNIQUE] = "unique", [CONSTRAINT_INDEX] = "index",
        [CONSTRAINT_RANGE] = "range", [CONSTRAINT_CHECK] = "check",
    };
    buf_printf(out, "    @%s(", words[c->kind]);
    for (size_t i = 0; i < c->name_count; i++)
        buf_printf(out, "%s%s", i ? ", " : "", c->names[i]);
    if (c->kind == CONSTRAINT_RANGE) {
        buf_puts(out, ", ");
        write_bound(&c->min, out);
        buf_puts(out, "..");
        write_bound(&c->max, out);
    } else if (c->kind == CONSTRAINT_CHECK) {
        buf_puts(out, ", ");
        write_string(c->pattern, out);
    }
    buf_puts(out, ")\n");
}

static void write_property(const struct schema_property *p, struct buf *out)
{
    char *type = property_type_text(&p->type);
    buf_printf(out, "    %s: %s", p->name, type);
    free(type);
    write_annotations(p->annotations, p->annotation_count, out);
    buf_putc(out, '\n');
}

void pgtext_property(const struct schema_type *type, const struct schema_property *property,
                     struct buf *out)
{
    write_property(property, out);
    for (size_t i = 0; i < type->constraint_count; i++) {
        const struct schema_constraint *c = type->constraints[i];
        if (c->kind != CONSTRAINT_KEY && c->name_count == 1 &&
            strcmp(c->names[0], property->name) == 0)
            write_constraint(c, out);
    }
}

static char *head_text(const struct schema_type *type, bool flat)
{
    struct buf out = BUF_INIT;
    if (type->kind == SCHEMA_EDGE && (type->card_min || type->card_max != CARDINALITY_UNBOUNDED)) {
        buf_printf(&out, " @card(%" PRIu64 "..", type->card_min);
        if (type->card_max != CARDINALITY_UNBOUNDED)
            buf_printf(&out, "%" PRIu64, type->card_max);
        buf_putc(&out, ')');
    }
    for (size_t i = 0; !flat && i < type->interface_count; i++)
        buf_printf(&out, "%s%s", i ? ", " : " implements ", type->interfaces[i]->name);
    write_annotations(type->annotations, type->annotation_count, &out);
    buf_puts(&out, "");
    return buf_detach(&out);
}

static char *body_text(const struct schema_type *type, bool flat)
{
    struct buf out = BUF_INIT;
    if (type->kind == SCHEMA_EDGE && type->property_count + type->constraint_count == 0)
        return xstrdup(""); /* an edge may go without */
    buf_puts(&out, "{\n");
    for (size_t i = 0; i < (flat ? type->property_count : type->own_count); i++)
        write_property(type->properties[i], &out);
    for (size_t i = 0; i < type->constraint_count; i++)
        if (flat || !type->constraints[i]->inherited_from)
            write_constraint(type->constraints[i], &out);
    buf_puts(&out, "}");
    return buf_detach(&out);
}

jv pgtext_type(const struct schema_type *type)
{
    jv text = jv_object();
    static const char *const keys[2][2] = {{"head", "body"}, {"flat_head", "flat_body"}};
    for (int flat = 0; flat < 2; flat++) {
        char *head = head_text(type, flat), *body = body_text(type, flat);
        json_set_string(&text, keys[flat][0], head);
        json_set_string(&text, keys[flat][1], body);
        free(head);
        free(body);
    }
    return text;
}
