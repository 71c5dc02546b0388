/* disk.c - what is durable, what is pending, and what an outcome makes of both. */
#include "disk.h"

#include "common/xalloc.h"
#include "node.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node *node_find(const struct disk *disk, uint64_t inode)
{
    for (size_t i = disk->n; i > 0; i--)
        if (disk->nodes[i - 1]->inode == inode)
            return disk->nodes[i - 1];
    return NULL;
}

struct node *node_add(struct disk *disk, uint64_t inode, bool directory)
{
    struct node *node = xcalloc(1, sizeof *node);
    node->inode = inode;
    node->directory = directory;
    disk->nodes = xgrow(disk->nodes, disk->n, &disk->cap, sizeof(struct node *));
    disk->nodes[disk->n++] = node;
    return node;
}

bool name_is_rebuilt(const char *name)
{
    size_t len = strlen(name);
    return len > 4 && strcmp(name + len - 4, "-shm") == 0;
}

/* target NULL removes. */
void entries_set(struct entries *entries, const char *name, struct node *target)
{
    for (size_t i = 0; i < entries->n; i++)
        if (strcmp(entries->items[i].name, name) == 0) {
            if (target)
                entries->items[i].target = target;
            else
                entries->items[i] = entries->items[--entries->n];
            return;
        }
    if (!target)
        return;
    entries->items = xgrow(entries->items, entries->n, &entries->cap, sizeof *entries->items);
    entries->items[entries->n++] = (struct entry){name, target};
}

static void resize(struct buf *content, size_t size)
{
    if (size < content->len) {
        content->len = size;
    } else if (size > content->len) {
        size_t more = size - content->len;
        memset(buf_reserve(content, more), 0, more);
        content->len = size;
    }
}

static size_t sectors_of(const struct power_record *head)
{
    return (size_t)((head->offset + head->len - 1) / SECTOR - head->offset / SECTOR + 1);
}

/* Whether a write that came apart left its sector number i. */
static bool sector_is_there(const struct record *record, uint64_t outcome, uint64_t i)
{
    if (outcome == OUTCOME_THERE)
        return true;
    uint64_t which = outcome - OUTCOME_TORN;
    if (sectors_of(&record->head) > MOST_SECTORS_CHOSEN)
        return (random_mix(which ^ (i << 32)) & 1) != 0;
    return ((which >> i) & 1) != 0;
}

static void overwrite(struct buf *content, const struct record *record, uint64_t outcome)
{
    uint64_t start = record->head.offset, at = start, end = at + record->head.len;
    if (content->len < end)
        resize(content, end);
    while (at < end) {
        uint64_t next = (at / SECTOR + 1) * SECTOR;
        if (next > end)
            next = end;
        if (sector_is_there(record, outcome, at / SECTOR - start / SECTOR))
            memcpy(content->data + at, record->data + (at - start), next - at);
        at = next;
    }
}

static void edit(struct buf *content, const struct record *record, uint64_t outcome)
{
    if (outcome == OUTCOME_LOST)
        return;
    if (record->head.op == POWER_TRUNCATE) {
        resize(content, record->head.offset);
    } else if (outcome == OUTCOME_SIZE) {
        size_t end = record->head.offset + record->head.len;
        if (content->len < end)
            resize(content, end);
    } else {
        overwrite(content, record, outcome);
    }
}

static void move(struct entries *entries, const struct pending *p)
{
    const struct record *record = p->record;
    switch (record->head.op) {
    case POWER_RENAME:
        entries_set(entries, record->name, NULL);
        entries_set(entries, record->to, p->target);
        break;
    case POWER_UNLINK:
    case POWER_RMDIR:
        entries_set(entries, record->name, NULL);
        break;
    default:
        entries_set(entries, record->name, p->target);
    }
}

void node_content(const struct node *node, struct buf *out)
{
    buf_append(out, buf_text(&node->content), node->content.len);
    for (size_t i = 0; i < node->n_pending; i++)
        edit(out, node->pending[i].record, node->pending[i].outcome);
}

void node_entries(const struct node *node, struct entries *out)
{
    for (size_t i = 0; i < node->entries.n; i++)
        entries_set(out, node->entries.items[i].name, node->entries.items[i].target);
    for (size_t i = 0; i < node->n_pending; i++)
        if (node->pending[i].outcome != OUTCOME_LOST)
            move(out, &node->pending[i]);
}

static void sync_node(struct node *node)
{
    for (size_t i = 0; i < node->n_pending; i++) {
        if (node->directory)
            move(&node->entries, &node->pending[i]);
        else
            edit(&node->content, node->pending[i].record, OUTCOME_THERE);
    }
    node->n_pending = 0;
}

