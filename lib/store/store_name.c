#include "common/utf8.h"
#include "store/store_impl.h"

#include <string.h>

enum { MAX_NAME = 1024, MAX_PART = 255 };

/* What a writer's temporaries are called; no object may be. */
static const char temporary[] = ".tmp.";

bool store_part_is_valid(const char *part, size_t len)
{
    if (len == 0 || len > MAX_PART || (len == 1 && part[0] == '.') ||
        (len == 2 && part[0] == '.' && part[1] == '.') ||
        (len >= strlen(temporary) && memcmp(part, temporary, strlen(temporary)) == 0))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)part[i] < 0x20 || part[i] == 0x7f || part[i] == '/')
            return false;
    return utf8_is_valid(part, len);
}

bool store_name_is_valid(const char *name)
{
    if (strlen(name) > MAX_NAME)
        return false;
    for (;;) {
        size_t len = strcspn(name, "/");
        if (!store_part_is_valid(name, len))
            return false;
        if (!name[len])
            return true;
        name += len + 1;
    }
}
