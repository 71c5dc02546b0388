#include "common/timestamp.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t timestamp_now_ms(void)
{
#ifdef CLUSTER_TEST
    const char *fixed = getenv("CLUSTER_TEST_CLOCK");
    if (fixed)
        return strtoll(fixed, NULL, 10);
#endif
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct timestamp timestamp_format(int64_t ms)
{
    struct timestamp stamp = {""};
    time_t seconds = (time_t)(ms / 1000);
    int fraction = (int)(ms % 1000);
    if (fraction < 0) {
        fraction += 1000;
        seconds--;
    }
    struct tm utc;
    char date[24];
    if (gmtime_r(&seconds, &utc) && strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc) > 0)
        snprintf(stamp.text, sizeof stamp.text, "%s.%03dZ", date, fraction);
    return stamp;
}

struct timestamp timestamp_now(void)
{
    return timestamp_format(timestamp_now_ms());
}

/* n digits as a number, or -1. */
static int digits(const char **at, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool skip(const char **at, const char *any)
{
    if (!**at || !strchr(any, **at))
        return false;
    (*at)++;
    return true;
}

static bool read_offset(const char **at, int *minutes)
{
    *minutes = 0;
    if (skip(at, "Zz"))
        return true;
    char sign = **at;
    if (!skip(at, "+-"))
        return false;
    int h = digits(at, 2);
    if (h < 0 || h > 23 || !skip(at, ":"))
        return false;
    int m = digits(at, 2);
    if (m < 0 || m > 59)
        return false;
    *minutes = (h * 60 + m) * (sign == '-' ? -1 : 1);
    return true;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool timestamp_parse(const char *text, int64_t *ms)
{
    const char *at = text;
    int year = digits(&at, 4);
    if (year < 0 || !skip(&at, "-"))
        return false;
    int month = digits(&at, 2);
    if (month < 1 || month > 12 || !skip(&at, "-"))
        return false;
    int day = digits(&at, 2);
    if (day < 1 || day > days_in(year, month) || !skip(&at, "Tt"))
        return false;
    int hour = digits(&at, 2);
    if (hour < 0 || hour > 23 || !skip(&at, ":"))
        return false;
    int minute = digits(&at, 2);
    if (minute < 0 || minute > 59 || !skip(&at, ":"))
        return false;
    int second = digits(&at, 2);
    if (second < 0 || second > 60)
        return false;
    int fraction = 0;
    if (skip(&at, ".")) {
        int scale = 100;
        if (!isdigit((unsigned char)*at))
            return false;
        for (; isdigit((unsigned char)*at); at++, scale /= 10)
            fraction += (*at - '0') * scale;
    }
    int offset;
    if (!read_offset(&at, &offset) || *at)
        return false;
    struct tm utc = {.tm_year = year - 1900,
                     .tm_mon = month - 1,
                     .tm_mday = day,
                     .tm_hour = hour,
                     .tm_min = minute,
                     .tm_sec = second};
    *ms = ((int64_t)timegm(&utc) - (int64_t)offset * 60) * 1000 + fraction;
    return true;
}
