#include "store/s3/s3_flight.h"

#include "common/digest.h"
#include "common/xalloc.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

int64_t s3_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void s3_flight_init(struct s3_flight *flight, struct s3_request *request)
{
    *flight = (struct s3_flight){.request = request, .state = FLIGHT_WAITING};
    flight->first = s3_now_ms();
    request->attempts = 0;
    request->ambiguous = false;
}

/* What the server says, line by line. */
static size_t on_header(char *line, size_t size, size_t count, void *data)
{
    struct s3_flight *flight = data;
    struct s3_request *request = flight->request;
    size_t len = size * count;
    char text[512];
    if (len >= sizeof text)
        return len;
    memcpy(text, line, len);
    text[len] = '\0';
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    char *colon = strchr(text, ':');
    if (!colon)
        return size * count;
    *colon = '\0';
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    if (strcasecmp(text, "etag") == 0)
        snprintf(request->etag, sizeof request->etag, "%s", value);
    else if (strcasecmp(text, "date") == 0)
        request->date = flight->curl->getdate(value, NULL);
    else if (strcasecmp(text, "last-modified") == 0)
        request->last_modified = flight->curl->getdate(value, NULL);
    else if (strcasecmp(text, "retry-after") == 0 && isdigit((unsigned char)*value))
        flight->retry_after = strtol(value, NULL, 10);
    return size * count;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct s3_flight *flight = data;
    size_t len = size * count;
    long status = 0;
    flight->curl->easy_getinfo(flight->easy, CURLINFO_RESPONSE_CODE, &status);
    if (!flight->request->has_sink || status != 200) {
        buf_append(&flight->request->body, bytes, len);
        return len;
    }
    for (size_t done = 0; done < len;) {
        ssize_t n = write(flight->request->sink, bytes + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return 0; /* curl ends the transfer with CURLE_WRITE_ERROR */
        done += (size_t)n;
    }
    return len;
}

/* What an earlier attempt left in the sink is not part of the answer. */
static bool rewind_sink(const struct s3_request *request)
{
    return !request->has_sink ||
           (ftruncate(request->sink, 0) == 0 && lseek(request->sink, 0, SEEK_SET) == 0);
}

static size_t send_body(char *to, size_t size, size_t count, void *data)
{
    struct s3_flight *flight = data;
    const struct s3_request *request = flight->request;
    size_t n = request->len - flight->sent, room = size * count;
    if (n > room)
        n = room;
    if (n == 0)
        return 0;
    if (request->has_file) {
        ssize_t got = pread(request->fd, to, n, request->offset + (off_t)flight->sent);
        if (got <= 0) {
            flight->read_failed = true;
            return CURL_READFUNC_ABORT;
        }
        n = (size_t)got;
    } else {
        memcpy(to, (const char *)request->data + flight->sent, n);
    }
    flight->sent += n;
    return n;
}

/* curl rewinds the body when it has to send it again over a fresh connection. */
static int seek_body(void *data, curl_off_t offset, int origin)
{
    struct s3_flight *flight = data;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > flight->request->len)
        return CURL_SEEKFUNC_FAIL;
    flight->sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

/*
 * When a kept-alive connection turns out to be dead, curl sends the request again over a fresh one
 * without a word. The first sending may have taken effect, so each one is counted: more than one
 * makes the answer ambiguous.
 */
static int on_debug(CURL *easy, curl_infotype type, char *text, size_t len, void *data)
{
    (void)easy;
    struct s3_flight *flight = data;
    size_t method = strlen(flight->request->method);
    if (type == CURLINFO_HEADER_OUT && len > method &&
        memcmp(text, flight->request->method, method) == 0 && flight->sendings++ > 0)
        flight->request->ambiguous = true;
    return 0;
}

static void add_header(struct s3_client *client, struct s3_flight *flight, const char *name,
                       const char *value)
{
    char *line = xasprintf("%s: %s", name, value);
    struct curl_slist *longer = client->curl.slist_append(flight->headers, line);
    if (!longer)
        die_out_of_memory();
    flight->headers = longer;
    free(line);
}

static char *request_path(const struct s3_client *client, const struct s3_request *request)
{
    return xasprintf("%s%s", client->config.base, request->key ? request->key : "");
}

/* The headers that are signed: ours, then the request's. Texts are borrowed. */
static size_t signed_headers(const struct s3_client *client, const struct s3_request *request,
                             const char *date_time, struct sigv4_pair *out)
{
    size_t n = 0;
    out[n++] = (struct sigv4_pair){(char *)"Host", client->config.host};
    out[n++] = (struct sigv4_pair){(char *)"x-amz-date", (char *)date_time};
    out[n++] = (struct sigv4_pair){(char *)"x-amz-content-sha256", (char *)request->payload_sha256};
    if (client->config.session_token)
        out[n++] =
            (struct sigv4_pair){(char *)"x-amz-security-token", client->config.session_token};
    for (size_t i = 0; i < request->n_headers; i++)
        out[n++] = request->headers[i];
    return n;
}

static void sign(struct s3_client *client, struct s3_flight *flight)
{
    struct s3_request *request = flight->request;
    char date_time[32] = "";
    time_t now = time(NULL) + (time_t)client->skew;
    struct tm utc;
    if (gmtime_r(&now, &utc))
        strftime(date_time, sizeof date_time, "%Y%m%dT%H%M%SZ", &utc);
    if (!request->payload_sha256[0])
        memcpy(request->payload_sha256,
               digest_of(request->data ? request->data : "", request->len).hex,
               sizeof request->payload_sha256);
    struct sigv4_pair headers[S3_MAX_PAIRS + 4];
    size_t n = signed_headers(client, request, date_time, headers);
    char *path = request_path(client, request);
    struct sigv4_request to_sign = {request->method, path, request->query,         request->n_query,
                                    headers,         n,    request->payload_sha256};
    struct sigv4_scope scope = {client->config.access_key, client->config.secret_key,
                                client->config.region, "s3", date_time};
    struct buf authorization = BUF_INIT;
    sigv4_authorization(&to_sign, &scope, &authorization);
    client->curl.slist_free_all(flight->headers);
    flight->headers = NULL;
    for (size_t i = 1; i < n; i++) /* Host is curl's to send */
        add_header(client, flight, headers[i].name, headers[i].value);
    add_header(client, flight, "Authorization", authorization.data);
    add_header(client, flight, "Expect", ""); /* no 100-continue round trip */
    buf_free(&authorization);
    free(path);
}

static char *request_url(const struct s3_client *client, const struct s3_request *request)
{
    struct buf url = BUF_INIT;
    char *path = request_path(client, request);
    buf_puts(&url, client->config.origin);
    sigv4_encode(path, 1, &url);
    if (request->n_query) {
        buf_putc(&url, '?');
        sigv4_query(request->query, request->n_query, &url);
    }
    free(path);
    return buf_detach(&url);
}

#define SET(option, value) client->curl.easy_setopt(flight->easy, option, value)

/* Seconds without a byte after which a transfer counts as stalled. */
static long stall_seconds(void)
{
#ifdef CLUSTER_TEST
    const char *seconds = getenv("CLUSTER_TEST_S3_STALL_SECONDS");
    if (seconds)
        return strtol(seconds, NULL, 10);
#endif
    return 15;
}

static void set_up_transfer(struct s3_client *client, struct s3_flight *flight)
{
    const struct s3_request *request = flight->request;
    SET(CURLOPT_URL, flight->url);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_PRIVATE, (void *)flight);
    SET(CURLOPT_HTTPHEADER, flight->headers);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, 5L);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(CURLOPT_LOW_SPEED_TIME, stall_seconds());
    SET(CURLOPT_USERAGENT, "cluster/" CLUSTER_VERSION);
    SET(CURLOPT_VERBOSE, 1L);
    SET(CURLOPT_DEBUGFUNCTION, on_debug);
    SET(CURLOPT_DEBUGDATA, (void *)flight);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, (void *)flight);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, (void *)flight);
    if (client->config.ca_bundle)
        SET(CURLOPT_CAINFO, client->config.ca_bundle);
    bool body = strcmp(request->method, "PUT") == 0 || strcmp(request->method, "POST") == 0;
    if (body) {
        SET(CURLOPT_UPLOAD, 1L);
        SET(CURLOPT_READFUNCTION, send_body);
        SET(CURLOPT_READDATA, (void *)flight);
        SET(CURLOPT_SEEKFUNCTION, seek_body);
        SET(CURLOPT_SEEKDATA, (void *)flight);
        SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->len);
    } else if (strcmp(request->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, request->method);
}

void s3_flight_start(struct s3_client *client, struct s3_flight *flight)
{
    struct s3_request *request = flight->request;
    flight->curl = &client->curl;
    request->attempts++;
    request->status = 0;
    request->etag[0] = '\0';
    request->date = request->last_modified = 0;
    buf_clear(&request->body);
    (void)rewind_sink(request); /* if it fails, so does the write */
    flight->sent = 0;
    flight->sendings = 0;
    flight->retry_after = -1;
    flight->started = s3_now_ms();
    flight->state = FLIGHT_FLYING;
    if (!flight->easy)
        flight->easy = client->curl.easy_init();
    else
        client->curl.easy_reset(flight->easy);
    if (!flight->easy)
        die_out_of_memory();
    free(flight->url);
    flight->url = request_url(client, request);
    sign(client, flight);
    set_up_transfer(client, flight);
    if (client->curl.multi_add_handle(client->multi, flight->easy) != CURLM_OK)
        die_out_of_memory();
}

void s3_flight_clear(struct s3_client *client, struct s3_flight *flight)
{
    if (flight->easy)
        client->curl.easy_cleanup(flight->easy);
    client->curl.slist_free_all(flight->headers);
    free(flight->url);
    *flight = (struct s3_flight){0};
}
