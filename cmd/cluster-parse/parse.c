#include "parse.h"

#include "check.h"

#include "common/driver.h"
#include "common/io.h"
#include "common/printable.h"
#include "common/storage_root.h"
#include "common/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* dir/cluster.yaml, to be freed. */
static char *config_file_path(const char *dir)
{
    size_t len = strlen(dir);
    return xasprintf("%s%s" CONFIG_FILE, dir, len > 0 && dir[len - 1] == '/' ? "" : "/");
}

/* The real path of the directory, or NULL (reported). To be freed. */
static char *find_directory(const char *dir, struct diags *diags)
{
    struct stat st;
    char *real = NULL;
    int cause = 0;
    if (stat(dir, &st) != 0)
        cause = errno;
    else if (!S_ISDIR(st.st_mode))
        cause = ENOTDIR;
    else if (!(real = realpath(dir, NULL)))
        cause = errno;
    if (real)
        return real;
    char *shown = printable(dir);
    diags_error(diags, "config_dir_not_found", dir,
                "there is no configuration directory '%s': %s; name the directory that holds "
                "cluster.yaml",
                shown, strerror(cause));
    free(shown);
    return NULL;
}

static bool read_config(const char *file, struct config *config, struct diags *diags)
{
    struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    bool ok = io_read_file(file, IO_MAX_SOURCE, &text, &err);
    if (ok)
        config_read(buf_text(&text), text.len, config, diags);
    else
        diags_error(diags, "cluster_config_read_error", CONFIG_FILE, "%s", error_text(&err));
    error_clear(&err);
    buf_free(&text);
    return ok;
}

/* Fills the section store; false (reported) if the storage location is no good. */
static bool set_store(const struct config *config, const char *directory, struct doc *doc,
                      struct diags *diags)
{
    struct storage_root root;
    struct error err = ERROR_INIT;
    const struct yaml_node *storage = config->storage;
    bool ok = storage_root_resolve(storage ? storage->text : directory, directory, &root, &err);
    if (ok) {
        jv store = jv_object();
        json_set_string(&store, "root", root.root);
        json_set_string(&store, "display", root.display);
        doc_set(doc, "store", store);
    } else {
        config_error(diags, err.code, storage ? storage->line : 1, storage ? storage->column : 1,
                     "storage", "%s", error_text(&err));
    }
    error_clear(&err);
    storage_root_clear(&root);
    return ok;
}

static const char *driver_name(const struct config *config)
{
    if (config->driver)
        return config->driver->text;
    const char *name = getenv("CLUSTER_DRIVER");
    return name && *name ? name : "sqlite";
}

static void check_driver(const struct config *config, struct diags *diags)
{
    const char *name = driver_name(config);
    char *path = driver_find(name);
    char *shown = printable(name);
    bool embedded = strcmp(name, "sqlite") == 0;
    char *message = xasprintf("the graph driver '%s' is not installed: there is no program "
                              "cluster-graph%s%s beside this one or in PATH",
                              shown, embedded ? "" : "-", embedded ? "" : shown);
    if (!path && config->driver)
        config_error(diags, "unknown_driver", config->driver->line, config->driver->column,
                     "driver", "%s", message);
    else if (!path)
        diags_error(diags, "unknown_driver", "driver", "%s%s", message,
                    embedded ? "" : " ($CLUSTER_DRIVER names it)");
    free(message);
    free(shown);
    free(path);
}

/* Over the canonical configuration and what covers the resources (cluster-run(5)). */
static struct digest config_digest(const struct config *config, const struct buf *covered)
{
    struct buf text = BUF_INIT;
    jv json = config_to_json(config);
    json_write_canonical(&json, &text);
    buf_append(&text, buf_text(covered), covered->len);
    struct digest digest = digest_of(text.data, text.len);
    jv_free(json);
    buf_free(&text);
    return digest;
}

/* Reads what the configuration names; *digest is only meaningful if no error was reported. */
static struct digest check_everything(const struct config *config, const char *directory,
                                      struct doc *doc, struct diags *diags)
{
    struct check check = {.config = config, .diags = diags};
    struct buf covered = BUF_INIT;
    sources_init(&check.sources, directory);
    resources_init(&check.resources);
    check_driver(config, diags);
    check_graphs(&check);
    check_policies(&check);
    resources_into(&check.resources, doc, &covered);
    struct digest digest = config_digest(config, &covered);
    buf_free(&covered);
    resources_clear(&check.resources);
    sources_clear(&check.sources);
    return digest;
}

static jv config_section(const char *dir, const char *file, const struct config *config,
                         bool storage_is_sound)
{
    jv section = jv_object();
    json_set_string(&section, "dir", dir);
    json_set_string(&section, "file", file);
    json_set_string(&section, "name", config->name);
    json_set_bool(&section, "lock", config->lock);
    /* One that was refused may hold a secret, and the document holds none. */
    json_set_string(&section, "storage",
                    config->storage && storage_is_sound ? config->storage->text : NULL);
    json_set_string(&section, "driver", driver_name(config));
    return section;
}

void parse_directory(const char *dir, bool header_only, struct doc *doc)
{
    struct diags diags;
    struct config config = {.lock = true};
    char *file = config_file_path(dir);
    diags_init(&diags);
    char *directory = find_directory(dir, &diags);
    bool read = directory && read_config(file, &config, &diags);
    bool stored = read && set_store(&config, directory, doc, &diags);
    jv section = config_section(dir, file, &config, stored);
    if (read && !header_only) {
        struct digest digest = check_everything(&config, directory, doc, &diags);
        if (diags.errors == 0)
            json_set_string(&section, "digest", digest.hex);
    }
    doc_set(doc, "config", section);
    if (diags.errors > 0)
        doc_halt(doc);
    doc_add_diags(doc, &diags);
    diags_free(&diags);
    config_clear(&config);
    free(directory);
    free(file);
}
