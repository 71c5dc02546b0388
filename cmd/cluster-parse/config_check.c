#include "config_check.h"

#include "common/address.h"
#include "common/printable.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void emit(struct diags *diags, enum severity severity, const char *code, size_t line,
                 size_t column, const char *place, const char *format, va_list ap)
    __attribute__((format(printf, 7, 0)));
static void emit(struct diags *diags, enum severity severity, const char *code, size_t line,
                 size_t column, const char *place, const char *format, va_list ap)
{
    char *message = xvasprintf(format, ap);
    char *position = xasprintf(CONFIG_FILE ":%zu:%zu", line, column);
    if (severity == SEVERITY_ERROR)
        diags_error(diags, code, place ? place : position, "%s: %s", position, message);
    else
        diags_warning(diags, code, place ? place : position, "%s: %s", position, message);
    free(position);
    free(message);
}

void config_error(struct diags *diags, const char *code, size_t line, size_t column,
                  const char *place, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    emit(diags, SEVERITY_ERROR, code, line, column, place, format, ap);
    va_end(ap);
}

void config_warning(struct diags *diags, const char *code, size_t line, size_t column,
                    const char *place, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    emit(diags, SEVERITY_WARNING, code, line, column, place, format, ap);
    va_end(ap);
}

bool config_expect(struct diags *diags, const struct yaml_node *node, enum yaml_kind kind,
                   const char *place)
{
    if (node->kind == kind)
        return true;
    const char *hint = node->kind == YAML_NULL ? "; leave the key out if it has nothing to say"
                       : kind == YAML_STRING && node->text ? "; put it in quotes"
                                                           : "";
    config_error(diags, "invalid_cluster_yaml", node->line, node->column, place,
                 "%s must be %s, not %s%s", place, yaml_kind_name(kind), yaml_kind_name(node->kind),
                 hint);
    return false;
}

bool config_is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

char *config_place(const char *place, const char *key)
{
    char *shown = printable(key);
    char *joined = xasprintf("%s%s%s", place, *place ? "." : "", shown);
    free(shown);
    return joined;
}

const struct yaml_node *config_string(struct diags *diags, const struct yaml_node *map,
                                      const char *key, const char *place)
{
    const struct yaml_node *node = yaml_get(map, key);
    if (!node)
        return NULL;
    char *where = config_place(place, key);
    bool ok = config_expect(diags, node, YAML_STRING, where);
    if (ok && config_is_blank(node->text)) {
        config_error(diags, "invalid_cluster_yaml", node->line, node->column, where,
                     "%s must not be blank", where);
        ok = false;
    }
    free(where);
    return ok ? node : NULL;
}

void config_check_key(struct diags *diags, const struct yaml_pair *pair, const char *const *allowed,
                      const char *place)
{
    for (size_t k = 0; allowed[k]; k++)
        if (strcmp(allowed[k], pair->key) == 0)
            return;
    char *message = yaml_unknown_key(pair->key, allowed);
    char *where = config_place(place, pair->key);
    config_error(diags, "invalid_cluster_yaml", pair->line, pair->column, where, "%s", message);
    free(where);
    free(message);
}

void config_check_keys(struct diags *diags, const struct yaml_node *map, const char *const *allowed,
                       const char *place)
{
    for (size_t i = 0; i < map->n; i++)
        config_check_key(diags, map->pairs[i], allowed, place);
}

void config_missing(struct diags *diags, const struct yaml_pair *at, const char *key,
                    const char *const *allowed, const char *place, const char *meaning)
{
    if (yaml_is_misspelt(at->value, key, allowed))
        return;
    char *where = config_place(place, key);
    config_error(diags, "invalid_cluster_yaml", at->line, at->column, where,
                 "%s is missing: name %s", where, meaning);
    free(where);
}

bool config_check_name(struct diags *diags, const struct yaml_pair *at, const char *what,
                       const char *place)
{
    if (address_name_is_valid(at->key))
        return true;
    char *shown = printable(at->key);
    config_error(diags, "invalid_resource_id", at->line, at->column, place,
                 "'%s' is no name for a %s: it begins with a letter or '_', goes on with letters, "
                 "digits, '_' and '-', and has at most 200 characters",
                 shown, what);
    free(shown);
    return false;
}
