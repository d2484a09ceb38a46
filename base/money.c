#include "base/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    PLACES = 6,
};
#define ROUNDING 0.001 /* micro-dollars that a binary number may be beside its decimal one */

static bool take_digit(char digit, uint64_t max, uint64_t *value)
{
    if (digit < '0' || digit > '9' || *value > max) {
        return false;
    }
    *value = *value * 10 + (uint64_t)(digit - '0');
    return true;
}

bool money_parse(const char *text, uint64_t max, uint64_t *out)
{
    const char *point = strchr(text, '.');
    size_t whole = point == NULL ? strlen(text) : (size_t)(point - text);
    size_t places = point == NULL ? 0 : strlen(point + 1);
    uint64_t value = 0;
    if (whole == 0 || (point != NULL && places == 0) || places > PLACES || max > INT64_MAX / 10) {
        return false;
    }
    for (size_t index = 0; index < whole + PLACES; index++) {
        size_t at = index < whole ? index : index + 1;
        char digit = index < whole + places ? text[at] : '0';
        if (!take_digit(digit, max, &value)) {
            return false;
        }
    }
    *out = value;
    return value <= max;
}

bool money_of_number(double number, uint64_t max, uint64_t *out)
{
    double scaled = number * MONEY_USD;
    if (!(scaled >= 0 && scaled <= (double)max)) {
        return false;
    }
    *out = (uint64_t)(scaled + 0.5);
    double rest = scaled - (double)*out;
    return rest > -ROUNDING && rest < ROUNDING && *out <= max;
}

const char *money_format(uint64_t amount, char out[MONEY_TEXT_SIZE])
{
    int size = snprintf(out, MONEY_TEXT_SIZE, "%" PRIu64 ".%06" PRIu64, amount / MONEY_USD,
                        amount % MONEY_USD);
    while (out[size - 1] == '0') {
        out[--size] = '\0';
    }
    if (out[size - 1] == '.') {
        out[size - 1] = '\0';
    }
    return out;
}

void json_member_money(struct json_writer *writer, const char *name, uint64_t amount)
{
    char text[MONEY_TEXT_SIZE];
    json_name(writer, name);
    json_put_raw(writer, slice_from_string(money_format(amount, text)));
}
