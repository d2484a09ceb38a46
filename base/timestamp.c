#include "base/timestamp.h"

#include <stdbool.h>

enum {
    YEAR_FIRST = 1970,
};

/* The end of 9999: a zone behind UTC, or a leap second, leads beyond it. */
static const int64_t MOMENT_MAX = INT64_C(253402300799999);

/* Takes a number of exactly so many digits off the front. Returns -1 when there is none. */
static int take_number(struct slice *text, size_t digit_count)
{
    int number = 0;
    if (text->size < digit_count) {
        return -1;
    }
    for (size_t index = 0; index < digit_count; index++) {
        uint8_t byte = text->data[index];
        if (byte < '0' || byte > '9') {
            return -1;
        }
        number = number * 10 + (byte - '0');
    }
    *text = slice_make(text->data + digit_count, text->size - digit_count);
    return number;
}

/* Takes one of two bytes off the front. */
static bool take_byte(struct slice *text, char byte, char other)
{
    if (text->size == 0 || (text->data[0] != byte && text->data[0] != other)) {
        return false;
    }
    *text = slice_make(text->data + 1, text->size - 1);
    return true;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* Days since 1970 of the first day of a year. */
static int64_t days_before_year(int year)
{
    int64_t past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400 - 719162;
}

static bool take_date(struct slice *text, int64_t *days)
{
    int year = take_number(text, 4);
    bool dash = take_byte(text, '-', '-');
    int month = take_number(text, 2);
    dash = dash && take_byte(text, '-', '-');
    int day = take_number(text, 2);
    if (!dash || year < YEAR_FIRST || month < 1 || month > 12 || day < 1 ||
        day > days_of_month(year, month)) {
        return false;
    }
    *days = days_before_year(year) + day - 1;
    for (int before = 1; before < month; before++) {
        *days += days_of_month(year, before);
    }
    return true;
}

/* Hours and minutes, in minutes; -1 when they are none. */
static int take_minutes(struct slice *text)
{
    int hour = take_number(text, 2);
    bool colon = take_byte(text, ':', ':');
    int minute = take_number(text, 2);
    return colon && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 ? hour * 60 + minute : -1;
}

/* Takes `.` and digits, or nothing. Returns milliseconds, -1 for a dot alone. */
static int take_fraction(struct slice *text)
{
    int milliseconds = 0;
    int weight = 100;
    if (!take_byte(text, '.', '.')) {
        return 0;
    }
    int digit = take_number(text, 1);
    if (digit < 0) {
        return -1;
    }
    while (digit >= 0) {
        milliseconds += digit * weight;
        weight /= 10;
        digit = take_number(text, 1);
    }
    return milliseconds;
}

/* The zone's minutes ahead of UTC. */
static bool take_zone(struct slice *text, int *ahead)
{
    *ahead = 0;
    if (take_byte(text, 'Z', 'z')) {
        return true;
    }
    bool is_behind = text->size > 0 && text->data[0] == '-';
    if (!take_byte(text, '+', '-')) {
        return false;
    }
    int minutes = take_minutes(text);
    *ahead = is_behind ? -minutes : minutes;
    return minutes >= 0;
}

enum status timestamp_parse(struct slice text, int64_t *time_ms)
{
    int64_t days = 0;
    int ahead = 0;
    if (!take_date(&text, &days) || !take_byte(&text, 'T', 't')) {
        return STATUS_MALFORMED;
    }
    int minutes = take_minutes(&text);
    bool colon = take_byte(&text, ':', ':');
    int second = take_number(&text, 2); /* 60 is a leap second: the next minute's first */
    int milliseconds = take_fraction(&text);
    bool is_good = minutes >= 0 && colon && second >= 0 && second <= 60 && milliseconds >= 0 &&
                   take_zone(&text, &ahead) && text.size == 0;
    int64_t moment = ((days * 1440 + minutes - ahead) * 60 + second) * 1000 + milliseconds;
    if (!is_good || moment < 0 || moment > MOMENT_MAX) {
        return STATUS_MALFORMED;
    }
    *time_ms = moment;
    return STATUS_OK;
}
