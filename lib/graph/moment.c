#include "graph/moment.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* n digits at text as a number, -1 if they are not digits. */
static int digits(const char *text, size_t n)
{
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool parse_date(const char *text, int *year, int *month, int *day)
{
    *year = digits(text, 4);
    *month = digits(text + 5, 2);
    *day = digits(text + 8, 2);
    return *year >= 0 && text[4] == '-' && *month >= 1 && *month <= 12 && text[7] == '-' &&
           *day >= 1 && *day <= days_in(*year, *month);
}

bool moment_date_is_valid(const char *text, size_t len)
{
    int year, month, day;
    return len == 10 && parse_date(text, &year, &month, &day);
}

/* Minutes east of UTC from "Z" or "+hh:mm"; false if it is neither. */
static bool parse_offset(const char *text, size_t len, int *minutes)
{
    *minutes = 0;
    if (len == 1)
        return *text == 'Z' || *text == 'z';
    if (len != 6 || (*text != '+' && *text != '-') || text[3] != ':')
        return false;
    int hours = digits(text + 1, 2), rest = digits(text + 4, 2);
    if (hours < 0 || hours > 23 || rest < 0 || rest > 59)
        return false;
    *minutes = (hours * 60 + rest) * (*text == '-' ? -1 : 1);
    return true;
}

/* Moves a day by -1, 0 or 1. */
static void move_day(int by, int *year, int *month, int *day)
{
    *day += by;
    if (*day == 0) {
        if (--*month == 0) {
            *month = 12;
            --*year;
        }
        *day = days_in(*year < 0 ? 0 : *year, *month);
    } else if (*day > days_in(*year, *month)) {
        *day = 1;
        if (++*month == 13) {
            *month = 1;
            ++*year;
        }
    }
}

bool moment_parse(const char *text, size_t len, struct moment *out)
{
    int year, month, day, offset;
    if (len < 20 || !parse_date(text, &year, &month, &day) ||
        (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
        return false;
    int hour = digits(text + 11, 2), minute = digits(text + 14, 2), second = digits(text + 17, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    char fraction[10] = "000000000";
    size_t at = 19;
    if (text[at] == '.') {
        size_t n = strspn(text + at + 1, "0123456789");
        if (n == 0 || n > 9 || at + 1 + n >= len)
            return false;
        memcpy(fraction, text + at + 1, n);
        at += 1 + n;
    }
    if (!parse_offset(text + at, len - at, &offset))
        return false;
    int minutes = hour * 60 + minute - offset; /* -1439 to 2878: at most one day away */
    int by = minutes < 0 ? -1 : minutes >= 1440 ? 1 : 0;
    minutes -= by * 1440;
    move_day(by, &year, &month, &day);
    if (year < 0 || year > 9999)
        return false;
    int n = snprintf(out->text, sizeof out->text, "%04d-%02d-%02dT%02d:%02d:%02d.%sZ", year, month,
                     day, minutes / 60, minutes % 60, second, fraction);
    return n == MOMENT_LEN;
}

size_t moment_short_len(const char *text, size_t len)
{
    if (len != MOMENT_LEN)
        return len ? len - 1 : 0;
    len--; /* the Z */
    while (text[len - 1] == '0' && len > 19)
        len--;
    return text[len - 1] == '.' ? len - 1 : len;
}
