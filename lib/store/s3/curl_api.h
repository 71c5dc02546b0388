/*
 * curl_api.h - libcurl, loaded when the first bucket is used.
 *
 * Loading libcurl costs a process about 5 ms; a cluster on a disk must not pay for it. So nothing
 * links libcurl: the functions used are looked up once with dlopen(3) and called through this
 * table. Types and constants come from <curl/curl.h>.
 */
#ifndef CLUSTER_CURL_API_H
#define CLUSTER_CURL_API_H

#include "common/error.h"

#include <curl/curl.h>
#include <stdbool.h>

#define CURL_API(X)        \
    X(global_init)         \
    X(easy_init)           \
    X(easy_setopt)         \
    X(easy_getinfo)        \
    X(easy_reset)          \
    X(easy_cleanup)        \
    X(easy_strerror)       \
    X(slist_append)        \
    X(slist_free_all)      \
    X(getdate)             \
    X(multi_init)          \
    X(multi_setopt)        \
    X(multi_add_handle)    \
    X(multi_remove_handle) \
    X(multi_perform)       \
    X(multi_poll)          \
    X(multi_info_read)     \
    X(multi_cleanup)

/* easy_setopt and the like are macros that check types in <curl/curl.h>; the functions behind them
 * are meant here. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

struct curl_api {
    void *library;
#define CURL_MEMBER(name) __typeof__(curl_##name) *name;
    CURL_API(CURL_MEMBER)
#undef CURL_MEMBER
};

/* False with err set if libcurl.so.4 is not there or too old. Loaded once a process, never
 * unloaded. */
bool curl_api_load(struct curl_api *api, struct error *err);

#endif
