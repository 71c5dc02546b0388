#include "steps.h"

#include <string.h>

static const char *field(const jv *step, const char *key)
{
    const char *text = json_peek_string(step, key);
    return text ? text : "?";
}

/* Items of a list of strings, separated by commas. */
static void put_list(const struct text *text, const jv *list)
{
    int n = jv_get_kind(*list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(*list)) : 0;
    for (int i = 0; i < n; i++) {
        jv item = jv_array_get(jv_copy(*list), i);
        if (i)
            text_printf(text, ", ");
        text_safe(text, jv_get_kind(item) == JV_KIND_STRING ? jv_string_value(item) : "?");
        jv_free(item);
    }
}

static void put_member_list(const struct text *text, const jv *object, const char *key)
{
    jv list = json_get(object, key);
    put_list(text, &list);
    jv_free(list);
}

static void put_json(const struct text *text, const jv *value)
{
    struct buf json = BUF_INIT;
    json_write_canonical(value, &json);
    text_safe(text, buf_text(&json));
    buf_free(&json);
}

/* {scalar, nullable, list, enum_values} as a schema writes it: String?, [I32], enum(a, b). */
static void put_type(const struct text *text, const jv *type)
{
    jv words = json_get(type, "enum_values");
    jv scalar = json_get(type, "scalar");
    bool list = json_peek_bool(type, "list", false);
    if (list)
        text_printf(text, "[");
    if (jv_get_kind(words) == JV_KIND_ARRAY) {
        text_printf(text, "enum(");
        put_list(text, &words);
        text_printf(text, ")");
    } else if (jv_get_kind(scalar) == JV_KIND_OBJECT) {
        text_printf(text, "Vector(%lld)", (long long)json_peek_int(&scalar, "Vector", 0));
    } else {
        text_safe(text, field(type, "scalar"));
    }
    text_printf(text, "%s%s", list ? "]" : "", json_peek_bool(type, "nullable", false) ? "?" : "");
    jv_free(scalar);
    jv_free(words);
}

static void begin(const struct text *text, enum style style, char sign, const jv *step)
{
    text_printf(text, "      ");
    text_style(text, style);
    text_printf(text, "%c", sign);
    text_style(text, STYLE_PLAIN);
    text_printf(text, " ");
    if (json_has(step, "type_kind")) {
        text_safe(text, field(step, "type_kind"));
        text_printf(text, " ");
    }
}

static void put_property(const struct text *text, const jv *step, const char *name)
{
    text_safe(text, field(step, "type_name"));
    text_printf(text, ".");
    text_safe(text, field(step, name));
}

static void put_renamed(const struct text *text, const jv *step)
{
    text_printf(text, " -> ");
    text_safe(text, field(step, "to"));
    text_printf(text, "  (renamed, its data stays)");
}

static const char *drop_note(const jv *step)
{
    return json_string_is(step, "mode", "hard") ? "  (removed for good)"
                                                : "  (soft drop: hidden, can be restored)";
}

/* {"Index": ["a", "b"]} as @index(a, b); a range or check with what it says. */
static void put_constraint(const struct text *text, const jv *step)
{
    static const char *const lists[] = {"Key", "Unique", "Index"};
    static const char *const words[] = {"@key(", "@unique(", "@index("};
    jv constraint = json_get(step, "constraint");
    bool known = false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (json_has(&constraint, lists[i])) {
            text_printf(text, "%s", words[i]);
            put_member_list(text, &constraint, lists[i]);
            text_printf(text, ")");
            known = true;
        }
    if (!known)
        put_json(text, &constraint);
    jv_free(constraint);
}

static void put_annotations(const struct text *text, const jv *step)
{
    jv list = json_get(step, "annotations");
    int n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    text_printf(text, n ? ":" : ": no description or instruction");
    for (int i = 0; i < n; i++) {
        jv annotation = jv_array_get(jv_copy(list), i);
        jv value = json_get(&annotation, "value");
        text_printf(text, " @");
        text_safe(text, field(&annotation, "name"));
        text_printf(text, "(");
        put_json(text, &value);
        text_printf(text, ")");
        jv_free(value);
        jv_free(annotation);
    }
    jv_free(list);
}

/* ---- one function a kind of step ---- */

