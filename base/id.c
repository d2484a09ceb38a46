#include "base/id.h"

#include <assert.h>
#include "base/encoding.h"

_Static_assert(ID_SLOT_COUNT == 1 << 12, "a slot is 12 bits");

uint16_t id_slot_of_owner(struct slice owner)
{
    uint8_t hash[SHA256_SIZE];
    sha256(owner, hash);
    return (uint16_t)(hash[0] << 4 | hash[1] >> 4);
}

struct id id_make(uint16_t slot, const uint8_t random[ID_SIZE])
{
    assert(slot < ID_SLOT_COUNT);
    struct id id;
    memcpy(id.bytes, random, ID_SIZE);
    id.bytes[0] = (uint8_t)(slot >> 4);
    id.bytes[1] = (uint8_t)((slot & 15) << 4 | (random[1] & 15));
    id.bytes[6] = (uint8_t)(0x40 | (random[6] & 0x0f)); /* version 4 */
    id.bytes[8] = (uint8_t)(0x80 | (random[8] & 0x3f)); /* variant of RFC 9562 */
    return id;
}

uint16_t id_slot(const struct id *id)
{
    return (uint16_t)(id->bytes[0] << 4 | id->bytes[1] >> 4);
}

static int digit_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool is_dash(size_t position)
{
    return position == 8 || position == 13 || position == 18 || position == 23;
}

enum status id_parse(struct slice text, struct id *out)
{
    struct id id;
    size_t nibble = 0;
    if (text.size != ID_TEXT_SIZE - 1) {
        return STATUS_MALFORMED;
    }
    for (size_t position = 0; position < text.size; position++) {
        if (is_dash(position)) {
            if (text.data[position] != '-') {
                return STATUS_MALFORMED;
            }
            continue;
        }
        int value = digit_value(text.data[position]);
        if (value < 0) {
            return STATUS_MALFORMED;
        }
        uint8_t *byte = &id.bytes[nibble / 2];
        *byte = (uint8_t)(nibble % 2 == 0 ? value << 4 : *byte | value);
        nibble++;
    }
    if ((id.bytes[6] & 0xf0) != 0x40 || (id.bytes[8] & 0xc0) != 0x80) {
        return STATUS_MALFORMED;
    }
    *out = id;
    return STATUS_OK;
}

void id_format(const struct id *id, char out[ID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    size_t position = 0;
    for (size_t index = 0; index < ID_SIZE; index++) {
        out[position++] = digits[id->bytes[index] >> 4];
        out[position++] = digits[id->bytes[index] & 15];
        if (is_dash(position)) {
            out[position++] = '-';
        }
    }
    out[position] = '\0';
}

void display_id_make(const uint8_t random[5], char out[DISPLAY_ID_TEXT_SIZE])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint64_t bits = 0;
    for (int index = 0; index < 5; index++) {
        bits = bits << 8 | random[index];
    }
    for (int index = 0; index < 8; index++) {
        out[index] = letters[bits >> (35 - 5 * index) & 31];
    }
    out[8] = '\0';
}

bool id_equal(const struct id *left, const struct id *right)
{
    return memcmp(left->bytes, right->bytes, ID_SIZE) == 0;
}

bool id_is_zero(const struct id *id)
{
    static const struct id zero;
    return id_equal(id, &zero);
}
