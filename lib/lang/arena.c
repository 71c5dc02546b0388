#include "lang/arena.h"

#include "common/xalloc.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16 * 1024 };

struct arena_block {
    struct arena_block *next;
    alignas(max_align_t) char data[];
};

static struct arena_block *add_block(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct arena_block))
        die_out_of_memory();
    struct arena_block *block = xmalloc(sizeof *block + size);
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

/* Puts a block below the newest one, so that the newest keeps being filled. */
static void sink(struct arena *arena)
{
    struct arena_block *block = arena->blocks, *newest = block->next;
    if (!newest)
        return;
    block->next = newest->next;
    newest->next = block;
    arena->blocks = newest;
}

static void *take(struct arena *arena, size_t size, size_t align)
{
    if (size > BLOCK_SIZE / 4) { /* a block of its own */
        void *data = add_block(arena, size)->data;
        memset(data, 0, size);
        sink(arena);
        return data;
    }
    size_t start = (arena->used + align - 1) / align * align;
    if (start > arena->size || size > arena->size - start) {
        (void)add_block(arena, BLOCK_SIZE); /* it is arena->blocks now */
        arena->size = BLOCK_SIZE;
        start = 0;
    }
    void *at = arena->blocks->data + start;
    arena->used = start + size;
    memset(at, 0, size);
    return at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return take(arena, size ? size : 1, alignof(max_align_t));
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        die_out_of_memory();
    return arena_alloc(arena, count * size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    if (len == SIZE_MAX)
        die_out_of_memory();
    char *copy = take(arena, len + 1, 1);
    if (len)
        memcpy(copy, text, len);
    return copy;
}

void *arena_copy(struct arena *arena, const void *array, size_t count, size_t size)
{
    if (count == 0)
        return NULL;
    void *copy = arena_array(arena, count, size);
    memcpy(copy, array, count * size);
    return copy;
}

void arena_free(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
    *arena = (struct arena)ARENA_INIT;
}
