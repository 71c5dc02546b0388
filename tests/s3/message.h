/*
 * message.h - an HTTP/1.1 message on a socket, whole in memory: read, sent, looked into. For the
 * fault proxy; what it reads comes from our own client and a real server.
 */
#ifndef CLUSTER_TEST_MESSAGE_H
#define CLUSTER_TEST_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

enum { HEAD_MAX = 65536 };

struct message {
    char head[HEAD_MAX];
    size_t head_len;
    char *body;
    size_t body_len;
};

bool send_all(int fd, const void *data, size_t len);

/* The value of a header in a head, copied into out; false if there is none. */
bool header(const char *head, const char *name, char *out, size_t size);

/* The first line and the headers; false when the connection ended before their end. */
bool read_head(int fd, struct message *m);

/* The body that the head announces, unchunked, into m->body: the caller frees it. */
bool read_body(int fd, struct message *m, bool has_body);

/* Sends an answer on; of its body only `limit` bytes when limit >= 0. True if all of it went. */
bool send_reply(int client, const struct message *reply, bool head_only, long limit);

#endif
