/* Apart from digest.c, so that a pure stage can check a digest's form without OpenSSL. */
#include "common/digest.h"

#include <string.h>

bool digest_is_hex(const char *text)
{
    return strlen(text) == DIGEST_LEN && strspn(text, "0123456789abcdef") == DIGEST_LEN;
}
