/*
 * arena.h - memory that is freed all at once: a syntax tree and its texts.
 *
 * `struct arena a = ARENA_INIT;`, allocate, arena_free(). Nothing in an arena is freed alone, so
 * what an arena holds may point at each other freely. Allocation cannot fail (xalloc.h).
 */
#ifndef CLUSTER_LANG_ARENA_H
#define CLUSTER_LANG_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used, size;          /* of the newest block */
};

#define ARENA_INIT \
    {              \
        NULL, 0, 0 \
    }

/* Zeroed, aligned for any type. A size of 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);
/* Room for count elements; a product that overflows ends the program. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* A copy with a NUL after it. */
char *arena_strndup(struct arena *arena, const char *text, size_t len);
/* A copy of an array that was grown elsewhere (xgrow); NULL when count is 0. */
void *arena_copy(struct arena *arena, const void *array, size_t count, size_t size);
void arena_free(struct arena *arena);

#endif
