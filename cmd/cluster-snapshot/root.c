#include "root.h"

#include "common/doc.h"
#include "common/process.h"
#include "common/storage_root.h"
#include "common/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs cluster-parse; false if there is no document to go on with. */
static bool parse_header(const char *dir, struct doc *doc, struct error *err)
{
    char *program = process_find_program("cluster-parse");
    if (!program)
        return error_set(err, NULL, "there is no cluster-parse beside this program or in PATH");
    char header[] = "--header", end[] = "--";
    char *operand = xstrdup(dir);
    char *argv[] = {program, header, end, operand, NULL};
    struct process_result result;
    bool ok = process_run(argv, "", 0, &result, err);
    if (ok && result.out.len == 0)
        ok = error_set(err, NULL, "cluster-parse said nothing but: %s", buf_text(&result.err));
    else if (ok)
        ok = doc_parse(result.out.data, result.out.len, doc, err);
    process_result_clear(&result);
    free(operand);
    free(program);
    return ok;
}

char *root_of_config(const char *dir, struct diags *diags)
{
    struct doc doc;
    struct error err = ERROR_INIT;
    char *root = NULL;
    if (!parse_header(dir, &doc, &err)) {
        diags_error(diags, "cluster_config_read_error", dir, "cannot read the configuration: %s",
                    error_text(&err));
        error_clear(&err);
        return NULL;
    }
    jv list = doc_take(&doc, "diagnostics");
    diags->list = jv_array_concat(diags->list, list);
    jv store = doc_peek(&doc, "store");
    if (!doc_halted(&doc) && json_peek_string(&store, "root"))
        root = xstrdup(json_peek_string(&store, "root"));
    jv_free(store);
    doc_free(&doc);
    return root;
}

char *root_of_location(const char *location, struct diags *diags)
{
    struct storage_root resolved;
    struct error err = ERROR_INIT;
    char *root = NULL;
    char *base = getcwd(NULL, 0);
    if (storage_root_resolve(location, base ? base : "/", &resolved, &err)) {
        root = xstrdup(resolved.root);
        storage_root_clear(&resolved);
    } else {
        diags_error(diags, err.code ? err.code : "invalid_storage_root", "--store", "%s",
                    error_text(&err));
    }
    error_clear(&err);
    free(base);
    return root;
}
