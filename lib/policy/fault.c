#include "policy/fault.h"

#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

bool policy_fault(struct policy_reader *r, size_t line, size_t column, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    char *message = xvasprintf(format, ap);
    va_end(ap);
    diags_error(r->diags, "policy_invalid", r->path, "%s:%zu:%zu: %s%s%s%s", r->file, line, column,
                r->rule ? "rule '" : "", r->rule ? r->rule : "", r->rule ? "': " : "", message);
    free(message);
    r->faults++;
    return false;
}

bool policy_expect(struct policy_reader *r, const struct yaml_node *node, enum yaml_kind kind,
                   const char *what)
{
    if (node->kind == kind)
        return true;
    bool quotable = kind == YAML_STRING && node->text && *node->text;
    return policy_fault(r, node->line, node->column, "%s must be %s, not %s%s", what,
                        yaml_kind_name(kind), yaml_kind_name(node->kind),
                        quotable ? "; put it in quotes" : "");
}

bool policy_not_blank(struct policy_reader *r, const char *text, size_t line, size_t column,
                      const char *what)
{
    if (text[strspn(text, " \t\r\n")] != '\0')
        return true;
    return policy_fault(r, line, column, "%s must not be blank", what);
}

const char *policy_name(struct policy_reader *r, const struct yaml_node *node, const char *what)
{
    if (!policy_expect(r, node, YAML_STRING, what) ||
        !policy_not_blank(r, node->text, node->line, node->column, what))
        return NULL;
    return node->text;
}

void policy_check_keys(struct policy_reader *r, const struct yaml_node *map,
                       const char *const *allowed)
{
    for (size_t i = 0; i < map->n; i++) {
        const struct yaml_pair *pair = map->pairs[i];
        size_t k = 0;
        while (allowed[k] && strcmp(allowed[k], pair->key) != 0)
            k++;
        if (allowed[k])
            continue;
        char *message = yaml_unknown_key(pair->key, allowed);
        policy_fault(r, pair->line, pair->column, "%s", message);
        free(message);
    }
}
