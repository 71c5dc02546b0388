#include "common/json_repeat.h"

#include "common/json.h"
#include "common/printable.h"
#include "common/xalloc.h"
#include "common/yajl_memory.h"

#include <stdlib.h>
#include <yajl/yajl_parse.h>

struct search {
    jv *open; /* of each object around: its names so far, as the names of an object */
    size_t depth, cap;
    char *again; /* the name that came twice */
};

enum { GO_ON = 1, STOP = 0 };

static int on_start_map(void *data)
{
    struct search *s = data;
    s->open = xgrow(s->open, s->depth, &s->cap, sizeof *s->open);
    s->open[s->depth++] = jv_object();
    return GO_ON;
}

static int on_end_map(void *data)
{
    struct search *s = data;
    jv_free(s->open[--s->depth]);
    return GO_ON;
}

static int on_key(void *data, const unsigned char *key, size_t len)
{
    struct search *s = data;
    jv *names = &s->open[s->depth - 1], name = jv_string_sized((const char *)key, (int)len);
    if (jv_object_has(jv_copy(*names), jv_copy(name))) {
        s->again = printable(jv_string_value(name));
        jv_free(name);
        return STOP;
    }
    *names = jv_object_set(*names, name, jv_true());
    return GO_ON;
}

char *json_repeated_name(const char *text, size_t len)
{
    static const yajl_callbacks callbacks = {
        .yajl_start_map = on_start_map, .yajl_map_key = on_key, .yajl_end_map = on_end_map};
    struct search s = {NULL, 0, 0, NULL};
    yajl_alloc_funcs memory = yajl_memory();
    yajl_handle handle = yajl_alloc(&callbacks, &memory, &s);
    (void)yajl_parse(handle, (const unsigned char *)text, len); /* s.again says it all */
    yajl_free(handle);
    while (s.depth > 0)
        jv_free(s.open[--s.depth]);
    free(s.open);
    return s.again;
}
