/* cluster-store - look into a store, on a disk or in a bucket, and copy a cluster to another. */
#include "common/io.h"
#include "common/program.h"
#include "common/storage_root.h"
#include "common/xalloc.h"
#include "store_tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: cluster-store ls STORE [FOLDER/]\n"
    "       cluster-store cat STORE NAME\n"
    "       cluster-store put STORE NAME < content\n"
    "       cluster-store rm STORE NAME | FOLDER/\n"
    "       cluster-store cp STORE STORE\n"
    "\n"
    "Looks into a store and copies a cluster from one to another. STORE is a path, file:///path "
    "or\n"
    "s3://bucket/prefix; names are relative to it. cp copies ledger, catalog and approvals, the\n"
    "ledger last; not the graphs, and nothing over a ledger that is there.\n"
    "\n"
    "      --help            show this text\n"
    "      --version         show the version\n"
    "\n"
    "Exit status: 0 done, 1 an error, 64 usage.\n";

/* NULL if it cannot be; said on stderr. */
static struct store *open_store(const char *location)
{
    struct error err = ERROR_INIT;
    struct storage_root root;
    struct store *store = NULL;
    char *here = getcwd(NULL, 0);
    if (!storage_root_resolve(location, here ? here : "/", &root, &err) ||
        store_open(root.root, &store, &err) != STORE_OK) {
        (void)program_fail("%s", error_text(&err));
        store = NULL;
    }
    storage_root_clear(&root);
    free(here);
    error_clear(&err);
    return store;
}

static bool list(struct store *store, const char *folder, struct error *err)
{
    struct store_names names;
    struct buf out = BUF_INIT;
    if (store_list(store, folder, &names, err) != STORE_OK)
        return false;
    for (size_t i = 0; i < names.n; i++)
        buf_printf(&out, "%s\n", names.names[i]);
    bool ok = io_write_all(STDOUT_FILENO, buf_text(&out), out.len, err);
    buf_free(&out);
    store_names_free(&names);
    return ok;
}

static bool print(struct store *store, const char *name, struct error *err)
{
    struct buf content = BUF_INIT;
    bool ok = store_get(store, name, &content, NULL, err) == STORE_OK &&
              io_write_all(STDOUT_FILENO, buf_text(&content), content.len, err);
    buf_free(&content);
    return ok;
}

static bool put(struct store *store, const char *name, struct error *err)
{
    struct buf content = BUF_INIT;
    bool ok = io_read_all(STDIN_FILENO, IO_MAX_DOCUMENT, &content, err) &&
              store_put(store, name, buf_text(&content), content.len, err) == STORE_OK;
    buf_free(&content);
    return ok;
}

static bool remove_named(struct store *store, const char *name, struct error *err)
{
    size_t len = strlen(name);
    enum store_status status = len > 0 && name[len - 1] == '/'
                                   ? store_delete_prefix(store, name, err)
                                   : store_delete(store, name, err);
    return status == STORE_OK;
}

static bool copy(struct store *from, const char *location, struct error *err)
{
    size_t copied = 0;
    struct store *to = open_store(location);
    bool ok = to && store_copy(from, to, &copied, err);
    if (ok)
        printf("%zu objects copied\n", copied);
    store_close(to);
    return ok;
}

int main(int argc, char **argv)
{
    const struct option_spec options[] = {{0}};
    int at = program_start("cluster-store", usage, options, argc, argv);
    int operands = argc - at;
    const char *command = operands > 0 ? argv[at] : "";
    const char *location = operands > 1 ? argv[at + 1] : "";
    const char *name = operands > 2 ? argv[at + 2] : "";
    bool is_list = strcmp(command, "ls") == 0;
    static const char *const with_name[] = {"cat", "put", "rm", "cp"};
    bool named = false;
    for (size_t i = 0; i < 4; i++)
        named |= strcmp(command, with_name[i]) == 0;
    if (!(is_list && (operands == 2 || operands == 3)) && !(named && operands == 3))
        return program_usage_error("expected ls, cat, put, rm or cp, and what it takes");

    struct error err = ERROR_INIT;
    struct store *store = open_store(location);
    if (!store)
        return EXIT_ERROR;
    bool ok = is_list                       ? list(store, name, &err)
              : strcmp(command, "cat") == 0 ? print(store, name, &err)
              : strcmp(command, "put") == 0 ? put(store, name, &err)
              : strcmp(command, "rm") == 0  ? remove_named(store, name, &err)
                                            : copy(store, name, &err);
    if (!ok && err.message)
        (void)program_fail("%s", error_text(&err));
    error_clear(&err);
    store_close(store);
    return ok ? EXIT_DONE : EXIT_ERROR;
}
