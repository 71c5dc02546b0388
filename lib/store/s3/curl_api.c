#include "store/s3/curl_api.h"

#include <dlfcn.h>
#include <string.h>

static bool look_up(void *library, const char *name, void *function, struct error *err)
{
    void *symbol = dlsym(library, name);
    if (!symbol)
        return error_set(err, NULL, "libcurl has no %s: it is too old", name);
    memcpy(function, &symbol,
           sizeof symbol); /* POSIX: a data pointer from dlsym fits a function's */
    return true;
}

bool curl_api_load(struct curl_api *api, struct error *err)
{
    api->library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!api->library)
        return error_set(err, NULL, "a bucket needs libcurl, which cannot be loaded: %s",
                         dlerror());
#define CURL_LOOK_UP(name)                                      \
    if (!look_up(api->library, "curl_" #name, &api->name, err)) \
        return false;
    CURL_API(CURL_LOOK_UP)
#undef CURL_LOOK_UP
    if (api->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return error_set(err, NULL, "libcurl cannot be initialized");
    return true;
}
