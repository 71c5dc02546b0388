#include "place.h"

#include "common/io.h"
#include "common/xalloc.h"
#include "model.h"
#include "promises.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What the copy and the bucket last were, for mirror. */
#define SHADOW "../shadow"

/* How often to look whether the server is done, and how long. */
enum { LOOK_NS = 1000000, LOOKS = 10000 };

/* States of /proc/net/tcp, as include/net/tcp_states.h in Linux numbers them. */
enum { FIN_WAIT1 = 4, FIN_WAIT2 = 5 };

/* The port of the server. */
static unsigned int server_port(void)
{
    const char *url = getenv("AWS_ENDPOINT_URL_S3");
    if (!url || !*url)
        url = getenv("AWS_ENDPOINT_URL");
    const char *host = url ? strstr(url, "://") : NULL;
    if (!host)
        return 443;
    host += 3;
    const char *colon = strrchr(host, ':');
    if (colon && colon[1] >= '0' && colon[1] <= '9')
        return (unsigned int)strtoul(colon + 1, NULL, 10);
    return strncmp(url, "http://", 7) == 0 ? 80 : 443;
}

static bool has_closing(const char *table, unsigned int server)
{
    struct buf text = BUF_INIT;
    bool found = false;
    int fd = open(table, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)io_read_all(fd, IO_MAX_DOCUMENT, &text, NULL); /* not to be read: nothing is found */
        (void)close(fd);
    }
    char *rest = NULL;
    for (char *line = text.len ? strtok_r(text.data, "\n", &rest) : NULL; line && !found;
         line = strtok_r(NULL, "\n", &rest)) {
        unsigned int port, state;
        if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%*x %*[0-9A-Fa-f]:%x %x", &port, &state) == 2)
            found = port == server && (state == FIN_WAIT1 || state == FIN_WAIT2);
    }
    buf_free(&text);
    return found;
}

/*
 * A process that was killed may have sent a request that the server has not carried out yet. Its
 * connection then waits for the server's end, which comes when the request is done. An operator
 * comes later than that; so does whoever looks here.
 */
static void wait_for_server(void)
{
    unsigned int port = server_port();
    for (int i = 0; i < LOOKS; i++) {
        if (!has_closing("/proc/net/tcp", port) && !has_closing("/proc/net/tcp6", port))
            return;
        (void)nanosleep(&(struct timespec){0, LOOK_NS}, NULL);
    }
}

static bool mirror(const struct place *place, const char *direction)
{
    const char *const argv[] = {"mirror", direction, place->root, ".", SHADOW, NULL};
    return tool_run(argv, "", 0, NULL) == 0;
}

void place_look(const struct place *place, struct buf *faults)
{
    if (!place->root)
        return;
    wait_for_server();
    if (!mirror(place, "pull"))
        fault(faults, "what %s holds cannot be read", place->root);
}

bool place_send(const struct place *place)
{
    return !place->root || mirror(place, "push");
}

char *place_graphs(const struct place *place)
{
    return place->root ? xasprintf("%s/graphs", place->root) : xstrdup("graphs");
}
