/*
 * record.h - what the stored records have in common: one strict reader, and the shapes' macros.
 */
#ifndef CLUSTER_LEDGER_RECORD_H
#define CLUSTER_LEDGER_RECORD_H

#include "common/error.h"
#include "common/json.h"
#include "common/shape.h"

/* What sort of record it is: how messages call it, how it is versioned, how failures are coded. */
struct record_kind {
    const char *what;          /* "the ledger" */
    const char *version_field; /* "version" or "schema_version"; format 1 is the one read here */
    const char *invalid_code;
    const char *version_code;
    const char *repair;         /* what to do about an invalid one; NULL if the caller says it */
    const char *version_advice; /* what to do about another version */
    const struct shape *shape;
};

/* Reads one record; an invalid jv and err (with code) on failure. The version is looked at before
 * the shape, for another version may well have other fields. */
jv record_parse(const struct record_kind *kind, const char *text, size_t len, struct error *err);

/* The same for a record that is a value already, such as one that came in a document. */
bool record_check(const struct record_kind *kind, const jv *record, struct error *err);

/* Sets err to "WHAT IS WRONG" under the kind's invalid_code. Consumes the record and returns an
 * invalid jv. */
jv record_refuse(const struct record_kind *kind, jv record, struct error *err, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

/* Sets the fields (a list that ends with NULL) that are left out to null, so that readers meet one
 * form. */
void record_fill_nulls(jv *record, const char *const *fields);

/* Appends the stored form of a record, after a last check of its shape: what could not be read
 * back is never written. */
bool record_write(const struct record_kind *kind, const jv *record, struct buf *out,
                  struct error *err);

#endif
