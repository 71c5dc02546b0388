/*
 * yajl_memory.h - what yajl allocates with: it does not look whether it got memory, so this ends
 * the program rather than give it none (common/xalloc.h).
 */
#ifndef CLUSTER_YAJL_MEMORY_H
#define CLUSTER_YAJL_MEMORY_H

#include <yajl/yajl_common.h>

yajl_alloc_funcs yajl_memory(void);

#endif
