#include "common/ulid.h"

#include "common/timestamp.h"
#include "common/xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* getrandom(2) for up to 256 bytes neither fails nor is cut short once the pool is up. */
static void random_bytes(unsigned char *out, size_t len)
{
    while (getrandom(out, len, 0) != (ssize_t)len)
        continue;
}

/* The random part as a number that can be raised by one within the same millisecond. */
static void raise(unsigned char random[10])
{
    for (int i = 9; i >= 0; i--)
        if (++random[i] != 0)
            return;
}

struct ulid ulid_new(void)
{
    static uint64_t last_ms;
    static unsigned char random[10];
    uint64_t ms = (uint64_t)timestamp_now_ms();
    if (ms <= last_ms) {
        raise(random);
    } else {
        random_bytes(random, sizeof random);
        random[0] &= 0x7f; /* leaves room to raise */
        last_ms = ms;
    }
    struct ulid ulid;
    for (int i = 0; i < 10; i++)
        ulid.text[i] = alphabet[(last_ms >> (45 - 5 * i)) & 31];
    for (int i = 0; i < 16; i++) {
        unsigned value = 0;
        for (int bit = 0; bit < 5; bit++) {
            int at = i * 5 + bit;
            value = value << 1 | ((unsigned)random[at / 8] >> (7 - at % 8) & 1u);
        }
        ulid.text[10 + i] = alphabet[value];
    }
    ulid.text[26] = '\0';
    return ulid;
}

bool ulid_is_valid(const char *text)
{
    return strlen(text) == 26 && strspn(text, alphabet) == 26 && text[0] <= '7';
}
