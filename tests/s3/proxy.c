/*
 * proxy - a small HTTP/1.1 proxy that injects faults between an S3 client and a real server.
 *
 *     proxy UPSTREAM_PORT RULES LOG        forwards to 127.0.0.1:UPSTREAM_PORT; prints its own port
 *
 * Each request is matched against the file RULES, read anew for every request. A rule is a line
 *
 *     METHOD SUBSTRING WHICH ACTION [ARGUMENT]
 *
 * METHOD and SUBSTRING ("*": any) pick requests by method and by a part of the target; WHICH is the
 * number of the matching request that the rule is for, counted from 1, or "*" for all of them. The
 * first rule that fits acts, "delay" rules besides:
 *
 *     drop-before        the connection is closed, nothing is forwarded
 *     drop-after         the request is forwarded and takes effect; the answer is not
 *     cut N              N bytes of the body are forwarded, then both connections are closed
 *     cut-answer N       forwarded; N bytes of the answer's body are, then the connection is closed
 *     status CODE        answered with CODE here; nothing is forwarded
 *     retry-after S      answered with 503 and Retry-After: S
 *     stall              forwarded; the answer is held back until the client gives up
 *     pass-then-CODE     forwarded and takes effect; the answer is replaced by CODE
 *     skew S             answered with 403 RequestTimeTooSkewed, Date S seconds from now, unless
 *                        x-amz-date is that of such a clock
 *     deny               answered with 403 AccessDenied
 *     expired            answered with 400 ExpiredToken
 *     ignore-conditions  forwarded; an answer of 412 becomes 200, as of a server that does not
 *                        know the header
 *     delay MS           forwarded MS milliseconds later
 *
 * LOG gets a line "METHOD TARGET STATUS ACTION" for every request (STATUS 0: none was given).
 */
#include "message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RULES_MAX = 64, LINE_MAX_LEN = 512 };

struct rule {
    char method[16], part[256], which[16], action[32], argument[64];
};

static struct {
    int upstream_port;
    const char *rules;
    FILE *log;
    pthread_mutex_t mutex;
    char seen_line[RULES_MAX][LINE_MAX_LEN]; /* a rule is known by its text */
    int seen[RULES_MAX];
    int n_seen;
} proxy = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static int connect_upstream(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)proxy.upstream_port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Counts this match of the rule's line; says whether the rule is for it. */
static bool is_its_turn(const char *line, const char *which)
{
    int i = 0;
    while (i < proxy.n_seen && strcmp(proxy.seen_line[i], line) != 0)
        i++;
    if (i == proxy.n_seen) {
        if (i == RULES_MAX)
            return false;
        snprintf(proxy.seen_line[i], LINE_MAX_LEN, "%s", line);
        proxy.n_seen++;
    }
    proxy.seen[i]++;
    return strcmp(which, "*") == 0 || strtol(which, NULL, 10) == proxy.seen[i];
}

/* The rule for a request, and the delay that other rules put on it, in ms. */
static bool find_rule(const char *method, const char *target, struct rule *found, long *delay)
{
    bool any = false;
    *delay = 0;
    pthread_mutex_lock(&proxy.mutex);
    FILE *file = fopen(proxy.rules, "r");
    char line[LINE_MAX_LEN];
    while (file && fgets(line, sizeof line, file)) {
        struct rule rule = {"", "", "", "", ""};
        if (sscanf(line, "%15s %255s %15s %31s %63s", rule.method, rule.part, rule.which,
                   rule.action, rule.argument) < 4)
            continue;
        if ((strcmp(rule.method, "*") != 0 && strcmp(rule.method, method) != 0) ||
            (strcmp(rule.part, "*") != 0 && !strstr(target, rule.part)) ||
            !is_its_turn(line, rule.which))
            continue;
        if (strcmp(rule.action, "delay") == 0) {
            *delay += strtol(rule.argument, NULL, 10);
        } else if (!any) {
            *found = rule;
            any = true;
        }
    }
    if (file)
        fclose(file);
    pthread_mutex_unlock(&proxy.mutex);
    return any;
}

static void sleep_ms(long ms)
{
    struct timespec nap = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&nap, NULL);
}

static void note(const char *method, const char *target, long status, const char *action)
{
    pthread_mutex_lock(&proxy.mutex);
    fprintf(proxy.log, "%s %s %ld %s\n", method, target, status, action);
    fflush(proxy.log);
    pthread_mutex_unlock(&proxy.mutex);
}

