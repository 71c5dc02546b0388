#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

bool send_all(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool header(const char *head, const char *name, char *out, size_t size)
{
    size_t len = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line && line[2];
         line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':') {
            const char *value = line + 3 + len + strspn(line + 3 + len, " ");
            snprintf(out, size, "%.*s", (int)strcspn(value, "\r"), value);
            return true;
        }
    }
    return false;
}

/* Byte by byte up to the empty line: simple, and quick enough for tests. */
bool read_head(int fd, struct message *m)
{
    m->head_len = 0;
    while (m->head_len < HEAD_MAX - 1) {
        ssize_t n = recv(fd, m->head + m->head_len, 1, 0);
        if (n <= 0)
            return false;
        m->head[++m->head_len] = '\0';
        if (m->head_len >= 4 && memcmp(m->head + m->head_len - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
    return false;
}

static bool read_exactly(int fd, char *to, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = recv(fd, to + done, len - done, 0);
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static bool read_chunks(int fd, struct message *m)
{
    for (;;) {
        char size_line[32];
        size_t at = 0;
        while (at < sizeof size_line - 1 && recv(fd, size_line + at, 1, 0) == 1 &&
               size_line[at++] != '\n')
            continue;
        size_line[at] = '\0';
        size_t size = strtoul(size_line, NULL, 16);
        m->body = realloc(m->body, m->body_len + size + 2);
        if (!m->body || !read_exactly(fd, m->body + m->body_len, size + 2))
            return false;
        if (size == 0)
            return true;
        m->body_len += size;
    }
}

bool read_body(int fd, struct message *m, bool has_body)
{
    char value[64];
    m->body = NULL;
    m->body_len = 0;
    if (!has_body)
        return true;
    if (header(m->head, "transfer-encoding", value, sizeof value))
        return read_chunks(fd, m);
    if (!header(m->head, "content-length", value, sizeof value))
        return true;
    m->body_len = strtoul(value, NULL, 10);
    m->body = malloc(m->body_len + 1);
    return m->body && read_exactly(fd, m->body, m->body_len);
}

bool send_reply(int client, const struct message *reply, bool head_only, long limit)
{
    /* The body was unchunked on the way: the head is written anew with its length. */
    char out[HEAD_MAX + 128];
    size_t len = 0;
    const char *line = reply->head;
    while (*line && strncmp(line, "\r\n", 2) != 0) {
        size_t n = strcspn(line, "\n") + 1;
        bool length = strncasecmp(line, "transfer-encoding:", 18) == 0 ||
                      (!head_only && strncasecmp(line, "content-length:", 15) == 0) ||
                      strncasecmp(line, "connection:", 11) == 0;
        if (!length && len + n < HEAD_MAX) {
            memcpy(out + len, line, n);
            len += n;
        }
        line += n;
    }
    if (!head_only)
        len += (size_t)snprintf(out + len, sizeof out - len, "Content-Length: %zu\r\n",
                                reply->body_len);
    len += (size_t)snprintf(out + len, sizeof out - len, "\r\n");
    bool whole = limit < 0 || (size_t)limit >= reply->body_len;
    return send_all(client, out, len) &&
           (head_only || send_all(client, reply->body, whole ? reply->body_len : (size_t)limit)) &&
           whole;
}
