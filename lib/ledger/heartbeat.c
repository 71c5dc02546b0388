#include "ledger/heartbeat.h"

#include "common/json.h"
#include "common/timestamp.h"
#include "common/xalloc.h"
#include "ledger/ledger.h"
#include "ledger/lock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INTERVAL_MS = 10000, LIMIT_SECONDS = 60 };

struct heartbeat {
    struct store *store;
    char *lock_id;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t change;
    bool stop;
};

static int64_t from_environment(const char *name, int64_t otherwise)
{
#ifdef CLUSTER_TEST
    const char *text = getenv(name);
    if (text)
        return strtol(text, NULL, 10);
#else
    (void)name;
#endif
    return otherwise;
}

#ifdef CLUSTER_TEST
#define SETTING(name, otherwise) from_environment(name, otherwise)
#else
/* The names stay out of a release build. */
#define SETTING(name, otherwise) from_environment("", otherwise)
#endif

int64_t heartbeat_limit(void)
{
    return SETTING("CLUSTER_TEST_HEARTBEAT_LIMIT", LIMIT_SECONDS);
}

/* The record is ours alone, and its reader needs one field of it. */
static bool names_lock(const struct buf *bytes, const char *lock_id)
{
    struct error ignored = ERROR_INIT;
    jv record = json_parse(buf_text(bytes), bytes->len, &ignored);
    bool same = jv_is_valid(record) && json_string_is(&record, "lock_id", lock_id);
    jv_free(record);
    error_clear(&ignored);
    return same;
}

enum store_status heartbeat_age(struct store *store, const char *lock_id, int64_t *seconds,
                                struct error *err)
{
    struct buf bytes = BUF_INIT;
    struct error why = ERROR_INIT;
    /* Whose it is first, then how old: should it be rewritten in between it only seems younger. */
    enum store_status status = store_get(store, LEDGER_HEARTBEAT, &bytes, NULL, &why);
    if (status == STORE_OK && !names_lock(&bytes, lock_id))
        status = STORE_NOT_FOUND;
    else if (status == STORE_OK)
        status = store_age(store, LEDGER_HEARTBEAT, seconds, &why);
    if (status != STORE_OK && status != STORE_NOT_FOUND)
        error_set(err, "state_lock_read_error", "the lock's heartbeat cannot be read: %s",
                  error_text(&why));
    error_clear(&why);
    buf_free(&bytes);
    return status;
}

static void beat(struct store *store, const char *lock_id)
{
    jv record = jv_object();
    struct buf bytes = BUF_INIT;
    struct error ignored = ERROR_INIT;
    json_set_string(&record, "lock_id", lock_id);
    json_set_string(&record, "at", timestamp_now().text);
    json_write_pretty(&record, &bytes);
    /* One that is missed costs nothing, the next follows. */
    (void)store_put(store, LEDGER_HEARTBEAT, bytes.data, bytes.len, &ignored);
    error_clear(&ignored);
    buf_free(&bytes);
    jv_free(record);
}

/* False once the lock is certainly another's: then the heartbeat is too. */
static bool may_go_on(struct heartbeat *hb, bool *beat_now)
{
    struct error err = ERROR_INIT;
    *beat_now = lock_is_ours(hb->store, hb->lock_id, &err);
    bool lost = !*beat_now && err.code && strcmp(err.code, "state_lock_lost") == 0;
    error_clear(&err);
    return !lost;
}

/* Waits for the time of the next beat. False if it is time to stop. */
static bool wait_for_next(struct heartbeat *hb)
{
    int64_t ms = SETTING("CLUSTER_TEST_HEARTBEAT_MS", INTERVAL_MS);
    struct timespec due;
    clock_gettime(CLOCK_MONOTONIC, &due); /* cannot fail for this clock */
    due.tv_sec += (time_t)(ms / 1000);
    due.tv_nsec += (long)(ms % 1000) * 1000000;
    if (due.tv_nsec >= 1000000000) {
        due.tv_sec++;
        due.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&hb->mutex);
    int outcome = 0;
    while (!hb->stop && outcome == 0)
        outcome = pthread_cond_timedwait(&hb->change, &hb->mutex, &due);
    bool go_on = !hb->stop;
    pthread_mutex_unlock(&hb->mutex);
    return go_on;
}

static void *go_on_beating(void *data)
{
    struct heartbeat *hb = data;
    bool beat_now;
    while (wait_for_next(hb) && may_go_on(hb, &beat_now))
        if (beat_now)
            beat(hb->store, hb->lock_id);
    return NULL;
}

static void heartbeat_free(struct heartbeat *hb)
{
    pthread_cond_destroy(&hb->change);
    pthread_mutex_destroy(&hb->mutex);
    store_close(hb->store);
    free(hb->lock_id);
    free(hb);
}

struct heartbeat *heartbeat_start(struct store *store, const char *lock_id)
{
    struct heartbeat *hb = xcalloc(1, sizeof *hb);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&hb->change, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&hb->mutex, NULL);
    hb->lock_id = xstrdup(lock_id);
    char *root = store_location(store, "");
    beat(store, lock_id);
    if (store_open(root, &hb->store, NULL) != STORE_OK ||
        pthread_create(&hb->thread, NULL, go_on_beating, hb) != 0) {
        heartbeat_free(hb);
        hb = NULL;
    }
    free(root);
    return hb;
}

void heartbeat_stop(struct heartbeat *hb)
{
    if (!hb)
        return;
    pthread_mutex_lock(&hb->mutex);
    hb->stop = true;
    pthread_cond_signal(&hb->change);
    pthread_mutex_unlock(&hb->mutex);
    pthread_join(hb->thread, NULL);
    heartbeat_free(hb);
}
