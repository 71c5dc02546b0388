#include "common/failpoint.h"
#include "common/xalloc.h"
#include "ledger/ledger.h"
#include "lock_stage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* Between two tries: doubled from the first to the last, and then half to all of it, by chance, so
 * that those who wait do not march in step. */
enum { FIRST_WAIT_MS = 10, LAST_WAIT_MS = 500 };

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int with_jitter(int ms)
{
    unsigned int chance = 0;
    (void)!getrandom(&chance, sizeof chance, 0); /* no luck: no jitter */
    return ms / 2 + (int)(chance % (unsigned int)(ms / 2 + 1));
}

jv lock_section(const struct store *store, bool acquired, const char *operation)
{
    char *path = store_location(store, LEDGER_LOCK);
    jv section = jv_object();
    json_set_bool(&section, "acquired", acquired);
    json_set_string(&section, "operation", operation);
    json_set_string(&section, "path", path);
    free(path);
    return section;
}

/* A word as a shell takes it. */
static void put_quoted(struct buf *out, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,";
    if (*word && word[strspn(word, plain)] == '\0') {
        buf_puts(out, word);
        return;
    }
    buf_putc(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            buf_puts(out, "'\\''");
        else
            buf_putc(out, *word);
    }
    buf_putc(out, '\'');
}

char *lock_held_message(const jv *observed, const char *config_dir)
{
    struct buf text = BUF_INIT;
    const char *id = json_peek_string(observed, "lock_id");
    if (!id) {
        buf_puts(&text, "the lock is not free: another command is just taking or releasing it, or "
                        "was force-unlocked and still runs; try again, or wait with "
                        "--lock-timeout");
        return buf_detach(&text);
    }
    buf_printf(&text, "the lock is held by `%s` (pid %lld), since %s",
               json_peek_string(observed, "operation"),
               (long long)json_peek_int(observed, "pid", 0),
               json_peek_string(observed, "created_at"));
    int64_t age = json_peek_int(observed, "age_seconds", -1);
    if (age >= 0)
        buf_printf(&text, " (%lld s ago)", (long long)age);
    buf_puts(&text, "; try again when it is done, or wait with --lock-timeout. Only if it is "
                    "certainly dead, release it with: cluster force-unlock ");
    put_quoted(&text, id);
    buf_puts(&text, " --config ");
    put_quoted(&text, config_dir);
    return buf_detach(&text);
}

static void say_held(struct doc *doc, const struct store *store, const char *operation, jv observed)
{
    jv config = doc_peek(doc, "config");
    char *message = lock_held_message(&observed, json_peek_string(&config, "dir"));
    doc_error(doc, "state_lock_held", LEDGER_LOCK, "%s", message);
    free(message);
    jv_free(config);
    jv section = lock_section(store, false, operation);
    json_set(&section, "observed", observed);
    doc_set(doc, "lock", section);
    doc_halt(doc);
}

static void say_taken(struct doc *doc, const struct store *store, const char *operation,
                      const struct lock *lock)
{
    if (jv_get_kind(lock->recovered) == JV_KIND_OBJECT)
        doc_warning(doc, "state_lock_recovered", LEDGER_LOCK,
                    "took over the lock %s of `%s` (pid %lld), which died after it took it at %s",
                    json_peek_string(&lock->recovered, "lock_id"),
                    json_peek_string(&lock->recovered, "operation"),
                    (long long)json_peek_int(&lock->recovered, "pid", 0),
                    json_peek_string(&lock->recovered, "created_at"));
    jv section = lock_section(store, true, operation);
    json_set_string(&section, "lock_id", lock->id.text);
    doc_set(doc, "lock", section);
}

static void say_failed(struct doc *doc, struct store *store, const char *operation,
                       const struct error *err)
{
    bool held;
    jv observed;
    struct error again = ERROR_INIT; /* the first one has been kept */
    doc_error(doc, err->code, LEDGER_LOCK, "%s", error_text(err));
    (void)lock_observe(store, &held, &observed, &again);
    if (held) { /* by whom may not be readable */
        jv section = lock_section(store, false, operation);
        json_set(&section, "observed", jv_copy(observed));
        doc_set(doc, "lock", section);
    }
    jv_free(observed);
    error_clear(&again);
    doc_halt(doc);
}

bool acquire(struct doc *doc, struct store *store, const char *operation,
             const struct patience *patience, const struct signals *signals, struct lock *lock,
             int *interrupted)
{
    struct error err = ERROR_INIT;
    jv observed;
    int64_t deadline = monotonic_ms() + (int64_t)patience->timeout * 1000;
    int wait = FIRST_WAIT_MS;
    enum lock_outcome outcome;
    *interrupted = 0;
    for (;;) {
        outcome = lock_take_over(store, operation, patience->take_over, lock, &observed, &err);
        int64_t left = deadline - monotonic_ms();
        if (outcome != LOCK_HELD || left <= 0)
            break;
        int pause = with_jitter(wait);
        *interrupted = signals_sleep(signals, pause < left ? pause : (int)left);
        if (*interrupted)
            break;
        wait = wait * 2 < LAST_WAIT_MS ? wait * 2 : LAST_WAIT_MS;
        jv_free(observed);
    }
    if (outcome == LOCK_TAKEN && !FAILPOINT("lock.after_acquire", &err)) {
        (void)lock_release(store, lock, NULL); /* the injected failure is the one to tell */
        outcome = LOCK_FAILED;
    }
    if (outcome == LOCK_TAKEN)
        say_taken(doc, store, operation, lock);
    else if (outcome == LOCK_HELD && !*interrupted)
        say_held(doc, store, operation, jv_copy(observed));
    else if (outcome == LOCK_FAILED)
        say_failed(doc, store, operation, &err);
    jv_free(observed);
    error_clear(&err);
    return outcome == LOCK_TAKEN;
}
