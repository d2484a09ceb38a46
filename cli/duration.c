#include "cli/duration.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOUR_MS = 3600000,
    HOURS_MAX = 24 * 366 * 10,
};

int64_t duration_parse(const char *text)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', HOUR_MS}, {'d', 24 * (int64_t)HOUR_MS}};
    size_t digits = strspn(text, "0123456789");
    long long number = strtoll(text, NULL, 10);
    if (digits == 0 || number <= 0 || number > HOURS_MAX * 3600LL || text[digits] == '\0' ||
        text[digits + 1] != '\0') {
        return 0;
    }
    for (size_t index = 0; index < sizeof units / sizeof units[0]; index++) {
        int64_t ms = number * units[index].ms;
        if (units[index].unit == text[digits] && ms <= (int64_t)HOURS_MAX * HOUR_MS) {
            return ms;
        }
    }
    return 0;
}