static struct pending *add_pending(struct node *node, const struct record *record)
{
    node->pending =
        xgrow(node->pending, node->n_pending, &node->cap_pending, sizeof *node->pending);
    struct pending *p = &node->pending[node->n_pending++];
    *p = (struct pending){
        .record = record, .node = node, .outcome = OUTCOME_THERE, .outcomes = 2, .bits = 1};
    return p;
}

static void add_write(struct node *node, const struct record *record)
{
    struct pending *p = add_pending(node, record);
    if (record->head.op != POWER_WRITE || record->head.len == 0)
        return;
    size_t sectors = sectors_of(&record->head);
    bool extends = record->head.offset + record->head.len > node->content.len;
    p->bits = (double)sectors + (extends ? 1 : 0);
    if (sectors > MOST_SECTORS_CHOSEN)
        p->outcomes = UINT64_MAX;
    else if (sectors > 1)
        p->outcomes = OUTCOME_TORN + (1U << sectors);
    else if (extends)
        p->outcomes = OUTCOME_TORN;
}

static bool complain(const struct record *record, const char *what)
{
    fprintf(stderr, "power: record %zu (%s): %s\n", record->number, record->name, what);
    return false;
}

bool disk_apply(struct disk *disk, const struct record *record)
{
    const struct power_record *head = &record->head;
    bool of_entry = head->folder != 0;
    struct node *node = node_find(disk, of_entry ? head->folder : head->inode);
    if (!node || head->op == POWER_STRANGE)
        return complain(record, node ? "a call that has no model" : "an unknown file");
    if (head->op == POWER_RENAME && head->folder != head->to_folder)
        return complain(record, "a rename to another directory has no model");
    if (head->op == POWER_SYNC) {
        if (!record->taken_out)
            sync_node(node);
        return true;
    }
    if (!of_entry || (head->op == POWER_TRUNCATE)) {
        node = node_find(disk, head->inode);
        if (!node)
            return complain(record, "an unknown file");
        if (!node->rebuilt)
            add_write(node, record);
        return true;
    }
    struct pending *p = add_pending(node, record);
    if (head->op == POWER_UNLINK || head->op == POWER_RMDIR)
        return true;
    bool is_new = head->op == POWER_CREATE || head->op == POWER_MKDIR;
    p->target = is_new ? node_add(disk, head->inode, head->op == POWER_MKDIR)
                       : node_find(disk, head->inode);
    if (is_new)
        p->target->rebuilt = name_is_rebuilt(record->name);
    return p->target || complain(record, "an unknown file");
}

char *disk_sync_label(const struct disk *disk, const struct record *record)
{
    const struct node *node = node_find(disk, record->head.inode);
    char *path = disk_path_of(disk, record->head.inode);
    if (!node || !node->directory)
        return path;
    static const char *const verbs[] = {
        [POWER_CREATE] = "create", [POWER_MKDIR] = "mkdir", [POWER_LINK] = "link",
        [POWER_UNLINK] = "unlink", [POWER_RMDIR] = "rmdir", [POWER_RENAME] = "rename"};
    const char *verb = "nothing", *name = "";
    for (size_t i = 0; i < node->n_pending; i++) {
        const struct record *r = node->pending[i].record;
        const char *subject = r->head.op == POWER_RENAME ? r->to : r->name;
        if (strncmp(subject, ".tmp.", 5) != 0) {
            verb = verbs[r->head.op];
            name = subject;
        }
    }
    char *label = xasprintf("%s after %s%s%s", path, verb, *name ? " " : "", name);
    free(path);
    return label;
}

static void mark(struct node *node, int depth)
{
    if (!node || node->reachable || depth > 32) /* no store is so deep */
        return;
    node->reachable = true;
    for (size_t i = 0; i < node->entries.n; i++)
        mark(node->entries.items[i].target, depth + 1);
    for (size_t i = 0; node->directory && i < node->n_pending; i++)
        mark(node->pending[i].target, depth + 1);
}

void disk_pending(const struct disk *disk, struct pending_list *list)
{
    list->n = 0;
    for (size_t i = 0; i < disk->n; i++)
        disk->nodes[i]->reachable = false;
    mark(disk->root, 0);
    for (size_t i = 0; i < disk->n; i++)
        for (size_t k = 0; disk->nodes[i]->reachable && k < disk->nodes[i]->n_pending; k++) {
            list->items = xgrow(list->items, list->n, &list->cap, sizeof(struct pending *));
            list->items[list->n++] = &disk->nodes[i]->pending[k];
        }
}

void disk_free(struct disk *disk)
{
    for (size_t i = 0; i < disk->n; i++) {
        struct node *node = disk->nodes[i];
        buf_free(&node->content);
        free(node->entries.items);
        free(node->pending);
        free(node->own_name);
        free(node);
    }
    free(disk->nodes);
    *disk = (struct disk){0};
}
