/*
 * ledger_expect.h - stored records for tests: the smallest valid ones, and reading what must be
 * valid.
 */
#ifndef CLUSTER_TEST_LEDGER_EXPECT_H
#define CLUSTER_TEST_LEDGER_EXPECT_H

#include "ledger/ledger.h"

#include "scratch.h"

#define DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define MINIMAL "{\"version\": 1, \"applied_revision\": {}}"

typedef jv parser(const char *text, size_t len, struct error *err);

#define SIDECAR(more)                                                                       \
    "{\"schema_version\":1,\"operation_id\":\"01A\",\"started_at\":\"t\",\"kind\":\"graph_" \
    "create\","                                                                             \
    "\"graph_id\":\"g\",\"graph_uri\":\"/x\",\"desired_schema_digest\":\"" DIGEST "\"" more "}"

#define APPROVAL(more)                                                                      \
    "{\"schema_version\":1,\"approval_id\":\"01A\",\"resource\":\"graph.g\",\"operation\":" \
    "\"delete\",\"approved_by\":\"me\",\"created_at\":\"t\"" more "}"

/* What the text holds, which must be valid; the caller frees it. */
static inline jv parsed(parser *parse, const char *text)
{
    struct error err = ERROR_INIT;
    jv value = parse(text, strlen(text), &err);
    if (!jv_is_valid(value))
        print_message("refused: %s\n", error_text(&err));
    assert_true(jv_is_valid(value));
    error_clear(&err);
    return value;
}

#endif