static bool answer(int client, long status, const char *code, const char *extra_headers,
                   time_t date)
{
    char body[256], head[512], when[64];
    struct tm utc;
    gmtime_r(&date, &utc);
    strftime(when, sizeof when, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    int body_len = snprintf(body, sizeof body, "<Error><Code>%s</Code></Error>", code);
    int head_len =
        snprintf(head, sizeof head,
                 "HTTP/1.1 %ld Injected\r\nDate: %s\r\n%sContent-Type: application/xml\r\n"
                 "Content-Length: %d\r\n\r\n",
                 status, when, extra_headers, body_len);
    return send_all(client, head, (size_t)head_len) && send_all(client, body, (size_t)body_len);
}

/* Whether the request's x-amz-date is of a clock `skew` seconds off ours (give or take a minute).
 */
static bool has_clock(const struct message *request, long skew)
{
    char stamp[64];
    struct tm utc = {0};
    if (!header(request->head, "x-amz-date", stamp, sizeof stamp) ||
        !strptime(stamp, "%Y%m%dT%H%M%SZ", &utc))
        return false;
    long off = (long)(timegm(&utc) - time(NULL)) - skew;
    return off > -60 && off < 60;
}

/* What the actions that forward nothing answer. */
struct injected {
    long status; /* 0: the connection is closed */
    const char *code;
    char extra[96];
    time_t date;
};

/* True if the rule's action is one of them. */
static bool inject(const struct rule *rule, const struct message *request,
                   struct injected *injected)
{
    long number = strtol(rule->argument, NULL, 10);
    *injected = (struct injected){0, "InternalError", "", time(NULL)};
    if (strcmp(rule->action, "drop-before") == 0)
        return true;
    if (strcmp(rule->action, "status") == 0) {
        injected->status = number;
        if (number == 503)
            injected->code = "SlowDown";
        else if (number == 409)
            injected->code = "ConditionalRequestConflict";
    } else if (strcmp(rule->action, "retry-after") == 0) {
        injected->status = 503;
        injected->code = "SlowDown";
        snprintf(injected->extra, sizeof injected->extra, "Retry-After: %ld\r\n", number);
    } else if (strcmp(rule->action, "deny") == 0) {
        injected->status = 403;
        injected->code = "AccessDenied";
    } else if (strcmp(rule->action, "expired") == 0) {
        injected->status = 400;
        injected->code = "ExpiredToken";
    } else if (strcmp(rule->action, "skew") == 0 && !has_clock(request, number)) {
        injected->status = 403;
        injected->code = "RequestTimeTooSkewed";
        injected->date += number;
    } else {
        return false;
    }
    return true;
}

/* Sends the request on (only `limit` bytes of its body when limit >= 0) and reads the answer. */
static bool forward(const struct message *request, long limit, const char *method,
                    struct message *reply)
{
    int up = connect_upstream();
    if (up < 0)
        return false;
    size_t body =
        limit >= 0 && (size_t)limit < request->body_len ? (size_t)limit : request->body_len;
    bool ok = send_all(up, request->head, request->head_len) && send_all(up, request->body, body) &&
              limit < 0 && read_head(up, reply);
    if (ok) {
        long status = strtol(reply->head + 9, NULL, 10);
        ok = read_body(up, reply, strcmp(method, "HEAD") != 0 && status != 204 && status != 304);
    }
    close(up);
    return ok;
}

static void wait_for_close(int client)
{
    char byte;
    while (recv(client, &byte, 1, 0) > 0)
        continue;
}

/* One request that is forwarded, with what the rule does to it. Returns whether the connection goes
 * on. */
static bool relay(int client, const struct message *request, const char *method, const char *target,
                  const struct rule *rule, struct message *reply)
{
    const char *action = *rule->action ? rule->action : "-";
    long number = strtol(rule->argument, NULL, 10);
    bool answered = forward(request, strcmp(action, "cut") == 0 ? number : -1, method, reply);
    long status = answered ? strtol(reply->head + 9, NULL, 10) : 0;
    bool pretend = strcmp(action, "ignore-conditions") == 0 && status == 412;
    if (pretend)
        status = 200;
    else if (answered && strncmp(action, "pass-then-", 10) == 0)
        status = strtol(action + 10, NULL, 10);
    /* Noted before it is answered: who reads the log after the answer finds it there. */
    note(method, target, status, action);
    if (!answered || strcmp(action, "drop-after") == 0)
        return false;
    if (pretend)
        return answer(client, 200, "", "ETag: \"0\"\r\n", time(NULL));
    if (strncmp(action, "pass-then-", 10) == 0)
        return answer(client, status, "InternalError", "", time(NULL));
    if (strcmp(action, "stall") == 0) {
        wait_for_close(client);
        return false;
    }
    return send_reply(client, reply, strcmp(method, "HEAD") == 0,
                      strcmp(action, "cut-answer") == 0 ? number : -1);
}

static bool serve_one(int client, struct message *request, struct message *reply)
{
    char method[16], target[2048];
    if (!read_head(client, request) || sscanf(request->head, "%15s %2047s", method, target) != 2 ||
        !read_body(client, request, true))
        return false;
    struct rule rule = {"", "", "", "", ""};
    struct injected injected;
    long delay = 0;
    bool keep = false;
    if (!find_rule(method, target, &rule, &delay))
        rule.action[0] = '\0';
    if (delay)
        sleep_ms(delay);
    reply->body = NULL;
    if (*rule.action && inject(&rule, request, &injected)) {
        note(method, target, injected.status, rule.action);
        keep = injected.status != 0 &&
               answer(client, injected.status, injected.code, injected.extra, injected.date);
    } else {
        if (strcmp(rule.action, "skew") == 0)
            rule.action[0] = '\0'; /* content with this clock */
        keep = relay(client, request, method, target, &rule, reply);
    }
    free(request->body);
    free(reply->body);
    return keep;
}

static void *serve(void *data)
{
    int client = (int)(intptr_t)data;
    struct message *request = malloc(sizeof *request), *reply = malloc(sizeof *reply);
    int one = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    while (request && reply && serve_one(client, request, reply))
        continue;
    free(request);
    free(reply);
    close(client);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: proxy UPSTREAM_PORT RULES LOG\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    proxy.upstream_port = (int)strtol(argv[1], NULL, 10);
    proxy.rules = argv[2];
    proxy.log = fopen(argv[3], "w");
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    if (!proxy.log || listener < 0 || bind(listener, (struct sockaddr *)&at, len) != 0 ||
        listen(listener, 256) != 0 || getsockname(listener, (struct sockaddr *)&at, &len) != 0) {
        perror("proxy");
        return 1;
    }
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        pthread_t thread;
        if (client < 0)
            continue;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)client) == 0)
            pthread_detach(thread);
        else
            close(client);
    }
}
