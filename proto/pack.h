#ifndef TROUPE_PROTO_PACK_H
#define TROUPE_PROTO_PACK_H

/*
 * Packs msgpack into memory that is known to be large enough: the sizes are told first, so that a
 * record needs one reservation and no check for each value. The bytes are msgpack-c's work (its
 * packer is inline and writes through our callback, which the compiler sees through): packing by
 * hand was measured at the same speed, so the library that is well tested does it. This is the only
 * file that includes a header of msgpack-c; nothing links its code.
 */

#include <msgpack/pack.h>
#include "base/slice.h"

/* ---- sizes of packed values: the shortest form, as msgpack-c packs ---- */

static inline size_t pack_number_size(uint64_t value)
{
    return value < 0x80          ? 1
           : value <= UINT8_MAX  ? 2
           : value <= UINT16_MAX ? 3
           : value <= UINT32_MAX ? 5
                                 : 9;
}

static inline size_t pack_text_size(size_t size)
{
    return size + (size < 32 ? 1 : size <= UINT8_MAX ? 2 : size <= UINT16_MAX ? 3 : 5);
}

static inline size_t pack_bytes_size(size_t size)
{
    return size + (size <= UINT8_MAX ? 2 : size <= UINT16_MAX ? 3 : 5);
}

static inline size_t pack_map_size(uint32_t count)
{
    return count < 16 ? 1 : count <= UINT16_MAX ? 3 : 5;
}

/* ---- values: each packs at `at` and returns where the next one goes ---- */

static inline int pack_append(void *data, const char *bytes, size_t size)
{
    uint8_t **at = data;
    memcpy(*at, bytes, size);
    *at += size;
    return 0;
}

static inline msgpack_packer packer_make(uint8_t **at)
{
    return (msgpack_packer){at, pack_append};
}

static inline uint8_t *pack_number(uint8_t *at, uint64_t value)
{
    msgpack_packer packer = packer_make(&at);
    msgpack_pack_uint64(&packer, value);
    return at;
}

static inline uint8_t *pack_flag(uint8_t *at, bool value)
{
    msgpack_packer packer = packer_make(&at);
    if (value) {
        msgpack_pack_true(&packer);
    } else {
        msgpack_pack_false(&packer);
    }
    return at;
}

static inline uint8_t *pack_text(uint8_t *at, struct slice text)
{
    msgpack_packer packer = packer_make(&at);
    msgpack_pack_str(&packer, text.size);
    if (text.size > 0) {
        msgpack_pack_str_body(&packer, text.data, text.size);
    }
    return at;
}

static inline uint8_t *pack_bytes(uint8_t *at, struct slice bytes)
{
    msgpack_packer packer = packer_make(&at);
    msgpack_pack_bin(&packer, bytes.size);
    if (bytes.size > 0) {
        msgpack_pack_bin_body(&packer, bytes.data, bytes.size);
    }
    return at;
}

static inline uint8_t *pack_map(uint8_t *at, uint32_t count)
{
    msgpack_packer packer = packer_make(&at);
    msgpack_pack_map(&packer, count);
    return at;
}

static inline uint8_t *pack_array(uint8_t *at, uint32_t count)
{
    msgpack_packer packer = packer_make(&at);
    msgpack_pack_array(&packer, count);
    return at;
}

/* An array's head of always PACK_ARRAY_WIDE_SIZE bytes, so that its count can be written later.
 * msgpack-c has no such form. */
enum {
    PACK_ARRAY_WIDE_SIZE = 5,
};

static inline uint8_t *pack_array_wide(uint8_t *at, uint32_t count)
{
    const uint8_t head[PACK_ARRAY_WIDE_SIZE] = {0xdd, (uint8_t)(count >> 24),
                                                (uint8_t)(count >> 16), (uint8_t)(count >> 8),
                                                (uint8_t)count};
    memcpy(at, head, sizeof(head));
    return at + sizeof(head);
}

#endif
