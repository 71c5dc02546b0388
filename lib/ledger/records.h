/*
 * records.h - a folder of records, one <id>.json each: what sidecars and approvals share.
 */
#ifndef CLUSTER_LEDGER_RECORDS_H
#define CLUSTER_LEDGER_RECORDS_H

#include "common/diag.h"
#include "ledger/record.h"
#include "store/store.h"

struct record_folder {
    const char *prefix; /* of names in the store, ends with '/' */
    const char *what;   /* "recovery sidecar" */
    const char *id_field;
    const char *read_code; /* for what the store does not give */
    jv (*parse)(const char *text, size_t len, struct error *err);
    const struct record_kind *kind;
};

/* The name in the store of the record with this id; to be freed. */
char *records_name(const struct record_folder *folder, const char *id);

/* All records that can be read, in the order of their ids. Each that cannot adds a warning and
 * sets *any_unreadable (may be NULL); a folder that cannot be listed is an error. */
jv records_read(struct store *store, const struct record_folder *folder, struct diags *diags,
                bool *any_unreadable);

/* Writes a record under the name of its id. */
bool records_write(struct store *store, const struct record_folder *folder, const jv *record,
                   struct error *err);

#endif