static void add_type(const struct text *text, const jv *step)
{
    begin(text, STYLE_GREEN, '+', step);
    text_safe(text, field(step, "name"));
}

static void rename_type(const struct text *text, const jv *step)
{
    begin(text, STYLE_YELLOW, '~', step);
    text_safe(text, field(step, "from"));
    put_renamed(text, step);
}

static void add_property(const struct text *text, const jv *step)
{
    begin(text, STYLE_GREEN, '+', step);
    put_property(text, step, "property_name");
    text_printf(text, ": ");
    jv type = json_get(step, "property_type");
    put_type(text, &type);
    jv_free(type);
}

static void rename_property(const struct text *text, const jv *step)
{
    begin(text, STYLE_YELLOW, '~', step);
    put_property(text, step, "from");
    put_renamed(text, step);
}

static void extend_enum(const struct text *text, const jv *step)
{
    begin(text, STYLE_YELLOW, '~', step);
    put_property(text, step, "property_name");
    text_printf(text, ": enum gains ");
    put_member_list(text, step, "added_values");
}

static void add_constraint(const struct text *text, const jv *step)
{
    begin(text, STYLE_GREEN, '+', step);
    text_safe(text, field(step, "type_name"));
    text_printf(text, " ");
    put_constraint(text, step);
}

static void update_type_metadata(const struct text *text, const jv *step)
{
    begin(text, STYLE_YELLOW, '~', step);
    text_safe(text, field(step, "name"));
    put_annotations(text, step);
}

static void update_property_metadata(const struct text *text, const jv *step)
{
    begin(text, STYLE_YELLOW, '~', step);
    put_property(text, step, "property_name");
    put_annotations(text, step);
}

static void drop_type(const struct text *text, const jv *step)
{
    begin(text, STYLE_RED, '-', step);
    text_safe(text, field(step, "name"));
    text_printf(text, "%s", drop_note(step));
}

static void drop_property(const struct text *text, const jv *step)
{
    begin(text, STYLE_RED, '-', step);
    put_property(text, step, "property_name");
    text_printf(text, "%s", drop_note(step));
}

static void unsupported_change(const struct text *text, const jv *step)
{
    begin(text, STYLE_RED, '!', step);
    text_safe(text, field(step, "entity"));
    text_printf(text, ": ");
    text_safe(text, field(step, "reason"));
    if (json_peek_string(step, "code")) {
        text_printf(text, " [");
        text_safe(text, json_peek_string(step, "code"));
        text_printf(text, "]");
    }
}

static void other_step(const struct text *text, const jv *step)
{
    begin(text, STYLE_YELLOW, '*', step);
    put_json(text, step);
}

static void write_step(const struct text *text, const jv *step)
{
    static const struct {
        const char *kind;
        void (*write)(const struct text *text, const jv *step);
    } kinds[] = {
        {"add_type", add_type},
        {"rename_type", rename_type},
        {"add_property", add_property},
        {"rename_property", rename_property},
        {"extend_enum", extend_enum},
        {"add_constraint", add_constraint},
        {"update_type_metadata", update_type_metadata},
        {"update_property_metadata", update_property_metadata},
        {"drop_type", drop_type},
        {"drop_property", drop_property},
        {"unsupported_change", unsupported_change},
    };
    void (*write)(const struct text *text, const jv *step) = other_step;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (json_string_is(step, "kind", kinds[i].kind))
            write = kinds[i].write;
    write(text, step);
    text_printf(text, "\n");
}

void steps_write(const struct text *text, const jv *migration)
{
    jv steps = json_get(migration, "steps");
    int n = jv_get_kind(steps) == JV_KIND_ARRAY ? jv_array_length(jv_copy(steps)) : 0;
    for (int i = 0; i < n; i++) {
        jv step = jv_array_get(jv_copy(steps), i);
        write_step(text, &step);
        jv_free(step);
    }
    if (n == 0)
        text_printf(text, "      no migration steps: the graph's structure stays as it is\n");
    if (!json_peek_bool(migration, "supported", true)) {
        text_printf(text, "      ");
        text_styled(text, STYLE_RED, "not supported: apply would refuse this migration");
        text_printf(text, "\n");
    }
    jv_free(steps);
}
