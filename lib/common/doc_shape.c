#include "common/doc_shape.h"

#include <string.h>

#define OBJECT(...)                                                  \
    {                                                                \
        .kind = SHAPE_OBJECT, .fields = (const struct shape_field[]) \
        {                                                            \
            __VA_ARGS__,                                             \
            {                                                        \
                0                                                    \
            }                                                        \
        }                                                            \
    }
#define OPEN_OBJECT(...)                                                           \
    {                                                                              \
        .kind = SHAPE_OBJECT, .open = true, .fields = (const struct shape_field[]) \
        {                                                                          \
            __VA_ARGS__,                                                           \
            {                                                                      \
                0                                                                  \
            }                                                                      \
        }                                                                          \
    }
#define WORDS(...)        \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }

/* An object whose inside another reader checks (the ledger's own records). */
static const struct shape record = {.kind = SHAPE_MAP, .of = &shape_any};
static const struct shape record_or_null = {.kind = SHAPE_MAP, .nullable = true, .of = &shape_any};
static const struct shape records = {.kind = SHAPE_ARRAY, .of = &record};
static const struct shape string_map = {.kind = SHAPE_MAP, .of = &shape_string};

static const struct shape config = OBJECT(
    {"dir", true, &shape_string}, {"file", true, &shape_string}, {"digest", false, &shape_digest},
    {"name", true, &shape_string_or_null}, {"lock", true, &shape_bool},
    {"storage", true, &shape_string_or_null}, {"driver", true, &shape_string});

static const struct shape store =
    OBJECT({"root", true, &shape_string}, {"display", true, &shape_string});

static const struct shape resource =
    OBJECT({"address", true, &shape_string},
           {"kind", true,
            &(const struct shape){.kind = SHAPE_WORD,
                                  .words = WORDS("graph", "schema", "query", "policy")}},
           {"digest", true, &shape_digest}, {"path", false, &shape_string},
           {"applies_to", false, &shape_strings});
static const struct shape resources = {.kind = SHAPE_ARRAY, .of = &resource};

static const struct shape dependency =
    OBJECT({"from", true, &shape_string}, {"to", true, &shape_string});
static const struct shape dependencies = {.kind = SHAPE_ARRAY, .of = &dependency};

/* What was seen of a lock that somebody else holds. Every field may be missing: it may be another
 * tool's. */
static const struct shape observed_lock =
    OBJECT({"lock_id", false, &shape_string}, {"operation", false, &shape_string},
           {"created_at", false, &shape_string}, {"pid", false, &shape_int},
           {"age_seconds", false, &shape_int}, {"heartbeat_age_seconds", false, &shape_int},
           {"stale", false, &shape_bool});
static const struct shape lock =
    OBJECT({"acquired", true, &shape_bool}, {"lock_id", false, &shape_string},
           {"operation", true, &shape_string}, {"path", true, &shape_string},
           {"observed", false, &observed_lock}, {"removed", false, &shape_bool});

static const struct shape cas = {.kind = SHAPE_STRING, .nullable = true};
static const struct shape ledger = OBJECT(
    {"found", true, &shape_bool}, {"cas", true, &cas}, {"state", true, &record_or_null},
    {"base", true, &record_or_null}, {"approvals", true, &records}, {"sidecars", true, &records});

static const struct shape consumed =
    OBJECT({"approval_id", true, &shape_string}, {"consumed_at", true, &shape_string},
           {"consumed_by_operation", true, &shape_string_or_null});
static const struct shape sweep = OBJECT(
    {"completed", true, &shape_strings}, {"pending_graphs", true, &shape_strings},
    {"consumed_approvals", true, &(const struct shape){.kind = SHAPE_ARRAY, .of = &consumed}});

const struct shape change_shape = OBJECT(
    {"resource", true, &shape_string},
    {"operation", true,
     &(const struct shape){.kind = SHAPE_WORD, .words = WORDS("create", "update", "delete")}},
    {"before_digest", false, &shape_digest}, {"after_digest", false, &shape_digest},
    {"disposition", false,
     &(const struct shape){.kind = SHAPE_WORD,
                           .words = WORDS("applied", "derived", "deferred", "blocked")}},
    {"reason", false, &shape_string}, {"binding_change", false, &shape_bool},
    {"migration", false, &record});
static const struct shape changes = {.kind = SHAPE_ARRAY, .of = &change_shape};

static const struct shape affected =
    OBJECT({"resource", true, &shape_string}, {"affected", true, &shape_strings});
static const struct shape blast_radius = {.kind = SHAPE_ARRAY, .of = &affected};

static const struct shape gate =
    OBJECT({"resource", true, &shape_string}, {"reason", true, &shape_string},
           {"satisfied", true, &shape_bool});
static const struct shape approvals_required = {.kind = SHAPE_ARRAY, .of = &gate};

static const struct shape outcome =
    OBJECT({"actor", true, &shape_string_or_null}, {"changes", false, &changes},
           {"applied_count", true, &shape_int}, {"deferred_count", true, &shape_int},
           {"converged", true, &shape_bool}, {"state_written", true, &shape_bool},
           {"state", true, &record_or_null}, {"cas", true, &cas});

static const struct shape approval =
    OBJECT({"approval_id", true, &shape_string}, {"resource", true, &shape_string},
           {"operation", true, &shape_string}, {"approved_by", true, &shape_string});

static const struct shape diagnostic =
    OBJECT({"code", true, &shape_string},
           {"severity", true,
            &(const struct shape){.kind = SHAPE_WORD, .words = WORDS("error", "warning")}},
           {"path", true, &shape_string}, {"message", true, &shape_string});
static const struct shape diagnostics = {.kind = SHAPE_ARRAY, .of = &diagnostic};

const struct shape doc_shape = OPEN_OBJECT(
    {"format", true, &shape_string}, {"config", false, &config}, {"store", false, &store},
    {"resources", false, &resources}, {"dependencies", false, &dependencies},
    {"sources", false, &string_map}, {"lock", false, &lock}, {"ledger", false, &ledger},
    {"sweep", false, &sweep}, {"changes", false, &changes}, {"applicable", false, &shape_bool},
    {"blast_radius", false, &blast_radius}, {"approvals_required", false, &approvals_required},
    {"outcome", false, &outcome}, {"approval", false, &approval},
    {"diagnostics", false, &diagnostics}, {"halt", false, &shape_bool});

const char *doc_section_owner(const char *section)
{
    static const struct {
        const char *section, *stage;
    } owners[] = {
        {"config", "cluster-parse"},     {"store", "cluster-parse"},
        {"resources", "cluster-parse"},  {"dependencies", "cluster-parse"},
        {"sources", "cluster-parse"},    {"lock", "cluster-lock"},
        {"ledger", "cluster-sweep"},     {"sweep", "cluster-sweep"},
        {"changes", "cluster-diff"},     {"blast_radius", "cluster-classify"},
        {"outcome", "cluster-exec"},     {"approvals_required", "cluster-classify"},
        {"approval", "cluster-approve"}, {"applicable", "cluster-classify"},
    };
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
        if (strcmp(owners[i].section, section) == 0)
            return owners[i].stage;
    return "an earlier stage";
}
