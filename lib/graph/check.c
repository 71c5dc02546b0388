#include "graph/check.h"

#include "common/xalloc.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct cell_check {
    const char *pattern;
    pcre2_code *code;
    pcre2_match_data *match;
};

static void compile(struct cell_check *check, const char *pattern)
{
    int code;
    size_t at;
    check->pattern = pattern;
    /* The schema's compiler has tried it already. */
    check->code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &at, NULL);
    if (!check->code)
        return;
    (void)pcre2_jit_compile(check->code, PCRE2_JIT_COMPLETE); /* faster where there is a JIT */
    check->match = pcre2_match_data_create_from_pattern(check->code, NULL);
    if (!check->match)
        die_out_of_memory();
}

void cell_rule_init(struct cell_rule *rule, const struct schema_type *type,
                    const struct schema_property *property)
{
    *rule = (struct cell_rule){.property = property};
    size_t range_cap = 0, check_cap = 0;
    for (size_t i = 0; i < type->constraint_count; i++) {
        const struct schema_constraint *c = type->constraints[i];
        if ((c->kind != CONSTRAINT_RANGE && c->kind != CONSTRAINT_CHECK) ||
            strcmp(c->names[0], property->name) != 0)
            continue;
        if (c->kind == CONSTRAINT_RANGE) {
            rule->ranges = xgrow(rule->ranges, rule->range_count, &range_cap, sizeof *rule->ranges);
            rule->ranges[rule->range_count++] = c;
        } else {
            rule->checks = xgrow(rule->checks, rule->check_count, &check_cap, sizeof *rule->checks);
            compile(&rule->checks[rule->check_count++], c->pattern);
        }
    }
}

void cell_rule_free(struct cell_rule *rule)
{
    for (size_t i = 0; i < rule->check_count; i++) {
        pcre2_match_data_free(rule->checks[i].match);
        pcre2_code_free(rule->checks[i].code);
    }
    free(rule->checks);
    free(rule->ranges);
    *rule = (struct cell_rule){0};
}

/* -1, 0 or 1: the value against a bound. Integers are compared as such, so 2^53 + 1 is exact. */
static int compare(const struct cell *cell, const struct schema_bound *bound)
{
    if (cell->kind == CELL_INTEGER && !bound->is_float)
        return cell->integer < bound->integer ? -1 : cell->integer > bound->integer;
    /* x86-64's long double holds every int64_t and every double. */
    long double value =
        cell->kind == CELL_INTEGER ? (long double)cell->integer : (long double)cell->real;
    long double limit = bound->is_float ? (long double)bound->number : (long double)bound->integer;
    return value < limit ? -1 : value > limit;
}

static void write_bound(const struct schema_bound *bound, struct buf *why)
{
    if (bound->is_float)
        buf_printf(why, "%g", bound->number);
    else
        buf_printf(why, "%" PRId64, bound->integer);
}

static bool check_range(const struct cell_rule *rule, const struct schema_constraint *range,
                        const struct cell *cell, struct buf *why)
{
    bool low = range->min.present && compare(cell, &range->min) < 0;
    if (!low && !(range->max.present && compare(cell, &range->max) > 0))
        return true;
    buf_printf(why, "%s is %s ", rule->property->name, low ? "below" : "above");
    write_bound(low ? &range->min : &range->max, why);
    buf_puts(why, low ? ", the least that its @range allows" : ", the most that its @range allows");
    return false;
}

static bool check_pattern(const struct cell_rule *rule, const struct cell_check *check,
                          const struct cell *cell, struct buf *why)
{
    int found = check->code ? pcre2_match(check->code, (PCRE2_SPTR)cell->data, cell->len, 0,
                                          PCRE2_NO_UTF_CHECK, check->match, NULL)
                            : PCRE2_ERROR_NOMATCH;
    if (found >= 0)
        return true;
    buf_printf(why, "%s %s its @check(\"%.60s\"): \"%.*s\"", rule->property->name,
               found == PCRE2_ERROR_NOMATCH ? "does not match" : "takes too long to match",
               check->pattern, cell->len > 60 ? 60 : (int)cell->len, cell->data);
    return false;
}

bool check_value(const struct cell_rule *rule, const struct cell *cell, struct buf *why)
{
    for (size_t i = 0; i < rule->range_count; i++)
        if (!check_range(rule, rule->ranges[i], cell, why))
            return false;
    for (size_t i = 0; i < rule->check_count; i++)
        if (!check_pattern(rule, &rule->checks[i], cell, why))
            return false;
    return true;
}
