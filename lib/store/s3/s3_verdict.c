/*
 * What the end of an attempt means: an answer, another attempt, or failure.
 */
#include "common/xalloc.h"
#include "store/s3/s3_flight.h"
#include "store/s3/s3_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { MAX_ATTEMPTS = 5, MAX_TOTAL_MS = 30000, FIRST_BACKOFF_MS = 100, LAST_BACKOFF_MS = 5000 };

struct error_fields {
    char code[64];
    char message[256];
};

static void on_leaf(void *data, const char *path, const char *text)
{
    struct error_fields *fields = data;
    if (strcmp(path, "Error/Code") == 0)
        snprintf(fields->code, sizeof fields->code, "%s", text);
    else if (strcmp(path, "Error/Message") == 0)
        snprintf(fields->message, sizeof fields->message, "%s", text);
}

static void read_error(const struct s3_request *request, struct error_fields *fields)
{
    *fields = (struct error_fields){"", ""};
    if (request->status < 300 || request->body.len == 0)
        return;
    struct s3_xml_reader reader = {on_leaf, NULL, fields};
    struct error ignored = ERROR_INIT;
    /* An error page that is no XML (a proxy's, say) just has no code. */
    (void)s3_xml_read(request->body.data, request->body.len, &reader, &ignored);
    error_clear(&ignored);
}

void s3_error_code(const struct s3_request *request, char code[64])
{
    struct error_fields fields;
    read_error(request, &fields);
    memcpy(code, fields.code, sizeof fields.code);
}

static bool is_transient_status(long status, const char *code)
{
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504 ||
           strcmp(code, "SlowDown") == 0 || strcmp(code, "RequestTimeout") == 0;
}

/* No retry will mend these: our own fault, or a certificate that must not be trusted. */
static bool is_permanent(CURLcode code)
{
    switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_READ_ERROR:
    case CURLE_WRITE_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        return true;
    default:
        return false;
    }
}

/* Whether the server cannot have seen the request. */
static bool never_arrived(CURLcode code)
{
    return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
           code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CONNECT_ERROR || is_permanent(code);
}

static void trace(const struct s3_client *client, const struct s3_flight *flight, CURLcode code)
{
    if (!client->trace)
        return;
    const struct s3_request *request = flight->request;
    fprintf(stderr, "trace: %s %s%s ", request->method, request->key ? request->key : "",
            request->n_query && !request->key ? "?list" : "");
    if (code == CURLE_OK)
        fprintf(stderr, "%ld", request->status);
    else
        fprintf(stderr, "(%s)", client->curl.easy_strerror(code));
    fprintf(stderr, " %lld ms attempt %d\n", (long long)(s3_now_ms() - flight->started),
            request->attempts);
}

/* Full jitter: anything from 0 to the exponential bound, in ms. */
static int64_t backoff(int attempts)
{
    uint32_t random = 0;
    (void)!getrandom(&random, sizeof random, 0); /* 0 is as good a jitter as any */
    int64_t bound = FIRST_BACKOFF_MS;
    for (int i = 1; i < attempts && bound < LAST_BACKOFF_MS; i++)
        bound *= 2;
    if (bound > LAST_BACKOFF_MS)
        bound = LAST_BACKOFF_MS;
    return (int64_t)(random % (uint32_t)bound);
}

static void land(struct s3_flight *flight, enum s3_result result)
{
    flight->request->result = result;
    flight->state = FLIGHT_LANDED;
}

static void land_failed(struct s3_client *client, struct s3_flight *flight, const char *why)
{
    struct s3_request *request = flight->request;
    error_set(&request->err, NULL, "%s s3://%s/%s: %s (%d attempt%s)", request->method,
              client->config.bucket, request->key ? request->key : "", why, request->attempts,
              request->attempts == 1 ? "" : "s");
    land(flight, S3_FAILED);
}

/* Waits for another attempt, or lands as failed when attempts or time are used up. */
static void again(struct s3_client *client, struct s3_flight *flight, const char *why)
{
    int64_t now = s3_now_ms();
    int64_t delay = flight->retry_after >= 0 ? (int64_t)flight->retry_after * 1000
                                             : backoff(flight->request->attempts);
    if (flight->request->attempts >= MAX_ATTEMPTS || now + delay - flight->first > MAX_TOTAL_MS) {
        land_failed(client, flight, why);
        return;
    }
    flight->due = now + delay;
    flight->state = FLIGHT_WAITING;
}

static bool is_clock_answer(const struct s3_request *request, const char *code)
{
    return request->status == 403 && request->date > 0 &&
           (strcmp(code, "RequestTimeTooSkewed") == 0 || strcmp(code, "RequestExpired") == 0);
}

void s3_flight_ended(struct s3_client *client, struct s3_flight *flight, CURLcode code)
{
    struct s3_request *request = flight->request;
    client->curl.easy_getinfo(flight->easy, CURLINFO_RESPONSE_CODE, &request->status);
    trace(client, flight, code);
    if (code != CURLE_OK) {
        request->ambiguous |= !never_arrived(code);
        const char *why = flight->read_failed ? "the file to send cannot be read"
                                              : client->curl.easy_strerror(code);
        if (is_permanent(code))
            land_failed(client, flight, why);
        else
            again(client, flight, why);
        return;
    }
    struct error_fields fields;
    read_error(request, &fields);
    if (is_clock_answer(request, fields.code) && !flight->skew_retried) {
        flight->skew_retried = true;
        client->skew = request->date - (int64_t)time(NULL);
        flight->due = 0;
        flight->state = FLIGHT_WAITING;
    } else if (is_transient_status(request->status, fields.code)) {
        request->ambiguous |= request->status >= 500;
        char why[160];
        snprintf(why, sizeof why, "the server answers %ld %s", request->status, fields.code);
        again(client, flight, why);
    } else {
        land(flight, S3_ANSWERED);
    }
}
