#include "command.h"

#include "common/io.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(*list, word) == 0)
            return true;
    return false;
}

/* --config DIR, or the operand of cluster-parse. */
static const char *config_dir(const struct command *command)
{
    const char *dir = ".";
    bool parse = strcmp(command->tool, "cluster-parse") == 0;
    for (char **word = command->argv + 1; *word; word++) {
        if (strcmp(*word, "--config") == 0 && word[1])
            dir = *++word;
        else if (strncmp(*word, "--config=", 9) == 0)
            dir = *word + 9;
        else if (parse && **word != '-')
            dir = *word;
    }
    return dir;
}

/* --store PATH of a snapshot, which becomes the URI. */
static void from_store_option(struct command *command)
{
    for (char **word = command->argv + 1; *word && !command->place.path; word++) {
        bool joined = strncmp(*word, "--store=", 8) == 0;
        if (!joined && (strcmp(*word, "--store") != 0 || !word[1]))
            continue;
        command->place.path = place_absolute(joined ? *word + 8 : word[1]);
        if (!command->place.path)
            return;
        char *uri = place_uri(command->place.path);
        word[joined ? 0 : 1] = joined ? xasprintf("--store=%s", uri) : xstrdup(uri);
        free(uri);
    }
}

static void from_configuration(struct command *command)
{
    if (strcmp(command->tool, "cluster-parse") != 0)
        from_store_option(command);
    if (!command->place.path)
        command->place = place_of_cluster(config_dir(command));
}

static void from_root(struct command *command)
{
    if (!command->argv[1] || !command->argv[2] || command->argv[2][0] == '-')
        return;
    command->place = (struct place){place_absolute(command->argv[2]), true};
    if (command->place.path)
        command->argv[2] = place_uri(command->place.path);
}

/* All of standard input, to be read again by the program: from a file as it is, else from a copy.
 */
static bool read_twice(struct command *command, struct buf *document)
{
    off_t start = lseek(STDIN_FILENO, 0, SEEK_CUR);
    if (!io_read_all(STDIN_FILENO, IO_MAX_DOCUMENT, document, NULL))
        return false;
    if (start >= 0)
        return lseek(STDIN_FILENO, start, SEEK_SET) == start;
    command->document = memfd_create("document", MFD_CLOEXEC);
    return command->document >= 0 &&
           io_write_all(command->document, buf_text(document), document->len, NULL) &&
           lseek(command->document, 0, SEEK_SET) == 0;
}

static void from_document(struct command *command)
{
    const char *const asking[] = {"--help", "-h", "--version", NULL};
    for (char **word = command->argv + 1; *word; word++)
        if (is_one_of(*word, asking))
            return;
    struct buf document = BUF_INIT;
    if (!isatty(STDIN_FILENO) && read_twice(command, &document))
        command->place = place_of_document(&document);
    buf_free(&document);
}

void command_find_place(struct command *command, bool outermost)
{
    const char *const configured[] = {"cluster", "cluster-parse", "cluster-snapshot", NULL};
    const char *const stages[] = {"cluster-approve", "cluster-exec",  "cluster-lock",
                                  "cluster-observe", "cluster-sweep", NULL};
    if (strcmp(command->tool, "cluster-graph") == 0)
        from_root(command);
    else if (outermost && is_one_of(command->tool, configured))
        from_configuration(command);
    else if (outermost && is_one_of(command->tool, stages))
        from_document(command);
}

/* A word of the shell. To be freed. */
static char *quoted(const char *text)
{
    struct buf out = BUF_INIT;
    buf_putc(&out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buf_puts(&out, "'\\''");
        else
            buf_putc(&out, *text);
    }
    buf_putc(&out, '\'');
    return buf_detach(&out);
}

/* The script with a pull before it and a push after. */
static char *wrapped(const struct command *command, const char *self, const char *script)
{
    const char *kind = command->place.is_graph ? "graph" : "cluster";
    char *mirror = quoted(self), *path = quoted(command->place.path);
    char *push = xasprintf("%s push %s %s </dev/null >&2", mirror, kind, path);
    char *at_exit = quoted(push);
    char *text = xasprintf("%s pull %s %s </dev/null >&2\ntrap %s EXIT\n%s\n", mirror, kind, path,
                           at_exit, script);
    free(mirror);
    free(path);
    free(push);
    free(at_exit);
    return text;
}

void command_wrap_shells(struct command *command, const char *self)
{
    const char *failpoints = getenv("CLUSTER_FAILPOINTS");
    const char *exec = failpoints ? strstr(failpoints, "=exec:") : NULL;
    if (exec && strchr(exec, '/')) {
        exec += strlen("=exec:");
        char *script = wrapped(command, self, exec);
        char *value = xasprintf("%.*s%s", (int)(exec - failpoints), failpoints, script);
        setenv("CLUSTER_FAILPOINTS", value, 1);
        free(value);
        free(script);
    }
    for (char **word = command->argv; strcmp(command->tool, "cluster-lock") == 0 && *word; word++)
        if (strcmp(*word, "--") == 0 && word[1] && strchr(word[1], '/')) {
            word[1] = wrapped(command, self, word[1]);
            break;
        }
}
