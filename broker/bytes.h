#ifndef TROUPE_BROKER_BYTES_H
#define TROUPE_BROKER_BYTES_H

/*
 * Integers as bytes: big endian in keys, so that they sort as numbers, little endian in values.
 * Each writer returns the place behind what it wrote.
 */

#include <endian.h>
#include "base/slice.h"

static inline uint8_t *bytes_put(uint8_t *out, const void *data, size_t size)
{
    if (size > 0) {
        memcpy(out, data, size);
    }
    return out + size;
}

static inline uint8_t *bytes_put_big_32(uint8_t *out, uint32_t value)
{
    value = htobe32(value);
    return bytes_put(out, &value, sizeof value);
}

static inline uint8_t *bytes_put_big_64(uint8_t *out, uint64_t value)
{
    value = htobe64(value);
    return bytes_put(out, &value, sizeof value);
}

static inline uint8_t *bytes_put_16(uint8_t *out, uint16_t value)
{
    value = htole16(value);
    return bytes_put(out, &value, sizeof value);
}

static inline uint8_t *bytes_put_32(uint8_t *out, uint32_t value)
{
    value = htole32(value);
    return bytes_put(out, &value, sizeof value);
}

static inline uint8_t *bytes_put_64(uint8_t *out, uint64_t value)
{
    value = htole64(value);
    return bytes_put(out, &value, sizeof value);
}

static inline uint32_t bytes_get_big_32(const uint8_t *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return be32toh(value);
}

static inline uint64_t bytes_get_big_64(const uint8_t *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return be64toh(value);
}

static inline uint16_t bytes_get_16(const uint8_t *from)
{
    uint16_t value;
    memcpy(&value, from, sizeof value);
    return le16toh(value);
}

static inline uint32_t bytes_get_32(const uint8_t *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return le32toh(value);
}

static inline uint64_t bytes_get_64(const uint8_t *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return le64toh(value);
}

#endif
