/*
 * The engine: a window of flights over one multi handle. A flight is one request under way, with
 * the attempts it takes; between two attempts it waits off the handle until it is due.
 */
#include "store/s3/s3_http.h"

#include "common/xalloc.h"
#include "store/s3/curl_api.h"
#include "store/s3/s3_flight.h"

#include <stdlib.h>
#include <string.h>

struct s3_client *s3_client_open(const char *root, struct error *err)
{
    struct s3_client *client = xcalloc(1, sizeof *client);
    const char *trace = getenv("CLUSTER_TRACE");
    client->trace = trace && strcmp(trace, "1") == 0;
    if (!s3_config_load(root, &client->config, err)) {
        free(client);
        return NULL;
    }
    if (!curl_api_load(&client->curl, err)) {
        s3_client_close(client);
        return NULL;
    }
    client->multi = client->curl.multi_init();
    if (!client->multi)
        die_out_of_memory();
    client->curl.multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, client->config.concurrency);
    client->curl.multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                              client->config.concurrency);
    return client;
}

void s3_client_close(struct s3_client *client)
{
    if (!client)
        return;
    if (client->multi)
        client->curl.multi_cleanup(client->multi);
    s3_config_clear(&client->config);
    free(client);
}

const struct s3_config *s3_client_config(const struct s3_client *client)
{
    return &client->config;
}

/* How long the loop may sleep: until the first waiting flight is due. */
static int until_due(const struct s3_flight *flights, size_t n, int64_t now)
{
    int64_t wait = 1000;
    for (size_t i = 0; i < n; i++)
        if (flights[i].request && flights[i].state == FLIGHT_WAITING && flights[i].due - now < wait)
            wait = flights[i].due > now ? flights[i].due - now : 0;
    return (int)wait;
}

/* Ends the transfers that are through. Returns how many flights have landed for good. */
static size_t collect(struct s3_client *client)
{
    size_t landed = 0;
    int left;
    CURLMsg *message;
    while ((message = client->curl.multi_info_read(client->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result; /* gone once the handle is removed */
        struct s3_flight *flight = NULL;
        client->curl.easy_getinfo(easy, CURLINFO_PRIVATE, &flight);
        client->curl.multi_remove_handle(client->multi, easy);
        s3_flight_ended(client, flight, code);
        landed += flight->state == FLIGHT_LANDED;
    }
    return landed;
}

/* Starts what is due and gives every free place in the window to the next request. */
static void depart(struct s3_client *client, struct s3_flight *window, size_t size,
                   struct s3_request *requests, size_t n, size_t *next)
{
    int64_t now = s3_now_ms();
    for (size_t i = 0; i < size; i++) {
        struct s3_flight *flight = &window[i];
        if (flight->state == FLIGHT_LANDED && flight->request)
            s3_flight_clear(client, flight);
        if (!flight->request && *next < n)
            s3_flight_init(flight, &requests[(*next)++]);
        if (flight->request && flight->state == FLIGHT_WAITING && flight->due <= now)
            s3_flight_start(client, flight);
    }
}

void s3_perform(struct s3_client *client, struct s3_request *requests, size_t n)
{
    size_t size = n < (size_t)client->config.concurrency ? n : (size_t)client->config.concurrency;
    struct s3_flight *window = xcalloc(size, sizeof *window);
    size_t next = 0, landed = 0;
    while (landed < n) {
        depart(client, window, size, requests, n, &next);
        int running = 0;
        client->curl.multi_perform(client->multi, &running);
        size_t now_landed = collect(client);
        landed += now_landed;
        if (landed < n && now_landed == 0)
            client->curl.multi_poll(client->multi, NULL, 0, until_due(window, size, s3_now_ms()),
                                    NULL);
    }
    for (size_t i = 0; i < size; i++)
        s3_flight_clear(client, &window[i]);
    free(window);
}

void s3_request_clear(struct s3_request *request)
{
    buf_free(&request->body);
    error_clear(&request->err);
}
