#include "common/yaml_scalar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

static int64_t saturated(const char *text, int base)
{
    errno = 0;
    return strtoll(text, NULL, base); /* gives the nearest end when out of range */
}

/* [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+ */
static bool resolve_int(struct yaml_node *node)
{
    const char *text = node->text;
    const char *number = text + (*text == '-' || *text == '+');
    size_t len = digits(number);
    if (len > 0 && number[len] == '\0') {
        node->integer = saturated(text, 10);
        return true;
    }
    if (strncmp(text, "0o", 2) == 0 && text[2] && strspn(text + 2, "01234567") == strlen(text + 2))
        node->integer = saturated(text + 2, 8);
    else if (strncmp(text, "0x", 2) == 0 && text[2] &&
             strspn(text + 2, "0123456789abcdefABCDEF") == strlen(text + 2))
        node->integer = saturated(text + 2, 16);
    else
        return false;
    return true;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?, and the names of infinities and NaN. */
static bool is_float(const char *text)
{
    static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
    if (is_one_of(text, nans))
        return true;
    text += *text == '-' || *text == '+';
    if (is_one_of(text, infinities))
        return true;
    size_t whole = digits(text);
    text += whole;
    if (*text == '.') {
        size_t fraction = digits(text + 1);
        if (whole + fraction == 0)
            return false;
        text += 1 + fraction;
    } else if (whole == 0) {
        return false;
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '-' || *text == '+';
        size_t exponent = digits(text);
        if (exponent == 0)
            return false;
        text += exponent;
    }
    return *text == '\0';
}

void yaml_resolve_plain(struct yaml_node *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    if (is_one_of(node->text, nulls)) {
        node->kind = YAML_NULL;
    } else if (is_one_of(node->text, trues) || is_one_of(node->text, falses)) {
        node->kind = YAML_BOOL;
        node->boolean = is_one_of(node->text, trues);
    } else if (resolve_int(node)) {
        node->kind = YAML_INT;
    } else {
        node->kind = is_float(node->text) ? YAML_FLOAT : YAML_STRING;
    }
}
