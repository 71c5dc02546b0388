#include "common/yajl_memory.h"

#include "common/xalloc.h"

#include <stdlib.h>

static void *yajl_malloc(void *context, size_t size)
{
    (void)context;
    return xmalloc(size);
}

static void *yajl_realloc(void *context, void *ptr, size_t size)
{
    (void)context;
    return xreallocarray(ptr, size, 1);
}

static void yajl_release(void *context, void *ptr)
{
    (void)context;
    free(ptr);
}

yajl_alloc_funcs yajl_memory(void)
{
    return (yajl_alloc_funcs){yajl_malloc, yajl_realloc, yajl_release, NULL};
}
