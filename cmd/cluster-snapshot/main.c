/*
 * cluster-snapshot - what a server needs to serve the applied revision, as one JSON object.
 */
#include "root.h"
#include "snapshot.h"

#include "common/io.h"
#include "common/program.h"
#include "ledger/ledger.h"

#include <stdlib.h>
#include <unistd.h>

static const char usage[] =
    "usage: cluster-snapshot [--config DIR | --store URI] [--quarantine] [--json]\n"
    "\n"
    "Prints the graphs, queries and policies of the applied revision as one JSON object, all of\n"
    "them or none: what must not be served is refused with every reason. Takes no lock.\n"
    "\n"
    "  --config DIR   the cluster whose cluster.yaml is in DIR (default: .)\n"
    "  --store URI    the cluster stored at URI (s3://bucket/prefix, file:///path or a path);\n"
    "                 needs no configuration\n"
    "  --quarantine   leave out a graph that cannot be served, and serve the others\n"
    "  --json         accepted; the output is JSON anyway\n"
    "  --help         show this\n"
    "  --version      show the version\n"
    "\n"
    "Exit status: 0 done, 1 refused, 64 usage.\n";

static jv take(const char *root, bool quarantine, struct diags *diags)
{
    struct store *store = NULL;
    struct error err = ERROR_INIT;
    if (!root)
        return snapshot_refused(quarantine, diags);
    enum store_status status = store_open(root, &store, &err);
    if (status != STORE_OK) {
        bool wrong = status == STORE_INVALID; /* or there are no credentials for it */
        diags_error(diags, wrong ? "invalid_storage_root" : "state_read_error",
                    wrong ? "" : LEDGER_STATE, "%s", error_text(&err));
        error_clear(&err);
        return snapshot_refused(quarantine, diags);
    }
    jv out = snapshot_take(store, quarantine, diags);
    store_close(store);
    return out;
}

static int print(const jv *out)
{
    struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    json_write_canonical(out, &text);
    buf_putc(&text, '\n');
    int status = json_peek_bool(out, "ok", false) ? EXIT_DONE : EXIT_ERROR;
    if (!io_write_all(STDOUT_FILENO, text.data, text.len, &err))
        status = program_fail("cannot print the snapshot: %s", error_text(&err));
    error_clear(&err);
    buf_free(&text);
    return status;
}

int main(int argc, char **argv)
{
    const char *config = NULL, *location = NULL;
    bool quarantine = false, json = false;
    const struct option_spec options[] = {{"config", .value = &config},
                                          {"store", .value = &location},
                                          {"quarantine", .flag = &quarantine},
                                          {"json", .flag = &json},
                                          {0}};
    if (program_start("cluster-snapshot", usage, options, argc, argv) < argc)
        return program_usage_error("it takes no operands");
    if (config && location)
        return program_usage_error("--config and --store exclude each other");
    struct diags diags;
    diags_init(&diags);
    char *root = location ? root_of_location(location, &diags)
                          : root_of_config(config ? config : ".", &diags);
    jv out = take(root, quarantine, &diags);
    int status = print(&out);
    jv_free(out);
    diags_free(&diags);
    free(root);
    return status;
}
