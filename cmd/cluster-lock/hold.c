/* hold.c - acquire, run the command, release, and only then pass on what the command said. */
#include "common/io.h"
#include "common/program.h"
#include "ledger/ledger.h"
#include "lock_stage.h"

#include <string.h>
#include <unistd.h>

struct store *open_store(struct doc *doc)
{
    struct store *store = NULL;
    struct error err = ERROR_INIT;
    jv section = doc_peek(doc, "store");
    enum store_status status = store_open(json_peek_string(&section, "root"), &store, &err);
    if (status != STORE_OK) {
        bool wrong = status == STORE_INVALID; /* or there are no credentials for it */
        doc_error(doc, wrong ? "invalid_storage_root" : "state_lock_read_error",
                  wrong ? "store.root" : LEDGER_LOCK, "%s", error_text(&err));
        doc_halt(doc);
        store = NULL;
    }
    jv_free(section);
    error_clear(&err);
    return store;
}

/* `err` as an error of the document the command made. */
static void add_release_failure(struct doc *doc, const struct error *err)
{
    if (err->message)
        doc_error(doc, err->code, LEDGER_LOCK, "%s", error_text(err));
}

/* Writes a document to which something was added. Consumes it. */
static int pass_on_amended(struct doc *doc, const struct error *release_err)
{
    add_release_failure(doc, release_err);
    int status = doc_exit_status(doc);
    if (!doc_write(STDOUT_FILENO, doc))
        status = EXIT_ERROR;
    doc_free(doc);
    return status;
}

/* A document of the command's, passed on as it came where nothing is to be added. Consumes it. */
static int pass_on_document(struct doc *doc, const struct run_result *result,
                            const struct error *release_err)
{
    struct error err = ERROR_INIT;
    int status = doc_exit_status(doc);
    if (status == EXIT_DONE && result->exit_status != 0) {
        doc_error(doc, "stage_failed", "", "the command under the lock ended with status %d",
                  result->exit_status);
        return pass_on_amended(doc, release_err);
    }
    if (release_err->message)
        return pass_on_amended(doc, release_err);
    if (!io_write_all(STDOUT_FILENO, result->out.data, result->out.len, &err))
        status = program_fail("cannot pass the run document on: %s", error_text(&err));
    error_clear(&err);
    doc_free(doc);
    return status;
}

/* A stage of the command died, or was none: the document it was given goes on without it. */
static int pass_on_without(const struct buf *input, const struct run_result *result,
                           const struct error *release_err)
{
    struct doc doc;
    struct error err = ERROR_INIT;
    if (!doc_parse(buf_text(input), input->len, &doc, &err)) {
        int status = program_fail("%s", error_text(&err));
        error_clear(&err);
        return status;
    }
    doc_error(&doc, "stage_failed", "",
              "a stage under the lock ended without a document (status %d), so what it did is not "
              "known; run the command again, which settles what had begun",
              result->exit_status);
    doc_halt(&doc);
    return pass_on_amended(&doc, release_err);
}

/* What the command said; `input` is the document it was given. */
static int pass_on(const struct buf *input, const struct run_result *result,
                   const struct error *release_err)
{
    struct doc doc;
    struct error err = ERROR_INIT;
    int status;
    if (doc_parse(buf_text(&result->out), result->out.len, &doc, &err)) {
        status = pass_on_document(&doc, result, release_err);
    } else if (result->out.len == 0) {
        status = pass_on_without(input, result, release_err);
    } else {
        status = program_fail("the command's output is no run document: %s", error_text(&err));
        if (release_err->message)
            program_message("%s", error_text(release_err));
        (void)io_write_all(STDOUT_FILENO, buf_text(&result->out), result->out.len, NULL);
    }
    /* A usage error of the last stage is one of this program's. */
    if (result->exit_status == EXIT_USAGE_ERROR)
        status = EXIT_USAGE_ERROR;
    error_clear(&err);
    return status;
}

/* Runs the command with the document, releases the lock (NULL: there is none), passes on. */
static int run(struct doc *doc, struct store *store, struct lock *lock, const char *command,
               const struct signals *signals, int *interrupted)
{
    struct run_result result;
    struct error err = ERROR_INIT, release_err = ERROR_INIT;
    struct buf text = BUF_INIT;
    int status = EXIT_ERROR;
    json_write_canonical(&doc->root, &text);
    buf_putc(&text, '\n');
    doc_free(doc); /* the command has it now */
    bool ran = run_command(command, &text, signals, &result, &err);
    if (lock)
        (void)lock_release(store, lock, &release_err); /* its failure rides the document */
    if (ran) {
        status = pass_on(&text, &result, &release_err);
        *interrupted = result.interrupted;
    } else {
        status = program_fail("%s", error_text(&err));
    }
    buf_free(&text);
    buf_free(&result.out);
    error_clear(&release_err);
    error_clear(&err);
    return status;
}

static bool wants_lock(const struct doc *doc)
{
    jv config = doc_peek(doc, "config");
    bool wanted = json_peek_bool(&config, "lock", true);
    jv_free(config);
    return wanted;
}

int hold_and_run(struct doc *doc, const char *operation, const char *command,
                 const struct patience *patience)
{
    struct signals signals;
    struct error err = ERROR_INIT;
    struct store *store = open_store(doc);
    if (!store)
        return doc_finish(doc);
    int status = EXIT_ERROR, interrupted = 0;
    bool locked = wants_lock(doc), may_run = true;
    struct lock lock;
    if (!signals_catch(&signals, &err)) {
        status = program_fail("%s", error_text(&err));
        goto out;
    }
    if (locked) {
        may_run = acquire(doc, store, operation, patience, &signals, &lock, &interrupted);
    } else {
        doc_warning(doc, "state_lock_disabled", "state.lock",
                    "state.lock is false: nothing keeps another command from running at the same "
                    "time");
        doc_set(doc, "lock", lock_section(store, false, operation));
    }
    if (may_run)
        status = run(doc, store, locked ? &lock : NULL, command, &signals, &interrupted);
    else if (!interrupted && doc_write(STDOUT_FILENO, doc))
        status = doc_exit_status(doc);
    if (interrupted)
        signals_die(&signals, interrupted);
    signals_uncatch(&signals);
out:
    store_close(store);
    doc_free(doc);
    error_clear(&err);
    return status;
}
