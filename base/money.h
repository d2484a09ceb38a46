#ifndef TROUPE_BASE_MONEY_H
#define TROUPE_BASE_MONEY_H

/*
 * Money: US dollars as whole micro-dollars, so that sums are exact. In texts and JSON it is a
 * decimal number of dollars with at most six places. Pure.
 */

#include <stdbool.h>
#include <stdint.h>
#include "base/json_writer.h"

enum {
    MONEY_TEXT_SIZE = 32, /* bytes of any amount as text, its NUL included */
    MONEY_USD = 1000000,  /* micro-dollars */
};

/* Reads digits with at most six places behind a point, up to max. False when it is anything else:
 * signs, exponents and blanks too. */
bool money_parse(const char *text, uint64_t max, uint64_t *out);

/* Takes a JSON number. False when it is negative, above max, or has more than six places. */
bool money_of_number(double number, uint64_t max, uint64_t *out);

/* Writes an amount without needless zeros: "0", "0.02", "12.5". Returns out. */
const char *money_format(uint64_t amount, char out[MONEY_TEXT_SIZE]);

/* Writes a member whose value is the amount as a JSON number. */
void json_member_money(struct json_writer *writer, const char *name, uint64_t amount);

#endif
