#include "ledger/record.h"

#include "common/json_repeat.h"
#include "common/xalloc.h"

#include <stdlib.h>

static bool set_invalid(const struct record_kind *kind, const char *why, struct error *err)
{
    return error_set(err, kind->invalid_code, "%s is not valid: %s%s%s", kind->what, why,
                     kind->repair ? "; " : "", kind->repair ? kind->repair : "");
}

/* False if it is another version, or says none. */
static bool check_version(const struct record_kind *kind, const jv *record, struct error *err)
{
    int64_t version = json_peek_int(record, kind->version_field, -1);
    jv member = json_get(record, kind->version_field);
    bool is_one = jv_get_kind(member) == JV_KIND_NUMBER && jv_number_value(member) == 1;
    bool is_other = shape_check(&member, &shape_int, "", NULL);
    jv_free(member);
    if (is_one)
        return true;
    if (is_other)
        return error_set(err, kind->version_code,
                         "%s has %s %lld, and this program reads version 1; %s", kind->what,
                         kind->version_field, (long long)version, kind->version_advice);
    char *why = xasprintf("%s must be the integer 1", kind->version_field);
    set_invalid(kind, why, err);
    free(why);
    return false;
}

jv record_refuse(const struct record_kind *kind, jv record, struct error *err, const char *format,
                 ...)
{
    va_list ap;
    va_start(ap, format);
    char *why = xvasprintf(format, ap);
    va_end(ap);
    set_invalid(kind, why, err);
    free(why);
    jv_free(record);
    return jv_invalid();
}

bool record_check(const struct record_kind *kind, const jv *record, struct error *err)
{
    struct error why = ERROR_INIT;
    bool ok =
        jv_get_kind(*record) == JV_KIND_OBJECT || error_set(&why, NULL, "it is no JSON object");
    if (ok && !check_version(kind, record, err))
        return false;
    if (!ok || !shape_check(record, kind->shape, "", &why))
        ok = set_invalid(kind, error_text(&why), err);
    error_clear(&why);
    return ok;
}

jv record_parse(const struct record_kind *kind, const char *text, size_t len, struct error *err)
{
    struct error why = ERROR_INIT;
    char *twice = NULL;
    jv record = json_parse(text, len, &why);
    if (!jv_is_valid(record)) {
        record = record_refuse(kind, record, err, "%s", error_text(&why));
    } else if (!record_check(kind, &record, err)) {
        jv_free(record);
        record = jv_invalid();
    } else if ((twice = json_repeated_name(text, len))) {
        record = record_refuse(kind, record, err, "%s: given twice in one object", twice);
    }
    free(twice);
    error_clear(&why);
    return record;
}

void record_fill_nulls(jv *record, const char *const *fields)
{
    for (; *fields; fields++)
        if (!json_has(record, *fields))
            json_set(record, *fields, jv_null());
}

bool record_write(const struct record_kind *kind, const jv *record, struct buf *out,
                  struct error *err)
{
    struct error why = ERROR_INIT;
    bool ok = shape_check(record, kind->shape, "", &why);
    if (ok)
        json_write_pretty(record, out);
    else
        error_set(err, NULL, "refusing to write %s that could not be read back: %s", kind->what,
                  error_text(&why));
    error_clear(&why);
    return ok;
}
