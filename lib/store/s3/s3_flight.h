/*
 * s3_flight.h - one request under way: an attempt set up, its answer taken in, the verdict on it.
 * Used by s3_http.c alone.
 */
#ifndef CLUSTER_S3_FLIGHT_H
#define CLUSTER_S3_FLIGHT_H

#include "store/s3/curl_api.h"
#include "store/s3/s3_http.h"

struct s3_client {
    struct s3_config config;
    struct curl_api curl;
    CURLM *multi;
    int64_t skew; /* seconds to add to our clock, once the server has said that it is wrong */
    bool trace;
};

enum s3_flight_state { FLIGHT_WAITING, FLIGHT_FLYING, FLIGHT_LANDED };

struct s3_flight {
    struct s3_request *request; /* NULL: a free place */
    enum s3_flight_state state;
    CURL *easy;
    struct curl_slist *headers;
    char *url;
    int64_t first;    /* when the first attempt started, ms */
    int64_t started;  /* this attempt */
    int64_t due;      /* when a waiting flight may start */
    size_t sent;      /* of the body, in this attempt */
    int sendings;     /* how often curl has sent the request in this attempt */
    long retry_after; /* seconds the server asked for, -1 if it did not */
    bool skew_retried;
    bool read_failed; /* the file of the body could not be read */
    const struct curl_api *curl;
};

int64_t s3_now_ms(void); /* monotonic */
void s3_flight_init(struct s3_flight *flight, struct s3_request *request);
/* Signs and starts an attempt. */
void s3_flight_start(struct s3_client *client, struct s3_flight *flight);
/* Takes the end of an attempt: the flight has landed after it, or waits for the next. */
void s3_flight_ended(struct s3_client *client, struct s3_flight *flight, CURLcode code);
void s3_flight_clear(struct s3_client *client, struct s3_flight *flight);

#endif
